import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { Action } from '@skycrate/core/access/operation'
import { pino } from 'pino'
import { createGate } from '../../src/access/create-gate.ts'
import { openPermissionCache } from '../../src/access/permission-cache.ts'
import { isProblem, origin } from '../../src/access/test-permissions.ts'
import { createAuditLog } from '../../src/audit/audit-writer.ts'
import { type TestDatabase, testDatabase } from '../../src/db/test-database.ts'
import { createMetadata } from '../../src/objects/metadata.ts'
import { createBucketPresences } from '../../src/stores/bucket-presences.ts'
import { type S3Fixture, startS3Fixture } from '../homes/s3-fixture.ts'
import { s3Error, startS3Proxy } from '../homes/s3-proxy.ts'
import { testStore } from '../homes/test-homes.ts'
import { allow } from './test-objects.ts'

const ada = { userId: 'usr_01hf7yat000000000000000001', groups: [] } as const
const BUCKET = 'metadata-test'
const KEY = 'a//b été.txt'
/** Nothing held is believed. */
const never = { isFresh: () => false, settled: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() }

let s3: S3Fixture
let database: TestDatabase
before(async () => {
  ;[s3, database] = await Promise.all([startS3Fixture(), testDatabase()])
  await s3.client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  await s3.client.send(
    new PutObjectCommand({
      Bucket: BUCKET,
      Key: KEY,
      Body: 'hello',
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      Metadata: { author: 'ada' },
      Tagging: 'b=2&a=1',
    }),
  )
})
after(async () => {
  await database[Symbol.asyncDispose]()
  await s3[Symbol.asyncDispose]()
})

async function open(actions: readonly Action[], endpoint = s3.url) {
  const stack = new AsyncDisposableStack()
  await database.query('delete from permissions')
  await database.query('truncate audit_events')
  if (actions.length > 0) await allow(database, ada, BUCKET, '', actions)
  const store = testStore(endpoint)
  stack.defer(() => store.close())
  const permissions = stack.use(await openPermissionCache(database, never))
  const audit = createAuditLog({ sql: database.hot, logger: pino({ level: 'silent' }), now: Date.now })
  const presences = createBucketPresences({ storeOf: () => store, now: Date.now })
  const gate = createGate({ permissions, audit, presences, now: Date.now })
  return {
    metadata: createMetadata({ gate, database, storeOf: () => store }),
    events: () => database.query('select action, outcome, reason, key from audit_events order by id'),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const place = { bucket: BUCKET, key: KEY }

test('metadata and tags are read with read, and changed with write; each is recorded', async () => {
  await using use = await open(['read', 'write'])
  const { lastModified, etag, ...told } = await use.metadata.describe(ada, place, origin)
  assert.deepEqual(told, {
    size: 5,
    storageClass: 'STANDARD',
    encryption: null,
    headers: [
      { name: 'content-type', value: 'text/plain' },
      { name: 'cache-control', value: 'no-cache' },
    ],
    metadata: [{ name: 'author', value: 'ada' }],
    tags: [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ],
  })
  assert.equal(etag, '5d41402abc4b2a76b9719d911017c592')
  assert.ok(!Number.isNaN(Date.parse(lastModified)))
  const tags = [
    { key: 'project', value: 'Größe 3 @ x:y/z' },
    { key: 'empty', value: '' },
  ]
  const sorted = tags.toReversed()
  assert.deepEqual(await use.metadata.setTags(ada, place, { tags }, origin), { tags: sorted })
  assert.deepEqual((await use.metadata.describe(ada, place, origin)).tags, sorted)
  await use.metadata.setTags(ada, place, { tags: [] }, origin)
  assert.deepEqual((await use.metadata.describe(ada, place, origin)).tags, [])
  assert.deepEqual(
    (await use.events()).map(({ action, outcome }) => `${String(action)} ${String(outcome)}`),
    ['object.describe allow', 'object.tag allow', 'object.describe allow', 'object.tag allow', 'object.describe allow'],
  )
  const [event] = await database.query<{ detail: { tags: unknown } }>(
    `select detail from audit_events where action = 'object.tag' order by id limit 1`,
  )
  assert.deepEqual(event?.detail.tags, tags)
})

test('of changes that go by the same tags one wins, and the others are told', async () => {
  // Whoever read before the first change has arrived would win as well.
  await using proxy = await startS3Proxy(s3.url, {
    before: async ({ method }) => {
      if (method === 'PUT') await sleep(100)
      return 'forward' as const
    },
  })
  await using use = await open(['read', 'write'], proxy.url)
  await use.metadata.setTags(ada, place, { tags: [{ key: 'n', value: 'start' }] }, origin)
  const expected = (await use.metadata.describe(ada, place, origin)).tags!
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, i) =>
      use.metadata.setTags(ada, place, { tags: [{ key: 'n', value: String(i) }], expected }, origin),
    ),
  )
  const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.tags] : []))
  assert.equal(won.length, 1)
  for (const result of results) {
    if (result.status === 'rejected') assert.ok(isProblem('precondition-failed')(result.reason))
  }
  assert.deepEqual((await use.metadata.describe(ada, place, origin)).tags, won[0])
  const refused = (await use.events()).filter(({ reason }) => reason === 'precondition-failed')
  assert.equal(refused.length, 7, 'what came to nothing is recorded as such')
  // In another order they are the same.
  const [a, b] = [
    { key: 'a', value: '1' },
    { key: 'b', value: '2' },
  ]
  await use.metadata.setTags(ada, place, { tags: [a, b] }, origin)
  await use.metadata.setTags(ada, place, { tags: [], expected: [b, a] }, origin)
  await use.metadata.setTags(ada, place, { tags: [a, b], expected: [] }, origin)
})

test('who may not read does not learn the tags by what they expect', async () => {
  await using use = await open(['write'])
  for (const expected of [[], [{ key: 'a', value: '1' }]]) {
    await assert.rejects(use.metadata.setTags(ada, place, { tags: [], expected }, origin), isProblem('forbidden'))
  }
})

test('whoever may not read is told nothing, and whoever may only read changes nothing', async () => {
  await using use = await open(['list', 'write'])
  await assert.rejects(use.metadata.describe(ada, place, origin), isProblem('forbidden'))
  await assert.rejects(use.metadata.describe(ada, { ...place, key: 'nowhere' }, origin), isProblem('forbidden'))
  assert.deepEqual(
    (await use.events()).map(({ outcome }) => outcome),
    ['deny', 'deny'],
  )
  await using reader = await open(['read'])
  const before = (await reader.metadata.describe(ada, place, origin)).tags
  const tags = [{ key: 'a', value: 'stolen' }]
  await assert.rejects(reader.metadata.setTags(ada, place, { tags }, origin), isProblem('forbidden'))
  assert.deepEqual((await reader.metadata.describe(ada, place, origin)).tags, before)
})

test('what is not there, and tags that cannot be, are told', async () => {
  await using use = await open(['read', 'write'])
  const nowhere = { ...place, key: 'nowhere' }
  await assert.rejects(use.metadata.describe(ada, nowhere, origin), isProblem('not-found'))
  await assert.rejects(use.metadata.setTags(ada, nowhere, { tags: [] }, origin), isProblem('not-found'))
  for (const tags of [
    [{ key: 'aws:x', value: '' }],
    [{ key: 'a', value: '<b>' }],
    [{ key: 'a!', value: '' }],
    [
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
    ],
  ]) {
    await assert.rejects(use.metadata.setTags(ada, place, { tags }, origin), isProblem('invalid-request'))
  }
  assert.deepEqual(
    (await use.events()).map(({ action, outcome, reason }) => [action, outcome, reason]),
    [
      ['object.describe', 'allow', null],
      ['object.describe', 'error', 'not-found'],
      ['object.tag', 'allow', null],
      ['object.tag', 'error', 'not-found'],
    ],
  )
})

test('of a store without tags the metadata is told all the same, and a change is refused as such', async () => {
  await using proxy = await startS3Proxy(s3.url, {
    before: ({ path }) => (path.includes('tagging') ? s3Error(501, 'NotImplemented') : 'forward'),
  })
  await using use = await open(['read', 'write'], proxy.url)
  const { tags, size } = await use.metadata.describe(ada, place, origin)
  assert.deepEqual({ tags, size }, { tags: null, size: 5 })
  await assert.rejects(use.metadata.setTags(ada, place, { tags: [] }, origin), isProblem('tags-unsupported'))
})
