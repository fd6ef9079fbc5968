import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { STORAGE_CLASSES } from '../src/objects/storage-class.ts'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'

const Bucket = 'attributes'
const ALL: s3.ObjectAttributes[] = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize']
const MIB = 1024 * 1024

test('the attributes asked for are told, of the version asked for, and no others', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  await client.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  const put = await client.send(
    new s3.PutObjectCommand({
      Bucket,
      Key: 'k',
      Body: 'first',
      ChecksumAlgorithm: 'SHA256',
      StorageClass: 'STANDARD_IA',
    }),
  )
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'k', Body: 'second one' }))
  const old = await client.send(
    new s3.GetObjectAttributesCommand({
      Bucket,
      Key: 'k',
      VersionId: put.VersionId ?? '',
      ObjectAttributes: ALL,
    }),
  )
  assert.equal(old.VersionId, put.VersionId)
  assert.equal(`"${old.ETag}"`, put.ETag)
  assert.equal(old.Checksum?.ChecksumSHA256, put.ChecksumSHA256)
  assert.equal(old.Checksum?.ChecksumType, 'FULL_OBJECT')
  assert.equal(old.StorageClass, 'STANDARD_IA')
  assert.equal(old.ObjectSize, 5)
  assert.equal(old.ObjectParts, undefined)
  const size = await client.send(
    new s3.GetObjectAttributesCommand({ Bucket, Key: 'k', ObjectAttributes: ['ObjectSize'] }),
  )
  assert.equal(size.ObjectSize, 10)
  assert.equal(size.ETag, undefined)
  const path = `/${Bucket}/k`
  const wrong = await send(running.server.url, {
    path,
    query: [['attributes', '']],
    headers: { 'x-amz-object-attributes': 'ETag,Colour' },
  })
  assert.equal(wrong.code, 'InvalidArgument')
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'k' }))
  const gone = new s3.GetObjectAttributesCommand({ Bucket, Key: 'k', ObjectAttributes: ALL })
  await assert.rejects(client.send(gone), { name: 'NoSuchKey' })
})

test('parts are told page by page with their checksums, and read alone with the same ones', async () => {
  await using running = await startRunningServer()
  const { client } = running
  const object = { Bucket, Key: 'big' }
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  const { UploadId } = await client.send(
    new s3.CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm: 'CRC32C' }),
  )
  const bodies = [randomBytes(5 * MIB), randomBytes(5 * MIB), randomBytes(100)]
  const parts: s3.CompletedPart[] = []
  for (const [at, Body] of bodies.entries()) {
    const { ETag, ChecksumCRC32C } = await client.send(
      new s3.UploadPartCommand({ ...object, UploadId, PartNumber: at + 1, Body, ChecksumAlgorithm: 'CRC32C' }),
    )
    parts.push({ PartNumber: at + 1, ETag, ChecksumCRC32C })
  }
  await client.send(new s3.CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts: parts } }))
  const read = async (MaxParts: number, PartNumberMarker: string): Promise<s3.GetObjectAttributesParts> => {
    const command = new s3.GetObjectAttributesCommand({ ...object, ObjectAttributes: ALL, MaxParts, PartNumberMarker })
    return (await client.send(command)).ObjectParts ?? {}
  }
  const first = await read(2, '0')
  assert.deepEqual(
    [first.TotalPartsCount, first.IsTruncated, first.NextPartNumberMarker, first.MaxParts],
    [3, true, '2', 2],
  )
  const second = await read(2, first.NextPartNumberMarker ?? '')
  assert.deepEqual([second.IsTruncated, second.PartNumberMarker], [false, '2'])
  const told = [...(first.Parts ?? []), ...(second.Parts ?? [])]
  assert.deepEqual(
    told.map(({ PartNumber, Size, ChecksumCRC32C }) => [PartNumber, Size, ChecksumCRC32C]),
    bodies.map((body, at) => [at + 1, body.length, parts[at]?.ChecksumCRC32C]),
  )
  for (const [at, body] of bodies.entries()) {
    // The client verifies the bytes against the checksum of the part.
    const part = await client.send(new s3.GetObjectCommand({ ...object, PartNumber: at + 1, ChecksumMode: 'ENABLED' }))
    assert.equal(part.ChecksumCRC32C, parts[at]?.ChecksumCRC32C)
    assert.equal(part.PartsCount, 3)
    assert.ok(body.equals((await part.Body?.transformToByteArray()) ?? Buffer.alloc(0)))
  }
})

test('every storage class is recorded, shown and listed, and unknown ones are refused', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  for (const StorageClass of STORAGE_CLASSES) {
    await client.send(new s3.PutObjectCommand({ Bucket, Key: StorageClass, Body: 'x', StorageClass }))
    const head = await client.send(new s3.HeadObjectCommand({ Bucket, Key: StorageClass }))
    assert.equal(head.StorageClass ?? 'STANDARD', StorageClass)
    const { UploadId = '' } = await client.send(
      new s3.CreateMultipartUploadCommand({ Bucket, Key: 'upload', StorageClass }),
    )
    const listed = await client.send(new s3.ListPartsCommand({ Bucket, Key: 'upload', UploadId }))
    assert.equal(listed.StorageClass, StorageClass)
  }
  const { Contents = [] } = await client.send(new s3.ListObjectsV2Command({ Bucket }))
  for (const { Key, StorageClass } of Contents) assert.equal(StorageClass, Key)
  assert.equal(Contents.length, STORAGE_CLASSES.length)
  const copy = { Bucket, Key: 'STANDARD', CopySource: `${Bucket}/STANDARD` }
  await client.send(new s3.CopyObjectCommand({ ...copy, StorageClass: 'GLACIER' }))
  assert.equal((await client.send(new s3.HeadObjectCommand({ Bucket, Key: 'STANDARD' }))).StorageClass, 'GLACIER')
  for (const name of ['standard', 'COLD', 'EXPRESS_ONEZONE', 'OUTPOSTS']) {
    const wrong = { Bucket, Key: 'k', Body: 'x', StorageClass: name as s3.StorageClass }
    await assert.rejects(client.send(new s3.PutObjectCommand(wrong)), { name: 'InvalidStorageClass' })
  }
})
