import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { makeCopier } from './copy-process.ts'
import { startFaultyProxy } from './faulty-proxy.ts'
import type { Fault } from './faulty-proxy.ts'
import { readBucket } from './read-bucket.ts'
import { putMultipart, seedSettings, seedVersions } from './seed.ts'
import { startStore } from './store-process.ts'

const MEBIBYTE = 1024 ** 2

/** Many small keys, a fifth of them with a history. */
const seedMany = async (client: S3Client, Bucket: string, keys: number): Promise<void> => {
  await client.send(new CreateBucketCommand({ Bucket }))
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < keys) {
      const number = next++
      const Key = `folder ${number % 7}/${number}`
      await client.send(new PutObjectCommand({ Bucket, Key, Body: `one ${number}` }))
      if (number % 5 !== 0) continue
      await client.send(new DeleteObjectCommand({ Bucket, Key }))
      // Twice the same bytes: a resumed run has to count them.
      for (let round = 0; round < 2; round++) await client.send(new PutObjectCommand({ Bucket, Key, Body: 'two' }))
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
}

const shape = async (client: S3Client, Bucket: string): Promise<string[]> => {
  const found: string[] = []
  let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {}
  while (marker !== undefined) {
    const page: Awaited<ReturnType<typeof list>> = await list(client, Bucket, marker)
    for (const { Key, ETag, IsLatest } of page.Versions ?? []) found.push(`${Key} ${ETag} ${IsLatest}`)
    for (const { Key, IsLatest } of page.DeleteMarkers ?? []) found.push(`${Key} marker ${IsLatest}`)
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page
    marker = page.IsTruncated === true ? { KeyMarker, VersionIdMarker } : undefined
  }
  return found.toSorted()
}
const list = (client: S3Client, Bucket: string, marker: object) =>
  client.send(new ListObjectVersionsCommand({ Bucket, ...marker }))

test('a run that is killed again and again is finished by the next, no version twice and none lost', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await using copier = await makeCopier(source.url, target.url)
  await seedMany(source.client, 'many', 400)
  for (const lines of [50, 160, 420]) {
    const killed = await copier.runUntil((written) => written >= lines)
    assert.equal(killed.code, null)
  }
  const last = await copier.run()
  assert.equal(last.code, 0, last.output + last.errors)
  assert.match(last.output, /^keys +400$/m)
  assert.deepEqual(await shape(target.client, 'many'), await shape(source.client, 'many'))
  assert.equal((await copier.run('--verify')).code, 0)
})

test('a multipart copy that was cut off goes on with the parts that are there', async () => {
  await using source = await startStore()
  await using target = await startStore()
  const sizes = [5 * MEBIBYTE, 6 * MEBIBYTE, 5 * MEBIBYTE, 5 * MEBIBYTE, 5 * MEBIBYTE, 7 * MEBIBYTE, 1]
  await source.client.send(new CreateBucketCommand({ Bucket: 'large' }))
  await putMultipart(source.client, { Bucket: 'large', Key: 'x', ChecksumAlgorithm: 'CRC32' }, sizes)
  const sent: number[] = []
  let isDown = true
  await using proxy = await startFaultyProxy(target.url, ({ method, path }): Fault => {
    const [, part] = /partNumber=(\d+)/.exec(path) ?? []
    if (method !== 'PUT' || part === undefined) return 'none'
    if (isDown && Number(part) === 6) return 'no answer'
    sent.push(Number(part))
    return 'none'
  })
  await using copier = await makeCopier(source.url, proxy.url)
  const partsThere = async (): Promise<number> => {
    const { Uploads } = await target.client.send(new ListMultipartUploadsCommand({ Bucket: 'large' }))
    const UploadId = Uploads?.[0]?.UploadId
    if (UploadId === undefined) return 0
    return (await target.client.send(new ListPartsCommand({ Bucket: 'large', Key: 'x', UploadId }))).Parts?.length ?? 0
  }
  await copier.runUntil(async (lines) => lines >= 2 && (await partsThere()) === 6)
  isDown = false
  sent.length = 0
  const finished = await copier.run()
  assert.equal(finished.code, 0, finished.output + finished.errors)
  assert.deepEqual(await readBucket(target.client, 'large'), await readBucket(source.client, 'large'))
  assert.deepEqual(sent, [6])
})

test('a target that stumbles is asked again, and what it did unheard is not done twice', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await seedVersions(source.client, 'rough')
  const counts = new Map<string, number>()
  const faults: Fault[] = [
    { status: 503, code: 'SlowDown' },
    'answer lost',
    { status: 500, code: 'InternalError' },
    'body cut',
  ]
  let next = 0
  // Each key's first three writes fail, each in another way.
  await using proxy = await startFaultyProxy(target.url, ({ method, path }) => {
    if (!['PUT', 'DELETE', 'POST'].includes(method) || !path.startsWith('/rough/')) return 'none'
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    return count % 4 === 0 ? 'none' : (faults[next++ % faults.length] ?? 'none')
  })
  await using copier = await makeCopier(source.url, proxy.url)
  const copied = await copier.run()
  assert.equal(copied.code, 0, copied.output + copied.errors)
  assert.deepEqual(await readBucket(target.client, 'rough'), await readBucket(source.client, 'rough'))
})

test('a source whose answers break off is asked again', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await seedVersions(source.client, 'rough')
  let count = 0
  await using proxy = await startFaultyProxy(source.url, ({ method, path }) => {
    if (method !== 'GET' || !path.startsWith('/rough/')) return 'none'
    return ++count % 3 === 0 ? 'answer cut' : 'none'
  })
  await using copier = await makeCopier(proxy.url, target.url)
  const copied = await copier.run()
  assert.equal(copied.code, 0, copied.output + copied.errors)
  assert.deepEqual(await readBucket(target.client, 'rough'), await readBucket(source.client, 'rough'))
})

test('what a target refuses is told and costs nothing else, and can be accepted', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await seedVersions(source.client, 'picky')
  await seedSettings(source.client, 'picky')
  await using proxy = await startFaultyProxy(target.url, ({ method, path, headers }) => {
    if (headers['x-amz-storage-class'] !== undefined) return { status: 400, code: 'InvalidStorageClass' }
    if (method === 'PUT' && path.includes('?lifecycle')) return { status: 501, code: 'NotImplemented' }
    return 'none'
  })
  await using copier = await makeCopier(source.url, proxy.url)
  const copied = await copier.run()
  assert.equal(copied.code, 1, copied.output)
  assert.match(copied.output, /^missing +0$/m)
  assert.match(copied.output, /^differing +2$/m)
  assert.match(copied.output, /^settings missing or differing +1$/m)
  const told = copier.report().flatMap((line) => {
    if (line.kind === 'setting' && line.status === 'missing') return [`${line.setting}: ${line.reason}`]
    return line.kind === 'version' && (line.lost?.length ?? 0) > 0 ? [`${line.key}: ${line.lost?.join()}`] : []
  })
  assert.deepEqual(told.toSorted(), [
    'attributes: storage class',
    'lifecycle: NotImplemented: Not here.',
    'parts: storage class',
  ])
  const { Metadata, CacheControl } = await target.client.send(
    new GetObjectCommand({ Bucket: 'picky', Key: 'attributes' }),
  )
  assert.deepEqual([Metadata?.colour, CacheControl], ['blue', 'max-age=3'])
  const accepted = await copier.run('--verify', '--accept', 'storage class,lifecycle')
  assert.equal(accepted.code, 0, accepted.output)
})

test('a version that can not be read is missing, and nothing newer comes before it', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await seedVersions(source.client, 'broken')
  let refused = 0
  await using proxy = await startFaultyProxy(source.url, ({ method, path }) => {
    if (method !== 'GET' || !path.startsWith('/broken/history') || ++refused > 1) return 'none'
    return { status: 403, code: 'AccessDenied' }
  })
  await using copier = await makeCopier(proxy.url, target.url)
  const copied = await copier.run()
  assert.equal(copied.code, 1)
  assert.match(copied.output, /^missing +7$/m)
  const keys = (await readBucket(target.client, 'broken')).map(({ key }) => key)
  assert.ok(!keys.includes('history') && keys.includes('attributes'))
  assert.equal((await copier.run()).code, 0)
  assert.deepEqual(await readBucket(target.client, 'broken'), await readBucket(source.client, 'broken'))
})

test('a target without versions gets the newest, and the others are told', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await seedVersions(source.client, 'flat')
  await using proxy = await startFaultyProxy(target.url, ({ path }) =>
    /\?(.*&)?(versioning|versions)(=|&|$)/.test(path) ? { status: 501, code: 'NotImplemented' } : 'none',
  )
  await using copier = await makeCopier(source.url, proxy.url)
  const copied = await copier.run()
  assert.equal(copied.code, 1)
  assert.match(copied.output, /^missing +9$/m)
  const newest = (await readBucket(source.client, 'flat')).filter(({ isLatest, isMarker }) => isLatest && !isMarker)
  assert.deepEqual(await readBucket(target.client, 'flat'), newest)
  assert.doesNotMatch((await copier.run()).output, /^copied/m)
})
