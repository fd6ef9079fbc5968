import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { testDatabase } from '../../src/db/test-database.ts'
import type { Asker } from '../../src/usage/usage-scope.ts'
import { type S3Fixture, startS3Fixture } from '../homes/s3-fixture.ts'
import { startS3Proxy } from '../homes/s3-proxy.ts'
import { addUser, ORIGIN } from '../homes/test-homes.ts'
import { allow } from '../objects/test-objects.ts'
import { testUsage, type TestUsage } from './test-usage.ts'

const SCRIPT = fileURLToPath(new URL('usage-child.ts', import.meta.url))
const BUCKET = 'counted-files'
const OBJECTS = 2300
const AT_ONCE = 32

let database: Awaited<ReturnType<typeof testDatabase>>
let s3: S3Fixture
let admin: Asker
let ada: Asker
const sizeOf = (i: number): number => (i * 37) % 500

before(async () => {
  database = await testDatabase()
  s3 = await startS3Fixture()
  admin = { userId: await addUser(database), groups: [], isAdmin: true }
  ada = { userId: await addUser(database), groups: [], isAdmin: false }
  await s3.client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  await s3.client.send(
    new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }),
  )
  await database.query(`insert into buckets (store, name, kind, state) values ('default', $1, 'created', 'ready')`, [
    BUCKET,
  ])
  await allow(database, ada, BUCKET, 'deep/down/here/', ['read', 'list'])
  await allow(database, ada, BUCKET, 'f1/', ['read'])
  const put = (Key: string, bytes: number, StorageClass?: 'STANDARD_IA') =>
    s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Buffer.alloc(bytes, Key), StorageClass }))
  for (let i = 0; i < OBJECTS; i += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, OBJECTS - i) }, (_, at) =>
        put(`f${(i + at) % 3}/d${(i + at) % 7}/${i + at}`, sizeOf(i + at)),
      ),
    )
  }
  await put('deep/down/here/a', 1000, 'STANDARD_IA')
  await put('deep/down/here/a', 3000, 'STANDARD_IA')
  await put('deep/down/elsewhere', 10)
  await put('deep/gone', 77)
  await s3.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'deep/gone' }))
  await put('same-1', 5_000)
  await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'same-2', Body: Buffer.alloc(5_000, 'same-1') }))
  const upload = { Bucket: BUCKET, Key: 'zz/unfinished' }
  const { UploadId = '' } = await s3.client.send(new CreateMultipartUploadCommand(upload))
  await s3.client.send(new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: Buffer.alloc(123) }))
})

after(async () => {
  await s3?.[Symbol.asyncDispose]()
  await database?.[Symbol.asyncDispose]()
})

const bytesOfFolders = Array.from({ length: OBJECTS }, (_, i) => sizeOf(i)).reduce((sum, size) => sum + size, 0)
const TOTALS = {
  objects: OBJECTS + 4,
  bytes: bytesOfFolders + 3000 + 10 + 10_000,
  oldVersions: 2,
  oldBytes: 1077,
  unfinishedUploads: 1,
  unfinishedBytes: 123,
  deleteMarkers: 1,
}

async function ended(usage: TestUsage, id: string): Promise<void> {
  for (;;) {
    const job = await usage.jobs.find(id, admin)
    if (job.state !== 'queued' && job.state !== 'running') {
      assert.equal(job.state, 'done', job.problem?.detail ?? '')
      return
    }
    await sleep(20)
  }
}

test('an inventory whose processes are killed -9 between any two pages counts everything once', async () => {
  let child: ChildProcess | undefined
  let lists = 0
  let deaths = 0
  await using proxy = await startS3Proxy(s3.url, {
    before: ({ path }) => {
      if (path.includes('versions')) {
        lists += 1
        // Every other page, so that each process comes further than the one before.
        if (lists % 2 === 0) child?.kill('SIGKILL')
      }
      return 'forward'
    },
  })
  await using here = await testUsage({ database, endpoint: s3.url, works: false })
  const { id } = await here.storage.takeInventory(admin, { bucket: BUCKET }, ORIGIN)
  try {
    for (;;) {
      child = spawn(
        process.execPath,
        [SCRIPT, JSON.stringify({ connection: database.connection, endpoint: proxy.url })],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      )
      const died = once(child, 'exit').then(() => true)
      if ((await Promise.race([died, ended(here, id)])) !== true) break
      deaths += 1
    }
  } finally {
    child?.kill('SIGKILL')
  }
  assert.deepEqual([deaths, lists], [2, 5], 'no page was listed again but those that a process died at')
  const { totals } = await here.storage.stats(admin, 'all')
  assert.deepEqual(totals, TOTALS)
  const below = await here.storage.usage(admin, { scope: 'all', by: 'prefix', bucket: BUCKET })
  assert.deepEqual(
    below.rows.map(({ prefix, objects }) => `${prefix} ${objects}`).toSorted((a, b) => (a < b ? -1 : 1)),
    ['deep/ 2', ...[0, 1, 2].map((f) => `f${f}/ ${Math.ceil((OBJECTS - f) / 3)}`), 'zz/ 0'],
  )
})

test('statistics name what was found, and a person sees their own part of it alone', async () => {
  await using usage = await testUsage({ database, endpoint: s3.url })
  await database.query(
    `insert into audit_events (id, at, action, outcome, user_id, store, bucket, key, request_id)
     values ('evt_test_read', now(), 'object.get', 'allow', $1, 'default', $2, 'deep/down/here/a', 'req_test')`,
    [ada.userId, BUCKET],
  )
  const { id } = await usage.storage.takeInventory(admin, { bucket: BUCKET }, ORIGIN)
  await ended(usage, id)

  const all = await usage.storage.stats(admin, 'all')
  assert.deepEqual(all.totals, TOTALS)
  assert.deepEqual(all.inventories[0]?.difference, { objects: 0, bytes: 0 })
  assert.deepEqual(
    all.byClass.map(({ storageClass, objects, bytes }) => [storageClass, objects, bytes]),
    [
      ['STANDARD', OBJECTS + 5, bytesOfFolders + 10 + 10_000 + 77 + 123],
      ['STANDARD_IA', 2, 4000],
    ],
  )
  assert.equal(all.largest[0]?.size, 5000)
  assert.equal(all.oldest.length, 20)
  assert.deepEqual(
    all.duplicates.groups.find(({ size }) => size === 5000),
    { ...all.duplicates.groups[0], size: 5000, count: 2, keys: ['same-1', 'same-2'] },
  )
  assert.equal(all.neverRead.objects, TOTALS.objects - 1)
  assert.equal(all.growth.length, 1)
  assert.equal(all.growth[0]?.objects, TOTALS.objects)

  const [known] = await database.query<{ objects: number; old_bytes: number; unfinished_uploads: number }>(
    `select objects, old_bytes, unfinished_uploads from bucket_contents where bucket = $1`,
    [BUCKET],
  )
  assert.deepEqual(known, { objects: TOTALS.objects, old_bytes: TOTALS.oldBytes, unfinished_uploads: 1 })

  const own = await usage.storage.stats(ada, 'mine')
  assert.deepEqual(
    own.byLocation.map(({ prefix, objects }) => [prefix, objects]),
    [
      ['f1/', Math.ceil((OBJECTS - 1) / 3)],
      ['deep/down/here/', 1],
    ],
  )
  assert.ok(own.largest.every(({ key }) => key.startsWith('f1/') || key.startsWith('deep/down/here/')))
  assert.equal(own.duplicates.groups.length, 0)
  assert.equal(own.neverRead.objects, own.totals.objects - 1)
  await assert.rejects(usage.storage.stats(ada, 'all'), { code: 'forbidden' })
  await assert.rejects(usage.storage.usage(ada, { by: 'prefix', bucket: BUCKET, prefix: 'f0/' }), { code: 'forbidden' })
  assert.equal((await usage.storage.usage(ada, { by: 'prefix', bucket: BUCKET, prefix: 'f1/' })).rows.length, 7)
})

test('the bill of a month has floors, old versions and unfinished uploads', async () => {
  await using usage = await testUsage({ database, endpoint: s3.url, works: false })
  const costs = await usage.storage.costs(admin, 'all')
  const gib = 2 ** 30
  const standard = ((bytesOfFolders + 10 + 10_000 + 77 + 123) / gib) * 0.023
  const infrequent = ((2 * 131_072) / gib) * 0.0125
  const near = (found: number, wanted: number): void =>
    assert.ok(Math.abs(found - wanted) <= 1e-9 * Math.max(1, wanted), `${found} for ${wanted}`)
  near(costs.month.charges.storage, standard + infrequent)
  near(costs.month.oldVersions, (77 / gib) * 0.023 + (131_072 / gib) * 0.0125)
  near(costs.month.unfinishedUploads, (123 / gib) * 0.023)
  near(costs.month.charges.retrieval, (3000 / gib) * 0.01)
  assert.equal(costs.forecast.length, 12)
  assert.deepEqual(
    costs.month.byRegion.map(({ region, own }) => [region, own]),
    [['us-east-1', false]],
  )
  const own = await usage.storage.costs(ada, 'mine')
  assert.ok(own.month.total > 0 && own.month.total < costs.month.total)
  assert.deepEqual(own.month.byUser, [])
})

test('people have the buckets of their locations counted, each once in a quarter of an hour and no large one', async () => {
  let later = 60_000
  await using usage = await testUsage({ database, endpoint: s3.url, now: () => Date.now() + later })
  const bea: Asker = { userId: await addUser(database), groups: [], isAdmin: false }
  const countable = 'own-count-files'
  const [large, stranger] = ['own-count-large', 'own-count-stranger']
  for (const Bucket of [countable, large, stranger]) {
    await s3.client.send(new CreateBucketCommand({ Bucket }))
    await database.query(`insert into buckets (store, name, kind, state) values ('default', $1, 'created', 'ready')`, [
      Bucket,
    ])
    if (Bucket !== stranger) await allow(database, bea, Bucket, 'bea/', ['read', 'list'])
  }
  const counts = async () => {
    const { buckets, nextAt } = await usage.storage.countOwnPlaces(bea, ORIGIN)
    return { states: Object.fromEntries(buckets.map(({ bucket, state }) => [bucket, state])), nextAt }
  }
  const jobsOf = async () => (await usage.jobs.list({ limit: 50 }, bea)).jobs.map(({ about }) => about?.bucket)

  assert.deepEqual((await counts()).states, { [countable]: 'counting', [large]: 'counting' })
  for (const { id } of (await usage.jobs.list({ limit: 50 }, bea)).jobs) await ended(usage, id)
  assert.deepEqual(
    (await jobsOf()).toSorted((a = '', b = '') => (a < b ? -1 : 1)),
    [countable, large],
  )
  assert.notEqual((await usage.storage.stats(bea, 'mine')).countedAt, null)

  // By whomever it was asked for.
  const { id } = await usage.storage.takeInventory(admin, { bucket: countable }, ORIGIN)
  await ended(usage, id)
  const again = await counts()
  assert.deepEqual(again.states, { [countable]: 'recent', [large]: 'recent' })
  assert.ok(Date.parse(again.nextAt!) > Date.now() + later)

  await database.query(`update usage_folders set delete_markers = 100001 where bucket = $1 and prefix = ''`, [large])
  later += 16 * 60_000
  assert.deepEqual((await counts()).states, { [countable]: 'counting', [large]: 'daily' })
  assert.equal((await jobsOf()).filter((bucket) => bucket === large).length, 1)

  // The fifth in a quarter of an hour.
  for (let at = 0; at < 3; at++) await counts()
  await assert.rejects(counts(), { code: 'too-many-requests' })
  const [denied] = await database.query<{ detail: object }>(
    `select detail from audit_events where user_id = $1 and action = 'request.throttle'`,
    [bea.userId],
  )
  assert.deepEqual(denied?.detail, { limit: 'own-counts' })
})
