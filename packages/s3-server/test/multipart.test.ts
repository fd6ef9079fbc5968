import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import type { CompletedPart, CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3'
import { CrcCombiner } from '../src/checksum/combine-crc.ts'
import { DigestSet } from '../src/checksum/digest-set.ts'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'

const MIB = 1024 * 1024
const PARTS = [randomBytes(5 * MIB), randomBytes(5 * MIB + 17), randomBytes(1234)]
const WHOLE = Buffer.concat(PARTS)

const begin = async (
  { client }: RunningServer,
  options: Partial<CreateMultipartUploadCommandInput> = {},
): Promise<{ Bucket: string; Key: string; UploadId: string }> => {
  await client.send(new CreateBucketCommand({ Bucket: 'multi' }))
  const { UploadId = '' } = await client.send(
    new CreateMultipartUploadCommand({
      Bucket: 'multi',
      Key: 'big',
      ContentType: 'video/x',
      Metadata: { a: 'b' },
      ...options,
    }),
  )
  return { Bucket: 'multi', Key: 'big', UploadId }
}

const uploadAll = async (
  { client }: RunningServer,
  upload: { Bucket: string; Key: string; UploadId: string },
): Promise<CompletedPart[]> => {
  const parts: CompletedPart[] = []
  for (const [at, Body] of PARTS.entries()) {
    const { $metadata: _, ...done } = await client.send(new UploadPartCommand({ ...upload, PartNumber: at + 1, Body }))
    parts.push({ PartNumber: at + 1, ...done })
  }
  return parts
}

const storedBlobs = async ({ dataDir }: RunningServer): Promise<number> =>
  (await readdir(`${dataDir}/blobs`, { recursive: true })).filter((name) => name.length > 2).length

test('parts become one object with its ETag, attributes, ranges and part numbers', async () => {
  await using running = await startRunningServer()
  const { client } = running
  const upload = await begin(running)
  const Parts = await uploadAll(running, upload)
  const listed = await client.send(new ListPartsCommand({ ...upload, MaxParts: 2 }))
  assert.deepEqual(
    listed.Parts?.map(({ Size }) => Size),
    [5 * MIB, 5 * MIB + 17],
  )
  assert.equal(listed.NextPartNumberMarker, '2')
  const done = await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
  const md5s = Buffer.concat(PARTS.map((part) => createHash('md5').update(part).digest()))
  assert.equal(done.ETag, `"${createHash('md5').update(md5s).digest('hex')}-3"`)
  const again = await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
  assert.equal(again.ETag, done.ETag, 'a completion that is asked for again gets the same answer')

  const got = await client.send(new GetObjectCommand({ Bucket: 'multi', Key: 'big' }))
  assert.ok(WHOLE.equals((await got.Body?.transformToByteArray()) ?? new Uint8Array()))
  assert.equal(got.ContentType, 'video/x')
  assert.deepEqual(got.Metadata, { a: 'b' })
  const start = 5 * MIB - 3
  const across = await client.send(
    new GetObjectCommand({ Bucket: 'multi', Key: 'big', Range: `bytes=${start}-${10 * MIB + 20}` }),
  )
  assert.ok(
    WHOLE.subarray(start, 10 * MIB + 21).equals((await across.Body?.transformToByteArray()) ?? new Uint8Array()),
  )
  const second = await client.send(new HeadObjectCommand({ Bucket: 'multi', Key: 'big', PartNumber: 2 }))
  assert.equal(second.ContentLength, 5 * MIB + 17)
  assert.equal(second.PartsCount, 3)

  await client.send(new DeleteObjectCommand({ Bucket: 'multi', Key: 'big' }))
  await client.send(new DeleteBucketCommand({ Bucket: 'multi' }))
})

test('parts that are yet to be read stay for a reader who began before their object was deleted', async () => {
  await using running = await startRunningServer()
  const { client } = running
  const upload = await begin(running)
  const Parts = await uploadAll(running, upload)
  await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
  const got = await client.send(new GetObjectCommand({ Bucket: 'multi', Key: 'big' }))
  await client.send(new DeleteObjectCommand({ Bucket: 'multi', Key: 'big' }))
  await new Promise((resolve) => setTimeout(resolve, 50))
  // The third is small and lies in the index.
  assert.equal(await storedBlobs(running), 2)
  assert.ok(WHOLE.equals((await got.Body?.transformToByteArray()) ?? new Uint8Array()))
  for (let tries = 0; tries < 50 && (await storedBlobs(running)) > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.equal(await storedBlobs(running), 0)
})

test('what can not be put together is refused, and the upload stays', async (t) => {
  await using running = await startRunningServer()
  const { client } = running
  const upload = await begin(running)
  const [first, second, third] = (await uploadAll(running, upload)) as [CompletedPart, CompletedPart, CompletedPart]
  const cases: [name: string, parts: CompletedPart[], code: string][] = [
    ['parts out of order', [second, first], 'InvalidPartOrder'],
    ['a part twice', [first, first], 'InvalidPartOrder'],
    ['a part that is not there', [first, { ...second, PartNumber: 9 }], 'InvalidPart'],
    ['a wrong tag', [first, { ...second, ETag: '"00000000000000000000000000000000"' }], 'InvalidPart'],
    [
      'a small part that is not the last',
      [third, { PartNumber: 4, ETag: createHash('md5').update('small').digest('hex') }],
      'EntityTooSmall',
    ],
    ['no part', [], 'MalformedXML'],
  ]
  await client.send(new UploadPartCommand({ ...upload, PartNumber: 4, Body: 'small' }))
  for (const [name, Parts, code] of cases) {
    await t.test(name, () =>
      assert.rejects(client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })), {
        name: code,
      }),
    )
  }
  await assert.rejects(client.send(new ListPartsCommand({ ...upload, Key: 'other' })), { name: 'NoSuchUpload' })
  await assert.rejects(client.send(new UploadPartCommand({ ...upload, PartNumber: 10_001, Body: 'x' })), {
    name: 'InvalidArgument',
  })
  await client.send(new AbortMultipartUploadCommand(upload))
  await assert.rejects(client.send(new AbortMultipartUploadCommand(upload)), { name: 'NoSuchUpload' })
})

test('aborting an upload and uploading a part again leave no bytes behind', async () => {
  await using running = await startRunningServer()
  const { client } = running
  const upload = await begin(running)
  for (const Body of ['one', 'two', 'three']) {
    await client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body }))
  }
  const { Parts } = await client.send(new ListPartsCommand(upload))
  assert.deepEqual(
    Parts?.map(({ Size }) => Size),
    [5],
  )
  await client.send(new AbortMultipartUploadCommand(upload))
  for (let tries = 0; tries < 50 && (await storedBlobs(running)) > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.equal(await storedBlobs(running), 0)
})

test('uploads are listed by key and id, page by page', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket: 'multi' }))
  for (const Key of ['a', 'a', 'b/1', 'b/2', 'c']) {
    await client.send(new CreateMultipartUploadCommand({ Bucket: 'multi', Key }))
  }
  const seen: string[] = []
  let KeyMarker: string | undefined
  let UploadIdMarker: string | undefined
  do {
    const page = await client.send(
      new ListMultipartUploadsCommand({
        Bucket: 'multi',
        MaxUploads: 1,
        Delimiter: '/',
        ...(KeyMarker ? { KeyMarker } : {}),
        ...(UploadIdMarker ? { UploadIdMarker } : {}),
      }),
    )
    seen.push(
      ...(page.Uploads ?? []).map(({ Key }) => Key ?? ''),
      ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''),
    )
    KeyMarker = page.NextKeyMarker
    UploadIdMarker = page.NextUploadIdMarker
    if (page.IsTruncated !== true) break
  } while (seen.length < 10)
  assert.deepEqual(seen, ['a', 'a', 'b/', 'c'])
})

test('parts can be copied from objects, whole or in part', async () => {
  await using running = await startRunningServer()
  const { client } = running
  const upload = await begin(running)
  const source = randomBytes(6 * MIB)
  await client.send(new PutObjectCommand({ Bucket: 'multi', Key: 'src é', Body: source }))
  const CopySource = encodeURI('multi/src é')
  const one = await client.send(new UploadPartCopyCommand({ ...upload, PartNumber: 1, CopySource }))
  const two = await client.send(
    new UploadPartCopyCommand({ ...upload, PartNumber: 2, CopySource, CopySourceRange: 'bytes=10-19' }),
  )
  await assert.rejects(
    client.send(
      new UploadPartCopyCommand({ ...upload, PartNumber: 3, CopySource, CopySourceRange: `bytes=0-${6 * MIB}` }),
    ),
    { name: 'InvalidRange' },
  )
  const Parts = [one, two].map(({ CopyPartResult }, at) => ({ PartNumber: at + 1, ETag: CopyPartResult?.ETag }))
  await client.send(
    new CompleteMultipartUploadCommand({
      ...upload,
      MultipartUpload: { Parts: Parts.map(({ PartNumber, ETag = '' }) => ({ PartNumber, ETag })) },
    }),
  )
  const got = await client.send(new GetObjectCommand({ Bucket: 'multi', Key: 'big' }))
  assert.ok(
    Buffer.concat([source, source.subarray(10, 20)]).equals(
      (await got.Body?.transformToByteArray()) ?? new Uint8Array(),
    ),
  )
})

test('checksums of multipart objects are composite or of the whole, as the upload was begun', async () => {
  for (const [ChecksumAlgorithm, ChecksumType] of [
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32C', 'COMPOSITE'],
    ['SHA256', 'COMPOSITE'],
  ] as const) {
    await using running = await startRunningServer()
    const { client } = running
    const upload = await begin(running, { ChecksumAlgorithm, ChecksumType })
    const Parts: CompletedPart[] = []
    for (const [at, Body] of PARTS.entries()) {
      const { $metadata: _, ...part } = await client.send(
        new UploadPartCommand({ ...upload, PartNumber: at + 1, Body, ChecksumAlgorithm }),
      )
      Parts.push({ PartNumber: at + 1, ...part })
    }
    const done = await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
    const sums = PARTS.map((part) => {
      const digests = new DigestSet([ChecksumAlgorithm])
      digests.update(part)
      return digests.result(ChecksumAlgorithm)
    })
    const composite = new DigestSet([ChecksumAlgorithm])
    for (const sum of sums) composite.update(sum)
    const whole = new CrcCombiner('CRC32')
    for (const [at, sum] of sums.entries()) whole.append(sum, PARTS[at]?.length ?? 0)
    const expected =
      ChecksumType === 'COMPOSITE'
        ? `${composite.result(ChecksumAlgorithm).toString('base64')}-3`
        : whole.digest().toString('base64')
    assert.equal(
      { CRC32: done.ChecksumCRC32, CRC32C: done.ChecksumCRC32C, SHA256: done.ChecksumSHA256 }[ChecksumAlgorithm],
      expected,
    )
    assert.equal(done.ChecksumType, ChecksumType)
    const head = await client.send(new HeadObjectCommand({ Bucket: 'multi', Key: 'big', ChecksumMode: 'ENABLED' }))
    assert.equal(head.ChecksumType, ChecksumType)
  }
})

test('a completion is held to the checksums that it names, of the whole and of the parts', async (t) => {
  await using running = await startRunningServer()
  const { client } = running
  const upload = await begin(running, { ChecksumAlgorithm: 'SHA256' })
  const Parts: CompletedPart[] = []
  const composite = createHash('sha256')
  for (const [at, Body] of PARTS.entries()) {
    const PartNumber = at + 1
    const sent = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body, ChecksumAlgorithm: 'SHA256' }))
    composite.update(sent.ChecksumSHA256 ?? '', 'base64')
    Parts.push({ PartNumber, ETag: sent.ETag, ChecksumSHA256: sent.ChecksumSHA256 })
  }
  const right = composite.digest('base64')
  const bare = Parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }))
  const wrong = createHash('sha256').update('else').digest('base64')
  const cases: [name: string, code: string, input: object, parts?: CompletedPart[]][] = [
    ['what is no checksum', 'InvalidRequest', { ChecksumSHA256: 'bad' }],
    ['another number of parts', 'InvalidRequest', { ChecksumSHA256: `${right}-4` }],
    ['a checksum of something else', 'BadDigest', { ChecksumSHA256: wrong }],
    ['another mode', 'InvalidRequest', { ChecksumType: 'FULL_OBJECT' }],
    ['a part without its checksum', 'InvalidRequest', {}, bare],
    ['a part with another one', 'InvalidPart', {}, Parts.map((part) => ({ ...part, ChecksumSHA256: wrong }))],
    ['another size', 'InvalidRequest', { MpuObjectSize: 1 }],
  ]
  for (const [name, code, input, parts = Parts] of cases) {
    await t.test(name, async () => {
      const MultipartUpload = { Parts: parts }
      const asked = client.send(new CompleteMultipartUploadCommand({ ...upload, ...input, MultipartUpload }))
      await assert.rejects(asked, { name: code })
    })
  }
  const whole = { ChecksumSHA256: `${right}-3`, ChecksumType: 'COMPOSITE' as const, MpuObjectSize: WHOLE.length }
  const MultipartUpload = { Parts }
  const done = await client.send(new CompleteMultipartUploadCommand({ ...upload, ...whole, MultipartUpload }))
  assert.equal(done.ChecksumSHA256, `${right}-3`)
  const again = await client.send(new CompleteMultipartUploadCommand({ ...upload, ...whole, MultipartUpload }))
  assert.deepEqual([again.ETag, again.ChecksumSHA256], [done.ETag, done.ChecksumSHA256])
})

test('a checksum of the whole object goes with a completion as a header, and is not that of its body', async () => {
  await using running = await startRunningServer()
  const { client } = running
  const upload = await begin(running, { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' })
  const MultipartUpload = { Parts: await uploadAll(running, upload) }
  const digests = new DigestSet(['CRC32'])
  digests.update(WHOLE)
  const ChecksumCRC32 = digests.result('CRC32').toString('base64')
  const complete = (sum: string): Promise<{ readonly ChecksumCRC32?: string | undefined }> =>
    client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload, ChecksumCRC32: sum }))
  await assert.rejects(complete('AAAAAA=='), { name: 'BadDigest' })
  assert.equal((await complete(ChecksumCRC32)).ChecksumCRC32, ChecksumCRC32)
})
