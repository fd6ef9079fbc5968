import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ChunkedEncoder } from '@skycrate/core/sigv4/chunked-encoder'
import { signRequest } from '@skycrate/core/sigv4/sign'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { CHECKSUM_ALGORITHMS, checksumHeader } from '../src/checksum/checksum-algorithm.ts'
import { DigestSet } from '../src/checksum/digest-set.ts'
import { send, sendUnsigned } from './raw-request.ts'
import type { RawAnswer } from './raw-request.ts'
import { CREDENTIALS, startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'

const BODY = Buffer.from('the bytes that were meant')
const OTHER = Buffer.from('the bytes that came')

const digest = (name: (typeof CHECKSUM_ALGORITHMS)[number] | 'MD5', bytes: Buffer): string => {
  const digests = new DigestSet([name])
  digests.update(bytes)
  return digests.result(name).toString('base64')
}

const files = async ({ dataDir }: RunningServer): Promise<string[]> =>
  (await readdir(dataDir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /^[0-9a-f]{32}$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))

test('a body that differs from what was announced is refused and leaves nothing', async (t) => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/sum' })
  const put = (headers: Record<string, string>): Promise<RawAnswer> =>
    send(url, { method: 'PUT', path: '/sum/o', body: OTHER, headers, payloadHash: 'UNSIGNED-PAYLOAD' })
  const cases: [name: string, headers: Record<string, string>, code: string][] = [
    ['Content-MD5', { 'content-md5': digest('MD5', BODY) }, 'BadDigest'],
    ['a Content-MD5 that is none', { 'content-md5': 'AAAA' }, 'InvalidDigest'],
    ...CHECKSUM_ALGORITHMS.map((name): [string, Record<string, string>, string] => [
      name,
      { [checksumHeader(name)]: digest(name, BODY) },
      'BadDigest',
    ]),
    ['a checksum that is none', { 'x-amz-checksum-crc32': 'AA' }, 'InvalidRequest'],
    [
      'two checksums',
      { 'x-amz-checksum-crc32': digest('CRC32', OTHER), 'x-amz-checksum-sha1': digest('SHA1', OTHER) },
      'InvalidRequest',
    ],
  ]
  for (const [name, headers, code] of cases) {
    await t.test(name, async () => {
      assert.equal((await put(headers)).code, code)
      assert.equal((await send(url, { path: '/sum/o' })).code, 'NoSuchKey')
      assert.deepEqual(await files(running), [])
    })
  }
})

test('a true checksum is stored and returned', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/sum' })
  for (const name of CHECKSUM_ALGORITHMS) {
    const header = checksumHeader(name)
    const value = digest(name, BODY)
    const put = await send(url, { method: 'PUT', path: '/sum/o', body: BODY, headers: { [header]: value } })
    assert.equal(put.headers[header], value)
    const got = await send(url, { path: '/sum/o', headers: { 'x-amz-checksum-mode': 'ENABLED' } })
    assert.equal(got.headers[header], value)
    assert.equal(got.headers['x-amz-checksum-type'], 'FULL_OBJECT')
    const part = await send(url, { path: '/sum/o', headers: { 'x-amz-checksum-mode': 'ENABLED', range: 'bytes=0-1' } })
    assert.equal(part.headers[header], undefined)
  }
})

test('the SDK sends and checks each checksum by itself', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket: 'sum' }))
  for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const) {
    await client.send(new PutObjectCommand({ Bucket: 'sum', Key: 'o', Body: BODY, ChecksumAlgorithm }))
    const got = await client.send(new GetObjectCommand({ Bucket: 'sum', Key: 'o', ChecksumMode: 'ENABLED' }))
    assert.equal(await got.Body?.transformToString(), BODY.toString())
  }
})

interface ChunkedPut {
  readonly mode: 'chunked-signed' | 'chunked-signed-trailer' | 'chunked-unsigned-trailer'
  readonly payloadHash: string
  readonly trailer?: readonly [name: string, value: string]
  readonly tamper?: (body: Buffer) => Buffer
}

const putChunked = (
  url: string,
  data: Buffer,
  { mode, payloadHash, trailer, tamper }: ChunkedPut,
): Promise<RawAnswer> => {
  const { headers, seed } = signRequest({
    method: 'PUT',
    host: new URL(url).host,
    path: '/sum/chunked',
    headers: {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': String(data.length),
      ...(trailer === undefined ? {} : { 'x-amz-trailer': trailer[0] }),
    },
    payloadHash,
    credentials: CREDENTIALS,
    region: 'us-east-1',
    service: 's3',
    now: Date.now(),
  })
  const encoder = new ChunkedEncoder({ mode, seed })
  const pieces: Buffer[] = []
  for (let at = 0; at < data.length; at += 65_536) pieces.push(encoder.encode(data.subarray(at, at + 65_536)))
  pieces.push(encoder.end(new Map(trailer === undefined ? [] : [trailer])))
  const body = Buffer.concat(pieces)
  return sendUnsigned(url, 'PUT', '/sum/chunked', headers, tamper === undefined ? body : tamper(body))
}

test('chunked bodies are verified chunk by chunk, with their trailer', async (t) => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/sum' })
  const data = randomBytes(200_000)
  const crc = ['x-amz-checksum-crc32c', digest('CRC32C', data)] as const
  const signed = { mode: 'chunked-signed', payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' } as const
  const signedTrailer = {
    mode: 'chunked-signed-trailer',
    payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    trailer: crc,
  } as const
  const unsigned = {
    mode: 'chunked-unsigned-trailer',
    payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    trailer: crc,
  } as const
  const flip = (body: Buffer): Buffer => {
    const copy = Buffer.from(body)
    copy[100_000] = (copy[100_000] ?? 0) ^ 1
    return copy
  }
  const wrong = ['x-amz-checksum-crc32c', digest('CRC32C', BODY)] as const
  const refused: [name: string, put: ChunkedPut, code: string][] = [
    ['a flipped bit in signed chunks', { ...signed, tamper: flip }, 'SignatureDoesNotMatch'],
    ['a flipped bit before a signed trailer', { ...signedTrailer, tamper: flip }, 'SignatureDoesNotMatch'],
    ['a flipped bit before an unsigned trailer', { ...unsigned, tamper: flip }, 'BadDigest'],
    ['a wrong checksum in the trailer', { ...signedTrailer, trailer: wrong }, 'BadDigest'],
    ['a body without its last chunk', { ...signed, tamper: (body) => body.subarray(0, -88) }, 'IncompleteBody'],
  ]
  for (const [name, put, code] of refused) {
    await t.test(`refused: ${name}`, async () => {
      assert.equal((await putChunked(url, data, put)).code, code)
      assert.equal((await send(url, { path: '/sum/chunked' })).code, 'NoSuchKey')
      assert.deepEqual(await files(running), [])
    })
  }
  for (const put of [signed, signedTrailer, unsigned]) {
    await t.test(`taken: ${put.mode}`, async () => {
      assert.equal((await putChunked(url, data, put)).status, 200)
      const got = await send(url, { path: '/sum/chunked' })
      assert.equal(createHash('md5').update(got.body).digest('hex'), createHash('md5').update(data).digest('hex'))
      assert.equal(got.headers['content-encoding'], undefined)
    })
  }
})
