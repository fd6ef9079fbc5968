import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { addKey, changeKeyFile } from '../src/store/keys/key-file.ts'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'

const MIB = 1024 ** 2
const SSE = 'x-amz-server-side-encryption'
const OWN_KEY = 'arn:aws:kms:us-east-1:000000000000:alias/aws/s3'
const ARN = 'arn:aws:kms:eu-west-1:123456789012:key/aaaa-bbbb'

/** A server whose key file has named keys, with the bucket `box`. */
const prepare = async (): Promise<RunningServer> => {
  const first = await startRunningServer()
  await first.client.send(new CreateBucketCommand({ Bucket: 'box' }))
  await first.server.close()
  await changeKeyFile(join(first.dataDir, 'keys.json'), (file) => addKey(addKey(file, 'photos-key'), ARN))
  const running = await startRunningServer({ dataDir: first.dataDir })
  return {
    ...running,
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]()
      await first[Symbol.asyncDispose]()
    },
  }
}

const kmsHeaders = (keyId?: string, more: Record<string, string> = {}): Record<string, string> => ({
  [SSE]: 'aws:kms',
  ...(keyId === undefined ? {} : { [`${SSE}-aws-kms-key-id`]: keyId }),
  ...more,
})

test('a key of the key file is called by its name, an alias or an ARN, and the answer names it', async (t) => {
  await using running = await prepare()
  const { url } = running.server
  const body = Buffer.concat([Buffer.from('RECOGNISABLE'), randomBytes(200_000)])
  for (const [asked, told] of [
    ['photos-key', 'photos-key'],
    ['alias/photos-key', 'photos-key'],
    ['arn:aws:kms:us-east-1:000000000000:key/photos-key', 'photos-key'],
    [ARN, ARN],
    ['aaaa-bbbb', ARN],
    [undefined, OWN_KEY],
    ['alias/aws/s3', OWN_KEY],
  ] as const) {
    await t.test(String(asked), async () => {
      const put = await send(url, { method: 'PUT', path: '/box/o', body, headers: kmsHeaders(asked) })
      const got = await send(url, { path: '/box/o' })
      const head = await send(url, { method: 'HEAD', path: '/box/o' })
      assert.ok(got.body.equals(body))
      for (const { headers } of [put, got, head]) {
        assert.equal(headers[SSE], 'aws:kms')
        assert.equal(headers[`${SSE}-aws-kms-key-id`], told)
        assert.equal(headers[`${SSE}-bucket-key-enabled`], undefined)
        assert.notEqual(headers.etag, `"${createHash('md5').update(body).digest('hex')}"`)
      }
      const part = await send(url, { path: '/box/o', headers: { range: 'bytes=65530-65545' } })
      assert.ok(part.body.equals(body.subarray(65_530, 65_546)))
    })
  }
  await running.server.close()
  for (const name of await readdir(join(running.dataDir, 'blobs'), { recursive: true })) {
    const bytes = await readFile(join(running.dataDir, 'blobs', name)).catch(() => Buffer.alloc(0))
    assert.ok(!bytes.includes('RECOGNISABLE'))
  }
})

test('what of aws:kms is not right is refused as on S3, and nothing is stored', async (t) => {
  await using running = await prepare()
  const { url } = running.server
  const json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')
  const cases: readonly (readonly [string, Record<string, string>, number, string])[] = [
    ['a key that is not there', kmsHeaders('nobody'), 400, 'KMS.NotFoundException'],
    ['an ARN that is not there', kmsHeaders(`${ARN}c`), 400, 'KMS.NotFoundException'],
    ['a key without aws:kms', { [`${SSE}-aws-kms-key-id`]: 'photos-key' }, 400, 'InvalidArgument'],
    ['a key with AES256', { ...kmsHeaders('photos-key'), [SSE]: 'AES256' }, 400, 'InvalidArgument'],
    ['a method that is none', { [SSE]: 'aes:kms' }, 400, 'InvalidArgument'],
    ['dsse', { [SSE]: 'aws:kms:dsse' }, 501, 'NotImplemented'],
    [
      'a context that is no base64 of JSON',
      kmsHeaders('photos-key', { [`${SSE}-context`]: '!' }),
      400,
      'InvalidArgument',
    ],
    ['a context that is a list', kmsHeaders('photos-key', { [`${SSE}-context`]: json(['a']) }), 400, 'InvalidArgument'],
    ['a context of numbers', kmsHeaders('photos-key', { [`${SSE}-context`]: json({ a: 1 }) }), 400, 'InvalidArgument'],
    [
      "a context that claims S3's own",
      kmsHeaders('photos-key', { [`${SSE}-context`]: json({ 'aws:s3:arn': 'arn:aws:s3:::other' }) }),
      400,
      'InvalidArgument',
    ],
    [
      'a bucket key that is neither true nor false',
      kmsHeaders('photos-key', { [`${SSE}-bucket-key-enabled`]: 'yes' }),
      400,
      'InvalidArgument',
    ],
  ]
  for (const [name, headers, status, code] of cases) {
    await t.test(name, async () => {
      const put = await send(url, { method: 'PUT', path: '/box/o', body: 'x', headers })
      assert.deepEqual([put.status, put.code], [status, code])
      assert.equal((await send(url, { path: '/box/o' })).status, 404)
    })
  }
  await send(url, { method: 'PUT', path: '/box/o', body: 'x', headers: kmsHeaders('photos-key') })
  for (const headers of [kmsHeaders('photos-key'), { [SSE]: 'AES256' }]) {
    const read = await send(url, { path: '/box/o', headers })
    assert.deepEqual([read.status, read.code], [400, 'InvalidArgument'], 'only writes name an encryption')
  }
})

test('a bucket whose default is aws:kms encrypts what asks for nothing, and copies and forms too', async () => {
  await using running = await prepare()
  const { client, server } = running
  await client.send(
    new PutBucketEncryptionCommand({
      Bucket: 'box',
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'photos-key' },
            BucketKeyEnabled: true,
          },
        ],
      },
    }),
  )
  const told = await send(server.url, { path: '/box', query: [['encryption', '']] })
  assert.match(told.text, /<KMSMasterKeyID>photos-key<\/KMSMasterKeyID>/)
  assert.match(told.text, /<BucketKeyEnabled>true<\/BucketKeyEnabled>/)
  const put = await client.send(new PutObjectCommand({ Bucket: 'box', Key: 'o', Body: 'text' }))
  assert.deepEqual([put.ServerSideEncryption, put.SSEKMSKeyId, put.BucketKeyEnabled], ['aws:kms', 'photos-key', true])
  const plain = await client.send(
    new PutObjectCommand({ Bucket: 'box', Key: 'p', Body: 'text', ServerSideEncryption: 'AES256' }),
  )
  assert.deepEqual([plain.ServerSideEncryption, plain.SSEKMSKeyId], ['AES256', undefined])
  const copy = await client.send(new CopyObjectCommand({ Bucket: 'box', Key: 'c', CopySource: 'box/p' }))
  assert.deepEqual([copy.ServerSideEncryption, copy.SSEKMSKeyId], ['aws:kms', 'photos-key'])
  const again = await client.send(
    new CopyObjectCommand({ Bucket: 'box', Key: 'd', CopySource: 'box/c', ServerSideEncryption: 'AES256' }),
  )
  assert.equal(again.ServerSideEncryption, 'AES256')
  for (const Key of ['o', 'p', 'c', 'd']) {
    const got = await client.send(new GetObjectCommand({ Bucket: 'box', Key }))
    assert.equal(await got.Body?.transformToString(), 'text', Key)
  }
})

test('parts are sealed by the key that their upload was begun with', async () => {
  await using running = await prepare()
  const { client } = running
  const place = { Bucket: 'box', Key: 'big' }
  const { UploadId, SSEKMSKeyId } = await client.send(
    new CreateMultipartUploadCommand({ ...place, ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'photos-key' }),
  )
  assert.equal(SSEKMSKeyId, 'photos-key')
  const pieces = [randomBytes(5 * MIB), randomBytes(5 * MIB + 1), randomBytes(9)]
  const Parts = []
  for (const [at, Body] of pieces.entries()) {
    const part = await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber: at + 1, Body }))
    assert.deepEqual([part.ServerSideEncryption, part.SSEKMSKeyId], ['aws:kms', 'photos-key'])
    const again = await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber: at + 1, Body }))
    assert.equal(again.ETag, part.ETag, 'sent again because the answer was lost')
    Parts.push({ PartNumber: at + 1, ETag: part.ETag })
  }
  const done = await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }))
  assert.equal(done.SSEKMSKeyId, 'photos-key')
  const got = await client.send(new GetObjectCommand(place))
  assert.ok(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Buffer.concat(pieces)))
  await running.server.close()
  const index = new DatabaseSync(join(running.dataDir, 'index.sqlite'), { readOnly: true })
  const kept = index.prepare("SELECT encryption FROM object WHERE key = 'big'").get() as { encryption: string }
  index.close()
  assert.deepEqual(JSON.parse(kept.encryption), { kind: 'aws:kms', keyId: 'photos-key', bucketKey: false })
})

test('a policy asks for a key: of objects by their headers, of parts by what their upload was begun with', async () => {
  await using running = await prepare()
  const { url } = running.server
  const deny = (condition: object) => ({
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::box/*',
    Condition: condition,
  })
  await send(url, {
    method: 'PUT',
    path: '/box',
    query: [['policy', '']],
    body: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        deny({ StringNotEquals: { [`s3:${SSE}`]: 'aws:kms' } }),
        deny({ StringNotEquals: { [`s3:${SSE}-aws-kms-key-id`]: 'photos-key' } }),
      ],
    }),
  })
  const put = (headers: Record<string, string>) => send(url, { method: 'PUT', path: '/box/o', body: 'x', headers })
  for (const headers of [{}, { [SSE]: 'AES256' }, kmsHeaders(), kmsHeaders(ARN)]) {
    assert.equal((await put(headers)).code, 'AccessDenied', JSON.stringify(headers))
  }
  assert.equal((await put(kmsHeaders('photos-key'))).status, 200)
  const create = (headers: Record<string, string>) =>
    send(url, { method: 'POST', path: '/box/p', query: [['uploads', '']], headers })
  assert.equal((await create(kmsHeaders(ARN))).code, 'AccessDenied')
  const uploadId = /<UploadId>([^<]+)</.exec((await create(kmsHeaders('photos-key'))).text)?.[1] ?? ''
  const part = (id: string, headers: Record<string, string> = {}) =>
    send(url, {
      method: 'PUT',
      path: '/box/p',
      query: [
        ['partNumber', '1'],
        ['uploadId', id],
      ],
      body: 'bytes',
      headers,
    })
  const sent = await part(uploadId)
  assert.equal(sent.status, 200, sent.text)
  assert.equal((await part('another', kmsHeaders('photos-key'))).code, 'AccessDenied', 'a header proves nothing here')
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${sent.headers.etag}</ETag></Part></CompleteMultipartUpload>`
  assert.equal((await send(url, { method: 'POST', path: '/box/p', query: [['uploadId', uploadId]], body })).status, 200)
  assert.equal((await send(url, { path: '/box/p' })).text, 'bytes')
})

test('a bit that flips in what a managed key sealed is an error, never other bytes', async () => {
  await using running = await prepare()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/box/o', body: randomBytes(200_000), headers: kmsHeaders('photos-key') })
  const [name = ''] = (await readdir(join(running.dataDir, 'blobs'), { recursive: true })).filter((path) =>
    /[0-9a-f]{32}$/.test(path),
  )
  const path = join(running.dataDir, 'blobs', name)
  const bytes = await readFile(path)
  bytes[70_000] = (bytes[70_000] ?? 0) ^ 1
  await writeFile(path, bytes)
  assert.equal((await send(url, { path: '/box/o', headers: { range: 'bytes=70000-70009' } })).code, 'InternalError')
  assert.equal((await running.server.runScrub()).damaged, 1)
})
