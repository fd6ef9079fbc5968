import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { StorageStats } from '@skycrate/contract/storage/schemas'
import { testDatabase } from '../../src/db/test-database.ts'
import { csvRows } from '../../src/usage/s3-inventory/csv-rows.ts'
import { itemsOf } from '../../src/usage/s3-inventory/inventory-row.ts'
import type { Asker } from '../../src/usage/usage-scope.ts'
import { type S3Fixture, startS3Fixture } from '../homes/s3-fixture.ts'
import { addUser, ORIGIN } from '../homes/test-homes.ts'
import { CSV_SCHEMA, csvFile, deliver, type Listed, PARQUET_SCHEMA, parquetFile } from './inventory-files.ts'
import { testUsage, type TestUsage } from './test-usage.ts'

const BUCKET = 'told-of-files'
const FILES = 'inventories'
const KEYS = ['plain/a', 'plain/b', 'été/ä ö+ü', 'a,"b"/c', 'percent%2F/x y', 'line\u2028/end', '日本/語 1', 'top']

let database: Awaited<ReturnType<typeof testDatabase>>
let s3: S3Fixture
let usage: TestUsage
let admin: Asker
/** What S3 Inventory would say of the bucket as it is. */
let rows: Listed[]
let listed: StorageStats

before(async () => {
  database = await testDatabase()
  s3 = await startS3Fixture()
  admin = { userId: await addUser(database), groups: [], isAdmin: true }
  for (const Bucket of [BUCKET, FILES]) {
    await s3.client.send(new CreateBucketCommand({ Bucket }))
    await database.query(`insert into buckets (store, name, kind, state) values ('default', $1, 'created', 'ready')`, [
      Bucket,
    ])
  }
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await s3.client.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration }))
  for (const [at, Key] of KEYS.entries()) {
    const StorageClass = at % 2 === 0 ? 'STANDARD' : 'STANDARD_IA'
    for (let version = 0; version <= at % 3; version++) {
      const Body = Buffer.alloc(100 * (at + 1) + version, Key)
      await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, StorageClass }))
    }
  }
  await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'plain/gone', Body: 'x' }))
  await s3.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'plain/gone' }))
  await s3.client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: 'plain/unfinished' }))
  usage = await testUsage({ database, endpoint: s3.url })
  const { Versions = [], DeleteMarkers = [] } = await s3.client.send(new ListObjectVersionsCommand({ Bucket: BUCKET }))
  rows = [
    ...Versions.map((each) => ({ ...each, isMarker: false })),
    ...DeleteMarkers.map((each) => ({ ...each, Size: null, ETag: '""', StorageClass: null, isMarker: true })),
  ].map((each) => ({
    key: each.Key!,
    size: each.Size ?? null,
    modified: each.LastModified!.toISOString(),
    etag: each.ETag!.slice(1, -1),
    storageClass: each.StorageClass ?? null,
    versionId: each.VersionId!,
    isLatest: each.IsLatest!,
    isMarker: each.isMarker,
  }))
  listed = (await count()).stats
})

after(async () => {
  await usage?.[Symbol.asyncDispose]()
  await s3?.[Symbol.asyncDispose]()
  await database?.[Symbol.asyncDispose]()
})

async function count(from?: 'listing' | 's3-inventory'): Promise<{ stats: StorageStats; problem: string | undefined }> {
  const { id } = await usage.storage.takeInventory(admin, { bucket: BUCKET, ...(from && { from }) }, ORIGIN)
  const job = await usage.ended(id)
  return { stats: await usage.storage.stats(admin, 'all'), problem: job.problem?.detail }
}

const set = (prefix: string | null) =>
  usage.storage.setInventoryFiles(
    'default',
    BUCKET,
    { location: prefix === null ? null : { bucket: FILES, prefix } },
    { userId: admin.userId, origin: ORIGIN },
  )

const source = (stats: StorageStats) => stats.inventories.find(({ bucket }) => bucket === BUCKET)

for (const [format, schema, write] of [
  ['CSV', CSV_SCHEMA, csvFile],
  ['Parquet', PARQUET_SCHEMA, (bucket: string, of: readonly Listed[]) => parquetFile(bucket, of, 3)],
] as const) {
  test(`files in ${format}, in no order of keys, tell what the listing tells, and the newest complete ones count`, async () => {
    const prefix = `${format}/${BUCKET}/all/`
    const to = { bucket: FILES, prefix }
    const createdAt = Date.now() - 60_000
    const half = Math.ceil(rows.length / 2)
    // Later keys come in the first file.
    const files = [write(BUCKET, rows.slice(half)), write(BUCKET, rows.slice(0, half))]
    const good = { source: BUCKET, format, schema, files, createdAt }
    await deliver(s3.client, { ...to, time: '2026-11-01T01-00Z' }, { ...good, files: [write(BUCKET, [])] })
    const manifest = await deliver(s3.client, { ...to, time: '2026-11-02T01-00Z' }, good)
    // Under way: its checksum is not there yet.
    await deliver(s3.client, { ...to, time: '2026-11-03T01-00Z' }, { ...good, files: [], checksum: null })

    const shown = await set(prefix)
    assert.deepEqual(
      [shown.latest?.manifest, shown.latest?.format, shown.latest?.files, shown.problem],
      [manifest, format, 2, null],
    )
    const { stats, problem } = await count('s3-inventory')
    assert.equal(problem, undefined)
    assert.equal(source(stats)?.source, 's3-inventory')
    assert.equal(source(stats)?.countedAt, new Date(createdAt).toISOString())
    assert.deepEqual(source(stats)?.difference, { objects: 0, bytes: 0 })
    const told = await usage.storage.inventoryFiles('default', BUCKET)
    assert.deepEqual(
      [told.readManifest, told.counted],
      [
        manifest,
        { source: 's3-inventory', countedAt: new Date(createdAt).toISOString(), difference: { objects: 0, bytes: 0 } },
      ],
    )
    assert.deepEqual(stats.totals, listed.totals)
    assert.equal(stats.totals.objects, KEYS.length)
    assert.deepEqual([stats.totals.deleteMarkers, stats.totals.unfinishedUploads], [1, 1])
    assert.deepEqual(stats.byClass, listed.byClass)
    assert.deepEqual(stats.duplicates, listed.duplicates)
    assert.deepEqual(
      stats.largest.map(({ key }) => key),
      listed.largest.map(({ key }) => key),
    )

    // What is on its way is not counted, and what was counted is not counted again.
    const before = (await usage.storage.stats(admin, 'all')).inventories
    const id = await usage.jobs.enqueue(
      'usage.inventory',
      { store: 'default', bucket: BUCKET, onlyNew: true },
      { createdBy: null },
    )
    assert.equal((await usage.ended(id)).state, 'done')
    assert.deepEqual((await usage.storage.stats(admin, 'all')).inventories, before)

    assert.equal(source((await count('listing')).stats)?.source, 'listing')
    await set(null)
    assert.equal(source((await count()).stats)?.source, 'listing')
  })
}

const truncated = (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length / 2))

/** A file whose first page claims another size than it has, in the header that stands at the fourth byte. */
function claimingPage(bytes: Buffer): Buffer {
  const claiming = Buffer.from(bytes)
  // Thrift: the type, then the unpacked size as a varint; five bytes of it would be 4 GB.
  assert.equal(claiming[6], 0x15)
  const longer = Buffer.concat([claiming.subarray(0, 7), Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f])])
  longer.copy(claiming, 0)
  return claiming
}

test('what is truncated, forged, of other columns or claims 10 GB is refused clearly, and the kept numbers stay', async () => {
  const kept = (await usage.storage.stats(admin, 'all')).totals
  const csv = csvFile(BUCKET, rows)
  const parquet = parquetFile(BUCKET, rows, 3)
  const inCsv = { format: 'CSV', schema: CSV_SCHEMA }
  const inParquet = { format: 'Parquet', schema: PARQUET_SCHEMA }
  const first = (change: (file: Record<string, unknown>) => object) => (manifest: Record<string, unknown>) => ({
    ...manifest,
    files: (manifest['files'] as Record<string, unknown>[]).map(change),
  })
  const cases: readonly (readonly [
    name: string,
    delivery: {
      format: string
      schema: string
      files: Buffer[]
      manifest?: (manifest: Record<string, unknown>) => Record<string, unknown>
      checksum?: string
    },
    said: RegExp,
  ])[] = [
    [
      'orc',
      { format: 'ORC', schema: 'struct<bucket:string,key:string>', files: [] },
      /ORC.*set the inventory to Parquet or CSV/,
    ],
    ['forged-manifest', { ...inCsv, files: [csv], checksum: '0'.repeat(32) }, /manifest\.json has not the checksum/],
    [
      'other-bucket',
      { ...inCsv, files: [csv], manifest: (m) => ({ ...m, sourceBucket: 'other' }) },
      /about the bucket other/,
    ],
    ['rows-of-other', { ...inCsv, files: [csvFile('other', rows)] }, /a row of .* is about the bucket other/],
    ['no-json', { ...inCsv, files: [csv], manifest: () => 'nothing' as never }, /manifest\.json/],
    [
      'no-size',
      { ...inCsv, schema: 'Bucket, Key', files: [csv] },
      /lack size, lastmodifieddate, storageclass: add the fields/,
    ],
    ['other-columns', { ...inCsv, schema: `${CSV_SCHEMA}, EncryptionStatus`, files: [csv] }, /10 fields, not the 11/],
    ['truncated-csv', { ...inCsv, files: [truncated(csv)] }, /is damaged/],
    ['no-gzip', { ...inCsv, files: [Buffer.from('"a","b"\n')] }, /is damaged/],
    [
      'wrong-checksum',
      { ...inCsv, files: [csv], manifest: first((f) => ({ ...f, MD5checksum: '1'.repeat(32) })) },
      /has not the checksum/,
    ],
    [
      'wrong-checksum-parquet',
      { ...inParquet, files: [parquet], manifest: first((f) => ({ ...f, MD5checksum: '1'.repeat(32) })) },
      /has not the checksum/,
    ],
    [
      'ten-gb',
      { ...inCsv, files: [csv], manifest: first((f) => ({ ...f, size: 10 * 2 ** 30 })) },
      /not the 10737418240 of manifest/,
    ],
    [
      'ten-gb-parquet',
      { ...inParquet, files: [parquet], manifest: first((f) => ({ ...f, size: 10 * 2 ** 30 })) },
      /not the 10737418240 of manifest/,
    ],
    [
      'no-file',
      { ...inCsv, files: [csv], manifest: first((f) => ({ ...f, key: 'nowhere.csv.gz' })) },
      /nowhere\.csv\.gz is named in manifest\.json and is not there/,
    ],
    [
      'twice',
      { ...inCsv, files: [csv], manifest: (m) => ({ ...m, files: [...(m['files'] as []), ...(m['files'] as [])] }) },
      /names a file twice/,
    ],
    ['truncated-parquet', { ...inParquet, files: [truncated(parquet)] }, /is damaged/],
    ['claiming-page', { ...inParquet, files: [claimingPage(parquet)] }, /a page of .* claims 2147483647 bytes/],
    ['no-parquet', { ...inParquet, files: [Buffer.from('no parquet at all')] }, /is damaged/],
  ]
  for (const [name, delivery, said] of cases) {
    const prefix = `hostile/${name}/`
    await deliver(
      s3.client,
      { bucket: FILES, prefix, time: '2026-11-02T01-00Z' },
      { source: BUCKET, createdAt: Date.now(), ...delivery },
    )
    await set(prefix)
    const { stats, problem } = await count()
    assert.match(problem ?? 'it was counted', said, name)
    assert.deepEqual(stats.totals, kept, name)
    const told = await usage.storage.inventoryFiles('default', BUCKET)
    assert.match(told.problem ?? '', said, name)
  }
  await set(null)
})

test('an old version counts since the newer one before it was written, or else since it was written itself', () => {
  const itemOf = itemsOf('b', 'file')
  const row = { bucket: 'b', size: 1, etag: '', storageClass: 'STANDARD', isMarker: false, tier: undefined }
  const since = [
    { ...row, key: 'a', modified: 300, isLatest: true },
    { ...row, key: 'a', modified: 200, isLatest: false },
    { ...row, key: 'a', modified: 250, isLatest: false },
    { ...row, key: 'b', modified: 100, isLatest: false },
  ].map((each) => itemOf(each).since)
  assert.deepEqual(since, [300, 300, 250, 100])
})

test('a CSV file is read however its fields are quoted, its lines end and its blocks are cut', async () => {
  const columns = ['bucket', 'key', 'size', 'lastmodifieddate', 'etag', 'storageclass']
  const row = {
    bucket: 'b',
    size: 7,
    etag: 'e',
    storageClass: 'STANDARD',
    isLatest: undefined,
    isMarker: undefined,
    tier: undefined,
  }
  const time = '2026-11-02T03:04:05.678Z'
  const modified = Date.parse(time)
  const cases: readonly (readonly [line: string, expected: object])[] = [
    [`"b","a%2Bb+c/%C3%A9","7","${time}","e","STANDARD"`, { ...row, key: 'a+b c/é', modified }],
    [`b,plain,7,${time},e,STANDARD`, { ...row, key: 'plain', modified }],
    [
      `"b","with ""quotes"", and a comma","7","${time}","e","STANDARD"`,
      { ...row, key: 'with "quotes", and a comma', modified },
    ],
    [`b,"some quoted",7,${time},"e",STANDARD`, { ...row, key: 'some quoted', modified }],
    [`"b","","","${time}","",""`, { ...row, key: '', size: undefined, modified, etag: '', storageClass: '' }],
    [`"b","k","7","2026-11-02T03:04:05Z","e","STANDARD"`, { ...row, key: 'k', modified: modified - 678 }],
    [`"b","k","7","2026-13-02T03:04:05.678Z","e","STANDARD"`, { ...row, key: 'k', modified: Number.NaN }],
    [`"b","k","7","2026-11-0xT03:04:05.678Z","e","STANDARD"`, { ...row, key: 'k', modified: Number.NaN }],
    [`"b","k","7","2026-11-02T24:61:05.678Z","e","STANDARD"`, { ...row, key: 'k', modified: Number.NaN }],
  ]
  const read = async (text: string) => {
    const packed = (async function* () {
      yield gzipSync(text)
    })()
    return (await Array.fromAsync(csvRows(packed, { columns, size: text.length, file: 'cases.csv.gz' }))).flat()
  }
  for (const end of ['\n', '\r\n']) {
    const rows = await read(cases.map(([line]) => line + end).join(''))
    assert.deepEqual(
      rows,
      cases.map(([, expected]) => expected),
    )
  }
  // A block has 256 KiB: many lines lie across two.
  const many = Array.from(
    { length: 10_000 },
    (_, at) => `"b","${at}-${'k'.repeat(at % 97)}","7","${time}","e","STANDARD"`,
  )
  assert.deepEqual(
    (await read(many.join('\n'))).map(({ key }) => key),
    many.map((_, at) => `${at}-${'k'.repeat(at % 97)}`),
  )
  for (const broken of [
    `"b","k"x"7","${time}","e","STANDARD"`,
    '"b","k","7',
    `"b","k"x,"7","${time}","e","STANDARD"`,
    `"b",k"k,7,${time},e,STANDARD`,
    '"b","k"',
  ]) {
    await assert.rejects(read(broken), { code: 'inventory-unreadable' }, broken)
  }
})

test('a gzip bomb is given up early', async () => {
  const line = `${Array.from({ length: 10 }, () => '""').join(',')}\n`
  const bomb = gzipSync(line.repeat(2_000_000))
  const columns = CSV_SCHEMA.split(',').map((name) => name.trim().toLowerCase())
  let rowsSeen = 0
  await assert.rejects(
    async () => {
      const packed = (async function* () {
        yield bomb
      })()
      for await (const batch of csvRows(packed, { columns, size: 10_000, file: 'bomb.csv.gz' }))
        rowsSeen += batch.length
    },
    { code: 'inventory-unreadable', message: /unpacks to far more/ },
  )
  assert.ok(rowsSeen < 200_000)
})
