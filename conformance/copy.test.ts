import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { CEPH_PACKAGES, cephInstalled, type S3User, startCeph } from './engines/ceph-rgw.ts'
import { startS3Server } from './engines/s3-server.ts'
import { HOSTILE_KEYS } from './hostile-keys.ts'

// Moving out of the store, to a store of another maker, and back into one of ours.

const LAUNCHER = fileURLToPath(new URL('../packages/s3-copy/bin/skycrate-s3-copy.mjs', import.meta.url))
const MEBIBYTE = 1024 ** 2

/** What these specs read of a line of the report. */
interface Told {
  readonly kind: string
  readonly status?: string
  readonly bucket?: string
  readonly key?: string
  readonly setting?: string
  readonly lost?: readonly string[]
}

interface Side extends S3User {
  readonly url: string
}

const clientOf = ({ url, accessKeyId, secretAccessKey }: Side): S3Client =>
  new S3Client({
    endpoint: url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })

const run = async (from: Side, to: Side, ...args: string[]) => {
  const dir = await mkdtemp(join(tmpdir(), 'skycrate-copy-'))
  const report = join(dir, 'report.jsonl')
  const env = {
    PATH: process.env.PATH,
    S3_SOURCE_ACCESS_KEY_ID: from.accessKeyId,
    S3_SOURCE_SECRET_ACCESS_KEY: from.secretAccessKey,
    S3_TARGET_ACCESS_KEY_ID: to.accessKeyId,
    S3_TARGET_SECRET_ACCESS_KEY: to.secretAccessKey,
  }
  try {
    const all = [LAUNCHER, '--from', from.url, '--to', to.url, '--report', report, ...args]
    const { code, output } = await new Promise<{ code: number | null; output: string }>((resolve) => {
      const child = execFile(process.execPath, all, { env }, (_error, stdout, stderr) => {
        resolve({ code: child.exitCode, output: stdout + stderr })
      })
    })
    const lines = (await readFile(report, 'utf8')).trimEnd().split('\n')
    return { code, output, told: lines.map((line) => JSON.parse(line) as Told) }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/**
 * Key, size, ETag and whether it is the newest of each version, and the keys with delete markers: of several in a row Ceph
 * keeps one.
 */
const shape = async (client: S3Client, Bucket: string): Promise<unknown[]> => {
  const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }))
  const all = [
    ...Versions.map(({ Key, Size, ETag, IsLatest }) => [Key, Size, ETag, IsLatest]),
    ...DeleteMarkers.map(({ Key }) => [Key, 'marker']),
  ]
  return [...new Set(all.map((each) => JSON.stringify(each)))].map((text) => JSON.parse(text) as unknown)
}

const seed = async (client: S3Client): Promise<void> => {
  const Bucket = 'moving'
  await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }))
  for (const Body of ['one', 'two']) await client.send(new PutObjectCommand({ Bucket, Key: 'history', Body }))
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'history' }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'history', Body: 'three' }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'gone', Body: 'x' }))
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'twice', Body: 'x' }))
  for (let round = 0; round < 2; round++) await client.send(new DeleteObjectCommand({ Bucket, Key: 'twice' }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'twice', Body: 'back' }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'deleted twice', Body: 'x' }))
  for (let round = 0; round < 2; round++) {
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'deleted twice' }))
  }
  for (const Key of HOSTILE_KEYS) await client.send(new PutObjectCommand({ Bucket, Key, Body: `the bytes of ${Key}` }))
  const held = {
    ObjectLockLegalHoldStatus: 'ON',
    Tagging: 'a=b',
    Metadata: { m: 'n' },
    CacheControl: 'no-store',
  } as const
  await client.send(new PutObjectCommand({ Bucket, Key: 'held', Body: 'held', ...held }))
  const upload = { Bucket, Key: 'parts' }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...upload, Tagging: 'c=d' }))
  const Parts = []
  for (const [at, size] of [5 * MEBIBYTE, 6 * MEBIBYTE + 3, 11].entries()) {
    const part = { ...upload, UploadId, PartNumber: at + 1, Body: Buffer.alloc(size, at + 1) }
    Parts.push({ PartNumber: at + 1, ETag: (await client.send(new UploadPartCommand(part))).ETag })
  }
  await client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } }))
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await client.send(new CreateBucketCommand({ Bucket: 'plain' }))
  await client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'x', Body: 'y', StorageClass: 'STANDARD_IA' }))
  await client.send(new PutBucketVersioningCommand({ Bucket: 'plain', VersioningConfiguration }))
}

test(
  'everything moves to Ceph with its versions and back into a store, and what Ceph refuses is told',
  { skip: cephInstalled() ? false : `Ceph as a target of copies: apt-get install ${CEPH_PACKAGES.join(' ')}` },
  async () => {
    await using store = await startS3Server()
    await using ceph = await startCeph()
    await using other = await startS3Server()
    const there = { ...ceph.owner, url: ceph.url }
    const [source, middle, last] = [clientOf(store), clientOf(there), clientOf(other)]
    await seed(source)

    const out = await run(store, there, '--accept', 'checksum')
    assert.equal(out.code, 1, out.output)
    assert.match(out.output, /^missing +0$/m)
    const refused = out.told.flatMap((line) => {
      if (line.kind === 'setting' && line.status === 'missing') return [`${line.bucket}: ${line.setting}`]
      const lost = (line.lost ?? []).filter((name) => name !== 'checksum')
      return lost.length > 0 ? [`${line.bucket}/${line.key}: ${lost.join()}`] : []
    })
    assert.deepEqual(refused, ['moving: ownership controls', 'plain: ownership controls', 'plain/x: storage class'])
    for (const bucket of ['moving', 'plain']) {
      assert.deepEqual(await shape(middle, bucket), await shape(source, bucket))
    }
    const held = { Bucket: 'moving', Key: 'held' }
    assert.deepEqual((await middle.send(new GetObjectLegalHoldCommand(held))).LegalHold, { Status: 'ON' })
    const { Metadata, CacheControl } = await middle.send(new GetObjectCommand(held))
    assert.deepEqual([Metadata, CacheControl], [{ m: 'n' }, 'no-store'])
    const parts = { Bucket: 'moving', Key: 'parts' }
    assert.deepEqual((await middle.send(new GetObjectTaggingCommand(parts))).TagSet, [{ Key: 'c', Value: 'd' }])

    // A second run has nothing to do but what was refused before.
    const accepted = ['--accept', 'checksum,storage class,ownership controls']
    const again = await run(store, there, ...accepted)
    assert.equal(again.code, 0, again.output)
    assert.doesNotMatch(again.output, /^copied/m)
    const verified = await run(store, there, '--verify', '--deep', ...accepted)
    assert.equal(verified.code, 0, verified.output)

    // Ceph does not tell of which parts an object was made; sizes that are no whole MiB can't be guessed.
    const back = await run(there, other, '--accept', 'etag')
    assert.equal(back.code, 0, back.output)
    const bytes = async (client: S3Client): Promise<Buffer> =>
      Buffer.from((await (await client.send(new GetObjectCommand(parts))).Body?.transformToByteArray()) ?? [])
    assert.ok((await bytes(source)).equals(await bytes(last)))
    const withoutParts = (all: unknown[]): unknown[] => all.filter((each) => Array.isArray(each) && each[0] !== 'parts')
    assert.deepEqual(withoutParts(await shape(last, 'moving')), withoutParts(await shape(source, 'moving')))
    for (const client of [source, middle, last]) client.destroy()
  },
)
