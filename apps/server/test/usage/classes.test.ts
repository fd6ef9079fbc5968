import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { TieringRule } from '@skycrate/contract/storage/rule-schemas'
import { testDatabase } from '../../src/db/test-database.ts'
import type { Person } from '../../src/objects/object-jobs.ts'
import type { Restored } from '../../src/objects/class-job.ts'
import { startS3Fixture } from '../homes/s3-fixture.ts'
import { startS3Proxy } from '../homes/s3-proxy.ts'
import { addUser, ORIGIN } from '../homes/test-homes.ts'
import { allow, testObjects } from '../objects/test-objects.ts'
import { testUsage } from './test-usage.ts'

const BUCKET = 'class-files'

test('a folder gets another class with its metadata and tags; what the caller may not write stays', async () => {
  await using database = await testDatabase()
  await using s3 = await startS3Fixture()
  const ada: Person = { userId: await addUser(database), groups: [] }
  await s3.client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  await allow(database, ada, BUCKET, 'mine/', ['read', 'write', 'list'])
  const tagged = { Metadata: { origin: 'camera' }, ContentType: 'image/png', Tagging: 'project=moon' }
  for (const Key of ['mine/a', 'mine/b/c', 'theirs/d']) {
    await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key, ...tagged }))
  }
  const classOf = async (Key: string) =>
    (await s3.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }))).StorageClass ?? 'STANDARD'
  await using objects = await testObjects({ database, endpoint: s3.url })
  const { operations } = objects

  const { id } = await operations.changeClass(
    ada,
    { bucket: BUCKET, prefix: 'mine/', storageClass: 'STANDARD_IA' },
    ORIGIN,
  )
  const job = await objects.ended(id, ada)
  assert.equal(job.state, 'done', job.problem?.detail ?? '')
  assert.deepEqual(job.progress, { done: 2, total: 2 })
  assert.deepEqual(await Promise.all(['mine/a', 'mine/b/c', 'theirs/d'].map(classOf)), [
    'STANDARD_IA',
    'STANDARD_IA',
    'STANDARD',
  ])
  const head = await s3.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'mine/a' }))
  assert.deepEqual([head.Metadata, head.ContentType], [{ origin: 'camera' }, 'image/png'])
  const { TagSet } = await s3.client.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key: 'mine/a' }))
  assert.deepEqual(TagSet, [{ Key: 'project', Value: 'moon' }])

  const back = await operations.changeClass(ada, { bucket: BUCKET, key: 'mine/a', storageClass: 'STANDARD' }, ORIGIN)
  assert.equal((await objects.ended(back.id, ada)).state, 'done')
  assert.equal(await classOf('mine/a'), 'STANDARD')

  const ask = (request: object) =>
    operations.changeClass(ada, { bucket: BUCKET, storageClass: 'STANDARD_IA', ...request }, ORIGIN)
  await assert.rejects(ask({ prefix: 'theirs/' }), { code: 'forbidden' })
  await assert.rejects(ask({ key: 'mine/a', storageClass: 'LUKEWARM' }), { code: 'invalid-request' })
  await assert.rejects(ask({ key: 'mine/a', prefix: 'mine/' }), { code: 'invalid-request' })
  const [row] = await database.query<{ n: number }>(
    `select count(*) as n from audit_events
     where action = 'object.change-class' and outcome = 'allow' and detail->>'storageClass' is not null`,
  )
  assert.equal(row?.n, 3)
})

test('archived objects are restored and copied; an archive that takes its time is asked again, and the person is told once', async () => {
  await using database = await testDatabase()
  await using s3 = await startS3Fixture()
  const ada: Person = { userId: await addUser(database), groups: [] }
  await s3.client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  await allow(database, ada, BUCKET, '', ['read', 'write', 'list'])
  const archived = ['old/a', 'old/b', 'old/c'] as const
  for (const Key of archived) {
    await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key, StorageClass: 'GLACIER' }))
  }
  await s3.client.send(
    new PutObjectCommand({ Bucket: BUCKET, Key: 'old/plain', Body: 'x', StorageClass: 'STANDARD_IA' }),
  )
  const told: Restored[] = []
  // The store restores at once. Before it, the first requests for two of the objects are answered as an archive does that needs hours.
  const asked = new Map<string, number>()
  await using slow = await startS3Proxy(s3.url, {
    before: ({ method, path }) => {
      if (method !== 'POST' || !path.includes('restore') || path.includes('old/a')) return 'forward'
      const key = path.split('?')[0]!
      asked.set(key, (asked.get(key) ?? 0) + 1)
      if (asked.get(key) === 1) return { status: 202, body: '' }
      return asked.get(key) === 2
        ? { status: 409, body: '<Error><Code>RestoreAlreadyInProgress</Code></Error>' }
        : 'forward'
    },
  })
  await using objects = await testObjects({
    database,
    endpoint: slow.url,
    archiveLookMs: 300,
    tellRestored: async (_, restored) => void told.push(restored),
  })
  const { id } = await objects.operations.changeClass(
    ada,
    { bucket: BUCKET, prefix: 'old/', storageClass: 'STANDARD' },
    ORIGIN,
  )
  const paused = await (async () => {
    for (;;) {
      const job = await objects.jobs.find(id, { userId: ada.userId, isAdmin: false })
      if (job.about?.waiting !== undefined || job.state === 'failed') return job
      await sleep(10)
    }
  })()
  assert.deepEqual([paused.about?.waiting, paused.problem], [2, undefined])
  const job = await objects.ended(id, ada)
  assert.deepEqual([job.state, job.progress, job.about?.failed], ['done', { done: 4, total: 4 }, undefined])
  assert.deepEqual([...asked.values()], [3, 3])
  for (const Key of [...archived, 'old/plain']) {
    const { StorageClass = 'STANDARD' } = await s3.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }))
    assert.equal(StorageClass, 'STANDARD', Key)
  }
  assert.deepEqual(told, [{ userId: ada.userId, bucket: BUCKET, done: 4, failed: 0 }])
})

test('a store without an archive says so of each object, and nobody waits', async () => {
  await using database = await testDatabase()
  await using s3 = await startS3Fixture()
  const ada: Person = { userId: await addUser(database), groups: [] }
  await s3.client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  await allow(database, ada, BUCKET, '', ['read', 'write', 'list'])
  await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'x', StorageClass: 'GLACIER' }))
  await using none = await startS3Proxy(s3.url, {
    before: ({ method, path }) =>
      method === 'POST' && path.includes('restore')
        ? { status: 501, body: '<Error><Code>NotImplemented</Code></Error>' }
        : 'forward',
  })
  await using objects = await testObjects({ database, endpoint: none.url })
  const { id } = await objects.operations.changeClass(
    ada,
    { bucket: BUCKET, key: 'a', storageClass: 'STANDARD' },
    ORIGIN,
  )
  const job = await objects.ended(id, ada)
  assert.deepEqual([job.state, job.about?.failed, job.about?.waiting], ['done', 1, undefined])
})

test('rules are previewed, applied beside those of others, and undone', async () => {
  await using database = await testDatabase()
  await using s3 = await startS3Fixture()
  const userId = await addUser(database)
  await s3.client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  await database.query(
    `insert into buckets (store, name, kind, state, adopted) values ('default', $1, 'registered', 'ready', true)`,
    [BUCKET],
  )
  const theirs = { ID: 'logs', Status: 'Enabled', Filter: { Prefix: 'logs/' }, Expiration: { Days: 9 } } as const
  await s3.client.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket: BUCKET, LifecycleConfiguration: { Rules: [theirs] } }),
  )
  const atStore = async () =>
    (await s3.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: BUCKET }))).Rules ?? []
  await using usage = await testUsage({ database, endpoint: s3.url, works: false })
  const { storage } = usage
  const change = (rules: TieringRule[], more: { preview?: boolean; ifMatch?: string } = {}) =>
    storage.changeRules(
      'default',
      BUCKET,
      { rules, preview: more.preview ?? false },
      {
        userId,
        origin: ORIGIN,
        ifMatch: more.ifMatch,
      },
    )

  const rules: TieringRule[] = [
    { prefix: 'archive/', minBytes: 131_072, state: 'current', afterDays: 30, toClass: 'GLACIER_IR' },
    {
      prefix: '',
      minBytes: 1_048_576,
      tag: { key: 'cold', value: '1' },
      state: 'current',
      afterDays: 0,
      toClass: 'GLACIER_IR',
    },
    { prefix: '', minBytes: 131_072, state: 'noncurrent', afterDays: 7, toClass: 'GLACIER_IR' },
    { prefix: 'x/', minBytes: 0, state: 'noncurrent', afterDays: 90, toClass: null },
    { prefix: '', minBytes: 0, state: 'upload', afterDays: 7, toClass: null },
  ]
  const first = await storage.rules('default', BUCKET)
  assert.deepEqual([first.rules, first.others], [[], 1])
  const preview = await change(rules, { preview: true })
  assert.deepEqual([preview.rules, preview.before], [rules, []])
  assert.deepEqual(await atStore(), [theirs])

  const applied = await change(rules, { ifMatch: `"${first.version}"` })
  const key = (rule: TieringRule): string =>
    JSON.stringify(Object.entries(rule).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  assert.deepEqual(applied.rules.map(key).toSorted(), rules.map(key).toSorted())
  assert.deepEqual([applied.others, applied.before], [1, []])
  assert.deepEqual(
    (await atStore()).filter(({ ID }) => ID === 'logs'),
    [theirs],
  )
  await assert.rejects(change([], { ifMatch: `"${first.version}"` }), { code: 'precondition-failed' })
  assert.equal((await atStore()).length, 6)

  const undone = await change(applied.before!, { ifMatch: `"${applied.version}"` })
  assert.deepEqual([undone.rules, undone.version], [[], first.version])
  assert.deepEqual(await atStore(), [theirs])

  for (const wrong of [
    { ...rules[0]!, toClass: null },
    { ...rules[0]!, toClass: 'LUKEWARM' },
    { ...rules[0]!, toClass: 'STANDARD' },
    { ...rules[0]!, toClass: 'STANDARD_IA', afterDays: 29 },
    { ...rules[0]!, minBytes: 1000 },
    { ...rules[0]!, prefix: 'archive' },
    { ...rules[4]!, minBytes: 10 },
  ]) {
    await assert.rejects(change([wrong]), { code: 'invalid-request' }, JSON.stringify(wrong))
  }
  const [row] = await database.query<{ n: number }>(
    `select count(*) as n from audit_events where action = 'bucket.update' and outcome = 'allow'`,
  )
  assert.equal(row?.n, 2)
})
