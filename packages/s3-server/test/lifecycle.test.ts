import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { runLifecycle } from '../src/lifecycle/run-lifecycle.ts'
import { Store } from '../src/store/store.ts'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'
import { shiftClock } from './shift-clock.ts'

const DAY = 86_400_000
const Bucket = 'cycle'

interface Clocked extends RunningServer {
  /** Moves the server's clock, and the client's with it. */
  readonly pass: (days: number) => void
}

const start = async (Rules: s3.LifecycleRule[], versioned = false): Promise<Clocked> => {
  let offset = 0
  const running = await startRunningServer({ now: () => Date.now() + offset })
  await running.client.send(new s3.CreateBucketCommand({ Bucket }))
  if (versioned) {
    await running.client.send(
      new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    )
  }
  await putRules(running, Rules)
  shiftClock(running, () => offset)
  return {
    ...running,
    pass: (days) => {
      offset += days * DAY
    },
  }
}

const putRules = async ({ client }: RunningServer, Rules: s3.LifecycleRule[]): Promise<void> => {
  await client.send(new s3.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
}

const put = async ({ client }: RunningServer, Key: string, options: Partial<s3.PutObjectCommandInput> = {}) =>
  client.send(new s3.PutObjectCommand({ Bucket, Key, Body: Key, ...options }))

const keys = async ({ client }: RunningServer): Promise<unknown[]> =>
  ((await client.send(new s3.ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key)

const storedBlobs = async ({ dataDir }: RunningServer): Promise<number> =>
  (await readdir(`${dataDir}/blobs`, { recursive: true })).filter((name) => name.length > 2).length

const expire = (Filter: s3.LifecycleRuleFilter, Days = 1): s3.LifecycleRule => ({
  Status: 'Enabled',
  Filter,
  Expiration: { Days },
})

test('rules are read back exactly as they were put, and those without an ID get one', async () => {
  const Rules: s3.LifecycleRule[] = [
    { ID: 'old form', Prefix: 'p/', Status: 'Disabled', Expiration: { Date: new Date('2030-01-01T00:00:00Z') } },
    {
      ID: 'everything',
      Status: 'Enabled',
      Filter: {
        And: {
          Prefix: 'q/',
          Tags: [
            { Key: 'a', Value: '1' },
            { Key: 'b', Value: '' },
          ],
          ObjectSizeGreaterThan: 10,
          ObjectSizeLessThan: 1000,
        },
      },
      Expiration: { Days: 100 },
      Transitions: [
        { Days: 30, StorageClass: 'STANDARD_IA' },
        { Days: 60, StorageClass: 'DEEP_ARCHIVE' },
      ],
      NoncurrentVersionExpiration: { NoncurrentDays: 9, NewerNoncurrentVersions: 3 },
      NoncurrentVersionTransitions: [{ NoncurrentDays: 5, StorageClass: 'GLACIER' }],
    },
    { ID: 'markers', Status: 'Enabled', Filter: {}, Expiration: { ExpiredObjectDeleteMarker: true } },
    { ID: 'size', Status: 'Enabled', Filter: { ObjectSizeLessThan: 5 }, Expiration: { Days: 1 } },
    { ID: 'tag', Status: 'Enabled', Filter: { Tag: { Key: 'a', Value: 'b' } }, Expiration: { Days: 1 } },
    {
      ID: 'uploads',
      Status: 'Enabled',
      Filter: { Prefix: '' },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
  ]
  await using running = await start(Rules)
  const read = async () => running.client.send(new s3.GetBucketLifecycleConfigurationCommand({ Bucket }))
  const first = await read()
  assert.deepEqual(first.Rules, Rules)
  assert.equal(first.TransitionDefaultMinimumObjectSize, 'all_storage_classes_128K')
  await putRules(running, [expire({ Prefix: 'x' })])
  assert.match((await read()).Rules?.[0]?.ID ?? '', /.+/)
})

test('objects that match a rule expire when they are due, and their bytes go', async () => {
  await using running = await start([
    { ...expire({ Prefix: 'tmp/' }), ID: 'by prefix' },
    expire({ Tag: { Key: 'short', Value: 'yes' } }),
    expire({ And: { Prefix: 'big/', ObjectSizeGreaterThan: 10 } }),
  ])
  // Large enough for files of their own.
  const Body = Buffer.alloc(20_000)
  const head = await put(running, 'tmp/1', { Body })
  assert.match(head.Expiration ?? '', /^expiry-date="[^"]+ 00:00:00 GMT", rule-id="by%20prefix"$/)
  for (const key of ['tmp/2', 'tmpx', 'kept', 'big/large']) await put(running, key, { Body })
  await put(running, 'big/small')
  await put(running, 'tagged', { Body, Tagging: 'short=yes&other=1' })
  await put(running, 'tagged otherwise', { Body, Tagging: 'short=no' })
  assert.equal(await storedBlobs(running), 7)
  assert.equal((await running.server.runLifecycle()).expired, 0)
  running.pass(2)
  assert.equal((await running.server.runLifecycle()).expired, 4)
  assert.deepEqual(await keys(running), ['big/small', 'kept', 'tagged otherwise', 'tmpx'])
  for (let tries = 0; tries < 100 && (await storedBlobs(running)) > 3; tries++) await new Promise(setImmediate)
  assert.equal(await storedBlobs(running), 3)
})

test('where versions are kept expiration hides, and noncurrent versions and lone markers go by their own rules', async () => {
  await using running = await start(
    [
      expire({ Prefix: '' }),
      { Status: 'Enabled', Filter: {}, NoncurrentVersionExpiration: { NoncurrentDays: 3, NewerNoncurrentVersions: 1 } },
      { Status: 'Enabled', Filter: {}, Expiration: { ExpiredObjectDeleteMarker: true } },
    ],
    true,
  )
  for (const Body of ['1', '2', '3']) await put(running, 'k', { Body })
  const states = async (): Promise<readonly [number, number]> => {
    const listed = await running.client.send(new s3.ListObjectVersionsCommand({ Bucket }))
    return [listed.Versions?.length ?? 0, listed.DeleteMarkers?.length ?? 0]
  }
  running.pass(2)
  await running.server.runLifecycle()
  assert.deepEqual(await keys(running), [])
  assert.deepEqual(await states(), [3, 1])
  running.pass(2)
  await running.server.runLifecycle()
  // The two that were succeeded at once are due; the newest of all noncurrent ones would be spared anyway.
  assert.deepEqual(await states(), [1, 1])
  running.pass(9)
  await running.server.runLifecycle()
  assert.deepEqual(await states(), [1, 1])
  await putRules(running, [
    { Status: 'Enabled', Filter: {}, NoncurrentVersionExpiration: { NoncurrentDays: 3 } },
    { Status: 'Enabled', Filter: {}, Expiration: { ExpiredObjectDeleteMarker: true } },
  ])
  await running.server.runLifecycle()
  assert.deepEqual(await states(), [0, 1])
  await running.server.runLifecycle()
  assert.deepEqual(await states(), [0, 0])
})

test('transitions are recorded as the storage class, also of noncurrent versions', async () => {
  const NoncurrentVersionTransitions = [{ NoncurrentDays: 1, StorageClass: 'GLACIER_IR' as const }]
  const Transitions = [{ Days: 0, StorageClass: 'DEEP_ARCHIVE' as const }]
  const Filter = { ObjectSizeGreaterThan: 1 }
  await using running = await start([{ Status: 'Enabled', Filter, Transitions, NoncurrentVersionTransitions }], true)
  await put(running, 'k')
  await put(running, 'kk')
  await put(running, 'kk', { Body: 'second' })
  running.pass(2)
  assert.equal((await running.server.runLifecycle()).transitioned, 2)
  const { Versions } = await running.client.send(new s3.ListObjectVersionsCommand({ Bucket }))
  assert.deepEqual(
    Versions?.map(({ Key, StorageClass }) => [Key, StorageClass]),
    [
      ['k', 'STANDARD'],
      ['kk', 'DEEP_ARCHIVE'],
      ['kk', 'GLACIER_IR'],
    ],
  )
  const head = await running.client.send(new s3.HeadObjectCommand({ Bucket, Key: 'kk' }))
  assert.equal(head.StorageClass, 'DEEP_ARCHIVE')
  assert.equal((await running.server.runLifecycle()).transitioned, 0)
})

test('uploads left open are aborted when a rule says so', async () => {
  await using running = await start([
    { Status: 'Enabled', Filter: { Prefix: 'old/' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } },
  ])
  const { client } = running
  const begun = await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key: 'old/1' }))
  assert.ok(begun.AbortDate !== undefined && begun.AbortRuleId !== undefined)
  await client.send(
    new s3.UploadPartCommand({ Bucket, Key: 'old/1', UploadId: begun.UploadId, PartNumber: 1, Body: 'part' }),
  )
  await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key: 'kept' }))
  assert.equal((await running.server.runLifecycle()).abortedUploads, 0)
  running.pass(3)
  assert.equal((await running.server.runLifecycle()).abortedUploads, 1)
  const { Uploads } = await client.send(new s3.ListMultipartUploadsCommand({ Bucket }))
  assert.deepEqual(
    Uploads?.map(({ Key }) => Key),
    ['kept'],
  )
})

test('a restart catches up on what came due meanwhile', async () => {
  await using outer = await start([expire({ Prefix: '' })])
  await put(outer, 'k')
  await outer.server.close()
  await using inner = await startRunningServer({ dataDir: outer.dataDir, now: () => Date.now() + 2 * DAY })
  shiftClock(inner, () => 2 * DAY)
  // Waits for the round of the start, and runs one more that finds nothing left.
  assert.equal((await inner.server.runLifecycle()).expired, 0)
  assert.deepEqual(await keys(inner), [])
})

test('small batches come to the same end as large ones, whatever versions lie across their borders', async () => {
  await using running = await start(
    [{ Status: 'Enabled', Filter: {}, NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 2 } }],
    true,
  )
  for (const Key of ['a', 'b', 'a', 'b', 'c', 'a', 'b', 'a', 'b', 'a']) await put(running, Key)
  await running.server.close()
  const now = Date.now() + 3 * DAY
  const store = await Store.open({ dataDir: running.dataDir, now })
  try {
    const report = await runLifecycle(store, { now, stopped: () => false, batch: 1 })
    assert.deepEqual(report, { examined: 10, expired: 0, removed: 3, transitioned: 0, abortedUploads: 0 })
    const bucket = store.buckets.find(Bucket)
    assert.ok(bucket !== undefined)
    const left = store.lifecycle.versionsFrom(bucket.id, '', 100).map(({ key }) => key)
    assert.deepEqual(left, ['a', 'a', 'a', 'b', 'b', 'b', 'c'])
  } finally {
    await store.close()
  }
})
