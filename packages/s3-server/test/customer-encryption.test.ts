import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { makeTestKey } from './customer-key-headers.ts'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'

const MIB = 1024 ** 2
const md5Of = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex')

const prepare = async (): Promise<RunningServer> => {
  const running = await startRunningServer()
  await running.client.send(new CreateBucketCommand({ Bucket: 'box' }))
  return running
}

const everyFile = async (directory: string): Promise<{ readonly path: string; readonly bytes: Buffer }[]> =>
  Promise.all(
    (await readdir(directory, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        return { path, bytes: await readFile(path) }
      }),
  )

test('what a customer key encrypts is read with it alone, whole, in ranges and by HEAD', async () => {
  await using running = await prepare()
  const { url } = running.server
  const [key, other] = [makeTestKey(), makeTestKey()]
  for (const size of [0, 1, 65_535, 65_536, 65_537, 400_000]) {
    const body = randomBytes(size)
    const put = await send(url, { method: 'PUT', path: '/box/o', body, headers: key.headers })
    assert.equal(put.status, 200)
    assert.equal(put.headers['x-amz-server-side-encryption-customer-algorithm'], 'AES256')
    assert.equal(put.headers['x-amz-server-side-encryption-customer-key-md5'], key.md5)
    assert.equal(put.headers['x-amz-server-side-encryption'], undefined)
    assert.notEqual(put.headers.etag, `"${md5Of(body)}"`, 'the tag tells nothing of the bytes')
    for (const method of ['GET', 'HEAD']) {
      const got = await send(url, { method, path: '/box/o', headers: key.headers })
      assert.equal(got.status, 200)
      assert.equal(got.headers.etag, put.headers.etag)
      assert.equal(got.headers['content-length'], String(size))
      assert.equal(got.headers['x-amz-server-side-encryption-customer-key-md5'], key.md5)
      if (method === 'GET') assert.ok(got.body.equals(body), `${size} bytes`)
      const without = await send(url, { method, path: '/box/o' })
      assert.equal(without.status, 400)
      const wrong = await send(url, { method, path: '/box/o', headers: other.headers })
      assert.equal(wrong.status, 403)
      if (method !== 'GET') continue
      assert.equal(without.code, 'InvalidRequest')
      assert.equal(wrong.code, 'AccessDenied')
    }
    for (const [start, end] of [
      [0, 0],
      [65_530, 65_545],
      [131_072, 300_000],
      [size - 3, size - 1],
    ] as const) {
      if (start < 0 || start >= size) continue
      const part = await send(url, {
        path: '/box/o',
        headers: { ...key.headers, range: `bytes=${start}-${end}` },
      })
      assert.ok(part.body.equals(body.subarray(start, end + 1)), `${start} to ${end} of ${size}`)
    }
  }
})

test('neither the key nor what it encrypts lies anywhere in the data directory', async () => {
  await using running = await prepare()
  const key = makeTestKey()
  const body = Buffer.from('RECOGNISABLE '.repeat(10_000))
  await send(running.server.url, { method: 'PUT', path: '/box/o', body, headers: key.headers })
  await running.server.close()
  const files = await everyFile(running.dataDir)
  assert.ok(files.some(({ bytes }) => bytes.length > body.length))
  for (const { path, bytes } of files) {
    for (const secret of ['RECOGNISABLE', key.bytes, key.text, key.bytes.toString('hex'), key.md5]) {
      assert.ok(!bytes.includes(secret), path)
    }
  }
  // But the key still opens it.
  await using again = await startRunningServer({ dataDir: running.dataDir })
  assert.ok((await send(again.server.url, { path: '/box/o', headers: key.headers })).body.equals(body))
})

test('headers of a customer key that are not right are refused as on S3', async (t) => {
  await using running = await prepare()
  const { url } = running.server
  const key = makeTestKey()
  const P = 'x-amz-server-side-encryption-customer-'
  const short = randomBytes(16)
  const without = (name: string): Record<string, string> => {
    const { [`${P}${name}`]: _left, ...rest } = key.headers
    return rest
  }
  const cases: readonly (readonly [string, Record<string, string>, number, string])[] = [
    ['no algorithm', without('algorithm'), 400, 'InvalidArgument'],
    ['no key', without('key'), 400, 'InvalidArgument'],
    ['no MD5', without('key-md5'), 400, 'InvalidArgument'],
    ['the algorithm alone', { [`${P}algorithm`]: 'AES256' }, 400, 'InvalidArgument'],
    ['another algorithm', { ...key.headers, [`${P}algorithm`]: 'AES192' }, 400, 'InvalidEncryptionAlgorithmError'],
    ['another MD5', { ...key.headers, [`${P}key-md5`]: makeTestKey().md5 }, 400, 'InvalidArgument'],
    [
      'a short key',
      {
        ...key.headers,
        [`${P}key`]: short.toString('base64'),
        [`${P}key-md5`]: createHash('md5').update(short).digest('base64'),
      },
      400,
      'InvalidArgument',
    ],
    ['a key that is no base64', { ...key.headers, [`${P}key`]: '!'.repeat(44) }, 400, 'InvalidArgument'],
    ['with AES256', { ...key.headers, 'x-amz-server-side-encryption': 'AES256' }, 400, 'InvalidArgument'],
    ['with aws:kms', { ...key.headers, 'x-amz-server-side-encryption': 'aws:kms' }, 400, 'InvalidArgument'],
  ]
  await send(url, { method: 'PUT', path: '/box/plain', body: 'plain' })
  for (const [name, headers, status, code] of cases) {
    await t.test(name, async () => {
      const put = await send(url, { method: 'PUT', path: '/box/refused', body: 'x', headers })
      assert.deepEqual([put.status, put.code], [status, code])
      assert.ok(!put.text.includes(key.text), 'an answer never holds a key')
      assert.equal((await send(url, { path: '/box/refused' })).status, 404)
      const create = await send(url, { method: 'POST', path: '/box/refused', query: [['uploads', '']], headers })
      assert.deepEqual([create.status, create.code], [status, code])
    })
  }
  const bare = await send(url, { method: 'PUT', path: '/box/refused', body: 'x', headers: without('key-md5') })
  assert.match(bare.text, /must provide the client calculated MD5 of the secret key/)
  const got = await send(url, { path: '/box/plain', headers: key.headers })
  assert.deepEqual([got.status, got.code], [400, 'InvalidRequest'], 'a key for what has none')
})

test('a multipart upload is sealed part by part with the key that it was begun with', async () => {
  await using running = await prepare()
  const { client } = running
  const [key, other] = [makeTestKey(), makeTestKey()]
  const place = { Bucket: 'box', Key: 'big' }
  const pieces = [randomBytes(5 * MIB + 7), randomBytes(5 * MIB), randomBytes(1234)]
  const { UploadId, SSECustomerKeyMD5 } = await client.send(
    new CreateMultipartUploadCommand({ ...place, ChecksumAlgorithm: 'CRC32', ...key.input }),
  )
  assert.equal(SSECustomerKeyMD5, key.md5)
  const part = { ...place, UploadId, PartNumber: 1, Body: 'bytes' }
  await assert.rejects(client.send(new UploadPartCommand(part)), { name: 'InvalidRequest' })
  await assert.rejects(client.send(new UploadPartCommand({ ...part, ...other.input })), { name: 'InvalidRequest' })
  await client.send(new PutObjectCommand({ Bucket: 'box', Key: 'source', Body: pieces[1]!, ...other.input }))
  const sent = []
  for (const [at, Body] of pieces.entries()) {
    const PartNumber = at + 1
    if (at === 1) {
      const copy = { ...place, UploadId, PartNumber, CopySource: 'box/source', ...key.input }
      await assert.rejects(client.send(new UploadPartCopyCommand(copy)), { name: 'InvalidRequest' })
      const { CopyPartResult, SSECustomerAlgorithm } = await client.send(
        new UploadPartCopyCommand({
          ...copy,
          CopySourceSSECustomerAlgorithm: 'AES256',
          CopySourceSSECustomerKey: other.text,
          CopySourceSSECustomerKeyMD5: other.md5,
        }),
      )
      assert.equal(SSECustomerAlgorithm, 'AES256')
      sent.push({ PartNumber, ETag: CopyPartResult?.ETag, ChecksumCRC32: CopyPartResult?.ChecksumCRC32 })
    } else {
      const answer = await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber, Body, ...key.input }))
      assert.equal(answer.SSECustomerKeyMD5, key.md5)
      assert.notEqual(answer.ETag, `"${md5Of(Body)}"`)
      const again = await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber, Body, ...key.input }))
      assert.equal(again.ETag, answer.ETag, 'sent again because the answer was lost')
      sent.push({ PartNumber, ETag: answer.ETag, ChecksumCRC32: answer.ChecksumCRC32 })
    }
  }
  const complete = { ...place, UploadId, MultipartUpload: { Parts: sent } }
  await assert.rejects(client.send(new CompleteMultipartUploadCommand({ ...complete, ...other.input })), {
    name: 'InvalidRequest',
  })
  // It was begun with a checksum, so the key has to come with the end too.
  await assert.rejects(client.send(new CompleteMultipartUploadCommand(complete)), { name: 'InvalidRequest' })
  await assert.rejects(client.send(new ListPartsCommand({ ...place, UploadId })), { name: 'InvalidRequest' })
  assert.equal((await client.send(new ListPartsCommand({ ...place, UploadId, ...key.input }))).Parts?.length, 3)
  await client.send(new CompleteMultipartUploadCommand({ ...complete, ...key.input }))
  const whole = Buffer.concat(pieces)
  const got = await client.send(new GetObjectCommand({ ...place, ...key.input }))
  assert.ok(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(whole))
  const second = await client.send(new GetObjectCommand({ ...place, ...key.input, PartNumber: 2 }))
  assert.ok(Buffer.from((await second.Body?.transformToByteArray()) ?? []).equals(pieces[1]!))
  await assert.rejects(client.send(new GetObjectCommand(place)), { name: 'InvalidRequest' })
})

test('an upload without a checksum ends without the key, as clients from before that expect', async () => {
  await using running = await prepare()
  const { url } = running.server
  const key = makeTestKey()
  const created = await send(url, { method: 'POST', path: '/box/o', query: [['uploads', '']], headers: key.headers })
  const uploadId = /<UploadId>([^<]+)</.exec(created.text)?.[1] ?? ''
  const put = await send(url, {
    method: 'PUT',
    path: '/box/o',
    query: [
      ['partNumber', '1'],
      ['uploadId', uploadId],
    ],
    headers: key.headers,
    body: 'bytes',
  })
  const done = await send(url, {
    method: 'POST',
    path: '/box/o',
    query: [['uploadId', uploadId]],
    body: `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${put.headers.etag}</ETag></Part></CompleteMultipartUpload>`,
  })
  assert.equal(done.status, 200)
  assert.equal((await send(url, { path: '/box/o', headers: key.headers })).text, 'bytes')
})

test('copies go from one key to another, into it and out of it', async () => {
  await using running = await prepare()
  const { url } = running.server
  const [one, two] = [makeTestKey(), makeTestKey()]
  const body = randomBytes(200_000)
  const copy = (from: string, to: string, headers: Record<string, string>) =>
    send(url, { method: 'PUT', path: `/box/${to}`, headers: { 'x-amz-copy-source': `/box/${from}`, ...headers } })
  await send(url, { method: 'PUT', path: '/box/plain', body })
  assert.equal(
    (await copy('plain', 'one', one.headers)).headers['x-amz-server-side-encryption-customer-key-md5'],
    one.md5,
  )
  assert.equal((await copy('one', 'x', {})).code, 'InvalidRequest', 'the key of the source is missing')
  assert.equal((await copy('one', 'x', two.sourceHeaders)).code, 'AccessDenied')
  assert.equal((await copy('plain', 'x', one.sourceHeaders)).code, 'InvalidRequest')
  assert.equal((await copy('one', 'two', { ...one.sourceHeaders, ...two.headers })).status, 200)
  assert.ok((await send(url, { path: '/box/two', headers: two.headers })).body.equals(body))
  assert.equal((await copy('one', 'again', { ...one.sourceHeaders, ...one.headers })).status, 200)
  assert.equal((await copy('two', 'two', { ...two.sourceHeaders, ...one.headers })).status, 200, 'a new key in place')
  assert.equal((await copy('one', 'open', one.sourceHeaders)).status, 200)
  const sealed = await copy('one', 'sealed', { ...one.sourceHeaders, 'x-amz-server-side-encryption': 'AES256' })
  assert.equal(sealed.headers['x-amz-server-side-encryption'], 'AES256')
  for (const [name, headers] of [
    ['again', one.headers],
    ['two', one.headers],
    ['open', {}],
    ['sealed', {}],
  ] as const) {
    assert.ok((await send(url, { path: `/box/${name}`, headers })).body.equals(body), name)
  }
  const open = await send(url, { path: '/box/open' })
  assert.equal(open.headers.etag, `"${md5Of(body)}"`)
})

test('the SDK takes the key through every command, GetObjectAttributes and presigned URLs too', async () => {
  await using running = await prepare()
  const { client, server } = running
  const key = makeTestKey()
  const place = { Bucket: 'box', Key: 'o' }
  await client.send(new PutObjectCommand({ ...place, Body: 'text', ...key.input }))
  assert.equal((await client.send(new HeadObjectCommand({ ...place, ...key.input }))).ContentLength, 4)
  await client.send(
    new CopyObjectCommand({
      ...place,
      Key: 'p',
      CopySource: 'box/o',
      ...key.input,
      CopySourceSSECustomerAlgorithm: 'AES256',
      CopySourceSSECustomerKey: key.text,
      CopySourceSSECustomerKeyMD5: key.md5,
    }),
  )
  const attributes = { path: '/box/p', query: [['attributes', ''] as const] }
  const wanted = { 'x-amz-object-attributes': 'ETag,ObjectSize' }
  const refused = await send(server.url, { ...attributes, headers: wanted })
  assert.deepEqual([refused.status, refused.code], [400, 'InvalidRequest'])
  const told = await send(server.url, { ...attributes, headers: { ...wanted, ...key.headers } })
  assert.match(told.text, /<ObjectSize>4<\/ObjectSize>/)
  const signed = await getSignedUrl(client, new GetObjectCommand({ ...place, ...key.input }))
  const got = await fetch(signed, { headers: key.headers })
  assert.equal(await got.text(), 'text')
})

test('policies see the algorithm, and a bucket can refuse customer keys', async () => {
  await using running = await prepare()
  const { client, server } = running
  const key = makeTestKey()
  await client.send(
    new PutBucketPolicyCommand({
      Bucket: 'box',
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:PutObject',
            Resource: 'arn:aws:s3:::box/*',
            Condition: { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'true' } },
          },
        ],
      }),
    }),
  )
  const put = (headers: Record<string, string>) =>
    send(server.url, { method: 'PUT', path: '/box/o', body: 'x', headers })
  assert.equal((await put({})).code, 'AccessDenied')
  assert.equal((await put(key.headers)).status, 200)
  const configure = (type: string) =>
    send(server.url, {
      method: 'PUT',
      path: '/box',
      query: [['encryption', '']],
      body:
        '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>' +
        `</ApplyServerSideEncryptionByDefault><BlockedEncryptionTypes><EncryptionType>${type}</EncryptionType>` +
        '</BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>',
    })
  assert.equal((await configure('SSE-C')).status, 200)
  assert.equal((await put(key.headers)).code, 'AccessDenied')
  assert.equal((await send(server.url, { path: '/box/o', headers: key.headers })).status, 200, 'reads go on')
  const told = await send(server.url, { path: '/box', query: [['encryption', '']] })
  assert.match(told.text, /<EncryptionType>SSE-C<\/EncryptionType>/)
  assert.equal((await configure('NONE')).status, 200)
  assert.equal((await put(key.headers)).status, 200)
  assert.equal((await configure('SSE-KMS')).code, 'MalformedXML')
})

test('a scrub finds damage in what only a customer can read', async () => {
  await using running = await prepare()
  const key = makeTestKey()
  await send(running.server.url, { method: 'PUT', path: '/box/o', body: randomBytes(300_000), headers: key.headers })
  assert.equal((await running.server.runScrub()).damaged, 0)
  const [file] = await everyFile(join(running.dataDir, 'blobs'))
  assert.ok(file)
  file.bytes[70_000] = (file.bytes[70_000] ?? 0) ^ 1
  await writeFile(file.path, file.bytes)
  assert.equal((await running.server.runScrub()).damaged, 1)
  const got = await send(running.server.url, {
    path: '/box/o',
    headers: { ...key.headers, range: 'bytes=70000-70009' },
  })
  assert.equal(got.code, 'InternalError')
  const whole = await send(running.server.url, { path: '/box/o', headers: { ...key.headers, range: 'bytes=0-9' } })
  assert.equal(whole.status, 206, 'the other frames stay readable')
})
