import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { parsePriceBook } from '@skycrate/core/economics/price-book'
import { testDatabase } from '../../src/db/test-database.ts'
import type { Asker } from '../../src/usage/usage-scope.ts'
import { startS3Fixture } from '../homes/s3-fixture.ts'
import { addUser, ORIGIN } from '../homes/test-homes.ts'
import { CSV_SCHEMA, csvFile, deliver } from './inventory-files.ts'
import { testUsage } from './test-usage.ts'

const BUCKET = 'saving-files'
const DAY_MS = 86_400_000
const GIB = 2 ** 30
const MONTH_DAYS = 365 / 12
/** A thousand times what S3 takes for storage, so that a few megabytes are worth something. */
const PRICES = {
  name: 'Test',
  date: '2026-11-01',
  source: 'https://example.com/',
  currency: 'EUR',
  defaultRegion: 'here',
  regions: {
    here: {
      STANDARD: { perGBMonth: 23, perThousandPuts: 0.005, perThousandGets: 0.0004 },
      GLACIER_IR: {
        perGBMonth: 4,
        perThousandPuts: 0.02,
        perThousandGets: 0.01,
        perThousandTransitions: 0.02,
        perGBRetrieved: 0.03,
        minimumDays: 90,
        minimumBytes: 131_072,
      },
      INTELLIGENT_TIERING: {
        perGBMonth: 23,
        perThousandTransitions: 0.01,
        perThousandMonitored: 0.0025,
        monitoredFromBytes: 131_072,
        idle: [
          { afterDays: 30, perGBMonth: 12.5 },
          { afterDays: 90, perGBMonth: 4 },
        ],
      },
    },
  },
}

function book() {
  const parsed = parsePriceBook(PRICES)
  assert.ok(parsed.ok)
  return parsed.book
}

test('the store runs the applied rule with its clock moved, and the measured saving of a year is the promised one', async (t) => {
  await using database = await testDatabase()
  await using s3 = await startS3Fixture()
  const admin: Asker = { userId: await addUser(database), groups: [], isAdmin: true }
  await s3.client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  await database.query(
    `insert into buckets (store, name, kind, state, region) values ('default', $1, 'created', 'ready', 'here')`,
    [BUCKET],
  )
  for (let at = 0; at < 60; at++) {
    const Body = Buffer.alloc(at % 4 === 0 ? 60_000 : 150_000 + at * 1000, String(at))
    await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `photos/${at}`, Body }))
  }
  let later = 0
  await using usage = await testUsage({
    database,
    endpoint: s3.url,
    prices: book(),
    now: () => Date.now() + later,
  })
  const count = async (day: number): Promise<void> => {
    later = day * DAY_MS
    await s3.runLifecycleLater(later)
    const { id } = await usage.storage.takeInventory(admin, { bucket: BUCKET }, ORIGIN)
    assert.equal((await usage.ended(id)).state, 'done')
  }
  await count(0)
  const [advice] = (await usage.storage.costs(admin, 'all')).advice
  assert.ok(advice, 'an advice is given')
  assert.equal(advice.rule.toClass, 'GLACIER_IR')
  const by = { userId: admin.userId, origin: ORIGIN, ifMatch: undefined }
  const applied = await usage.storage.changeRules('default', BUCKET, { rules: [advice.rule] }, by)
  assert.deepEqual(applied.rules, [advice.rule])

  const due = advice.rule.afterDays + 1
  for (const day of [...new Set([due, due + 1, 30, 91, 182, 273, 365])].toSorted((a, b) => a - b)) await count(day)
  const classOf = async (Key: string) =>
    (await s3.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }))).StorageClass ?? 'STANDARD'
  assert.deepEqual([await classOf('photos/0'), await classOf('photos/1')], ['STANDARD', 'GLACIER_IR'])
  const [measured] = (await usage.storage.costs(admin, 'all')).applied
  t.diagnostic(`promised ${advice.saving.toFixed(4)} for the year, measured ${measured?.saved?.toFixed(4)}`)
  assert.equal(measured?.objects, advice.objects)
  assert.ok(Math.abs(measured.saved! / advice.saving - 1) < 0.01, `${measured.saved} for ${advice.saving}`)
  assert.ok(Math.abs(measured.promised! / advice.saving - 1) < 0.01)
  assert.ok(Math.abs(measured.fees / advice.fee - 1) < 1e-9)

  await usage.storage.changeRules('default', BUCKET, { rules: applied.before! }, by)
  const [ended] = (await usage.storage.costs(admin, 'all')).applied
  assert.ok(ended && ended.endedAt !== null)
  await count(400)
  assert.equal(
    (await usage.storage.costs(admin, 'all')).applied[0]?.saved,
    ended.saved,
    'what ended is not measured on',
  )
})

test('what rules that delete have saved is measured: old versions and unfinished uploads, as long as no other rule deletes them', async () => {
  await using database = await testDatabase()
  await using s3 = await startS3Fixture()
  const admin: Asker = { userId: await addUser(database), groups: [], isAdmin: true }
  const Bucket = 'deleting-files'
  await s3.client.send(new CreateBucketCommand({ Bucket }))
  await s3.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  // By somebody else: old versions go after 60 days anyway.
  const Rules = [
    {
      ID: 'theirs',
      Status: 'Enabled',
      Filter: { Prefix: '' },
      NoncurrentVersionExpiration: { NoncurrentDays: 60 },
    } as const,
  ]
  await s3.client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
  await database.query(
    `insert into buckets (store, name, kind, state, region) values ('default', $1, 'created', 'ready', 'here')`,
    [Bucket],
  )
  for (const size of [200_000, 300_000, 400_000]) {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'docs/a', Body: Buffer.alloc(size) }))
  }
  const upload = { Bucket, Key: 'docs/unfinished' }
  const { UploadId = '' } = await s3.client.send(new CreateMultipartUploadCommand(upload))
  await s3.client.send(new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: Buffer.alloc(700_000) }))
  let later = 0
  await using usage = await testUsage({ database, endpoint: s3.url, prices: book(), now: () => Date.now() + later })
  // From a midnight on, so that days are whole.
  const { LastModified } = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'docs/a' }))
  const today = Math.floor(LastModified!.getTime() / DAY_MS)
  const count = async (day: number): Promise<void> => {
    later = (today + day) * DAY_MS - Date.now() + 60_000
    if (day > 0) await s3.runLifecycleLater(later)
    const { id } = await usage.storage.takeInventory(admin, { bucket: Bucket }, ORIGIN)
    const { state, problem } = await usage.ended(id)
    assert.equal(state, 'done', problem?.detail ?? '')
  }
  await count(0)
  const versions = { prefix: 'docs/', minBytes: 0, state: 'noncurrent', afterDays: 10, toClass: null } as const
  const uploads = { prefix: '', minBytes: 0, state: 'upload', afterDays: 7, toClass: null } as const
  const tagged = { ...versions, tag: { key: 'kind', value: 'draft' } }
  const deep = { ...versions, prefix: 'docs/deep/er/' }
  const by = { userId: admin.userId, origin: ORIGIN, ifMatch: undefined }
  await usage.storage.changeRules('default', Bucket, { rules: [versions, uploads, tagged, deep] }, by)
  for (const day of [5, 10, 11, 12, 30, 90]) await count(day)
  const { Versions = [] } = await s3.client.send(new ListObjectVersionsCommand({ Bucket }))
  assert.equal(Versions.length, 1)

  const { applied } = await usage.storage.costs(admin, 'all')
  const of = (wanted: object) => applied.find(({ rule }) => isDeepStrictEqual(rule, wanted))!
  const near = (found: number | null, bytes: number, days: number): void => {
    const wanted = (bytes / GIB) * 23 * (days / MONTH_DAYS)
    assert.ok(Math.abs(found! / wanted - 1) < 0.01, `${found} for ${wanted}`)
  }
  // Gone on the eleventh day in place of the 61st; uploads on the eighth, and nothing else would delete them.
  near(of(versions).saved, 500_000, 50)
  assert.deepEqual([of(versions).objects, of(versions).bytes, of(versions).unmeasured], [2, 500_000, null])
  assert.equal(of(uploads).bytes, 700_000)
  near(of(uploads).saved, 700_000, 90 - 8)
  assert.deepEqual([of(tagged).saved, of(tagged).unmeasured], [null, 'tags'])
  assert.deepEqual([of(deep).saved, of(deep).unmeasured], [null, 'folder'])
})

test('what Intelligent-Tiering has saved is measured by inventory files that name the tiers, and else has no number', async () => {
  await using database = await testDatabase()
  await using s3 = await startS3Fixture()
  const admin: Asker = { userId: await addUser(database), groups: [], isAdmin: true }
  const [bucket, files] = ['tiered-files', 'tiered-inventories']
  for (const Bucket of [bucket, files]) await s3.client.send(new CreateBucketCommand({ Bucket }))
  await database.query(
    `insert into buckets (store, name, kind, state, region) values ('default', $1, 'created', 'ready', 'here')`,
    [bucket],
  )
  let later = 0
  await using usage = await testUsage({ database, endpoint: s3.url, prices: book(), now: () => Date.now() + later })
  const by = { userId: admin.userId, origin: ORIGIN, ifMatch: undefined }
  const place = { location: { bucket: files, prefix: 'daily/' } }
  await usage.storage.setInventoryFiles('default', bucket, place, { userId: admin.userId, origin: ORIGIN })
  const size = 50_000_000
  const countTiers = async (day: number, tiers: readonly string[] | undefined): Promise<void> => {
    later = day * DAY_MS
    const createdAt = Date.now() + later
    const rows = Array.from({ length: 3 }, (_, at) => ({
      key: `photos/${at}`,
      size,
      modified: new Date(Date.now() - 40 * DAY_MS).toISOString(),
      etag: `e${at}`,
      storageClass: tiers === undefined && day === 0 ? 'STANDARD' : 'INTELLIGENT_TIERING',
      ...(tiers && { tier: tiers[at]! }),
    }))
    await deliver(
      s3.client,
      { bucket: files, prefix: 'daily/', time: `2026-11-${String(day + 1).padStart(2, '0')}T01-00Z` },
      {
        source: bucket,
        format: 'CSV',
        schema: tiers === undefined ? CSV_SCHEMA : `${CSV_SCHEMA}, IntelligentTieringAccessTier`,
        files: [csvFile(bucket, rows)],
        createdAt,
      },
    )
    const { id } = await usage.storage.takeInventory(admin, { bucket }, ORIGIN)
    const { state, problem } = await usage.ended(id)
    assert.equal(state, 'done', problem?.detail ?? '')
  }
  await countTiers(0, undefined)
  const rule = {
    prefix: '',
    minBytes: 131_072,
    state: 'current',
    afterDays: 0,
    toClass: 'INTELLIGENT_TIERING',
  } as const
  await usage.storage.changeRules('default', bucket, { rules: [rule] }, by)
  await countTiers(1, undefined)
  const [untold] = (await usage.storage.costs(admin, 'all')).applied
  assert.deepEqual([untold?.saved, untold?.unmeasured, untold?.objects], [null, 'tiers', 3])

  await countTiers(2, ['FREQUENT', 'INFREQUENT', 'ARCHIVE_INSTANT'])
  await countTiers(20, ['FREQUENT', 'INFREQUENT', 'ARCHIVE_INSTANT'])
  const [told] = (await usage.storage.costs(admin, 'all')).applied
  const month = (size / GIB) * (23 - 12.5 + 23 - 4) - (3 * 0.0025) / 1000
  const wanted = (18 / MONTH_DAYS) * month - (3 * 0.01) / 1000
  assert.equal(told?.unmeasured, null)
  assert.ok(Math.abs(told!.saved! / wanted - 1) < 0.001, `${told!.saved} for ${wanted}`)
})
