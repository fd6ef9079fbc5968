import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { test } from 'node:test'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { send, sign } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'

// What suites and tools of others expect of S3 and found otherwise here.

test('uploads under way end with their bucket, and leave no bytes', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket: 'brief' }))
  for (const Key of ['one', 'two']) {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'brief', Key }))
    await client.send(new UploadPartCommand({ Bucket: 'brief', Key, UploadId, PartNumber: 1, Body: 'bytes' }))
  }
  await client.send(new DeleteBucketCommand({ Bucket: 'brief' }))
  await client.send(new CreateBucketCommand({ Bucket: 'brief' }))
  assert.equal((await client.send(new ListMultipartUploadsCommand({ Bucket: 'brief' }))).Uploads, undefined)
  const blobs = async (): Promise<number> =>
    (await readdir(`${running.dataDir}/blobs`, { recursive: true })).filter((name) => name.length > 2).length
  for (let tries = 0; tries < 200 && (await blobs()) > 0; tries++) await new Promise((done) => setTimeout(done, 10))
  assert.equal(await blobs(), 0)
})

test('a completion without a body is malformed, other documents are missing', async () => {
  await using running = await startRunningServer()
  const { client, server } = running
  await client.send(new CreateBucketCommand({ Bucket: 'empty' }))
  const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'empty', Key: 'k' }))
  const complete = { method: 'POST', path: '/empty/k', query: [['uploadId', UploadId] as const] }
  assert.equal((await send(server.url, complete)).code, 'MalformedXML')
  const versioning = { method: 'PUT', path: '/empty', query: [['versioning', ''] as const] }
  assert.equal((await send(server.url, versioning)).code, 'MissingRequestBodyError')
})

test('encodings keep their form, without the framing of the request', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket: 'encoded' }))
  for (const [sent, kept] of [
    ['gzip', 'gzip'],
    ['deflate, gzip', 'deflate, gzip'],
    ['aws-chunked,gzip', 'gzip'],
    ['deflate, aws-chunked, gzip', 'deflate, gzip'],
  ] as const) {
    await client.send(new PutObjectCommand({ Bucket: 'encoded', Key: 'k', ContentEncoding: sent }))
    const head = await client.send(new HeadObjectCommand({ Bucket: 'encoded', Key: 'k' }))
    assert.equal(head.ContentEncoding, kept, sent)
  }
})

for (const [expect, status] of [
  ['', 200],
  ['101-everything', 417],
] as const) {
  test(`an Expect header that says '${expect}' is answered ${status}`, async () => {
    await using running = await startRunningServer()
    const { url, port } = running.server
    const signed = sign(url, { method: 'PUT', path: '/expectant' })
    const lines = Object.entries({ ...signed.headers, host: new URL(url).host, expect, connection: 'close' })
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `PUT /expectant HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}content-length: 0\r\n\r\n`,
    )
    let answer = ''
    for await (const piece of socket) answer += String(piece)
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
  })
}
