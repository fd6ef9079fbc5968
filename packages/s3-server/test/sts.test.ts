import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { formatAmzDate } from '@skycrate/core/sigv4/amz-date'
import {
  canonicalHeaders,
  canonicalRequest,
  credentialScope,
  signText,
  stringToSign,
} from '@skycrate/core/sigv4/canonical'
import { createPresigner } from '@skycrate/core/sigv4/presign'
import { deriveSigningKey } from '@skycrate/core/sigv4/signing-key'
import { send, sendUnsigned } from './raw-request.ts'
import { CREDENTIALS, makeClient, startRunningServer } from './running-server.ts'
import { assumeRole, callSts, policyText, ROLE, textOf } from './sts-request.ts'

const Bucket = 'shared'
const ARN = `arn:aws:s3:::${Bucket}`
const everything = { Effect: 'Allow', Action: '*', Resource: '*' }
const readAll = { Effect: 'Allow', Action: 's3:GetObject', Resource: `${ARN}/*` }
const denied = { name: 'AccessDenied' }

test('a session may do what its policy allows and nothing else', async () => {
  await using running = await startRunningServer()
  const { client, server } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  for (const Key of ['alice/a', 'alice2/a', 'bob/a'])
    await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: Key }))
  const Policy = policyText(
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], Resource: `${ARN}/alice/*` },
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: ARN, Condition: { StringLike: { 's3:prefix': 'alice/*' } } },
    { Effect: 'Deny', Action: '*', Resource: `${ARN}/alice/locked` },
  )
  using session = makeDisposable(
    makeClient(server.url, { credentials: await assumeRole(server.url, { parameters: { Policy } }) }),
  )
  const as = session.client

  assert.equal(
    await (await as.send(new s3.GetObjectCommand({ Bucket, Key: 'alice/a' }))).Body?.transformToString(),
    'alice/a',
  )
  await as.send(new s3.PutObjectCommand({ Bucket, Key: 'alice/b', Body: 'x' }))
  const listed = await as.send(new s3.ListObjectsV2Command({ Bucket, Prefix: 'alice/' }))
  assert.equal(listed.KeyCount, 2)
  await as.send(new s3.CopyObjectCommand({ Bucket, Key: 'alice/c', CopySource: `${Bucket}/alice/a` }))
  const upload = await as.send(new s3.CreateMultipartUploadCommand({ Bucket, Key: 'alice/m' }))
  const part = { Bucket, Key: 'alice/m', UploadId: upload.UploadId, PartNumber: 1 }
  const { ETag } = await as.send(new s3.UploadPartCommand({ ...part, Body: 'x' }))
  await as.send(
    new s3.CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
  )
  const second = await as.send(new s3.CreateMultipartUploadCommand({ Bucket, Key: 'alice/m' }))
  const open = { ...part, UploadId: second.UploadId }
  const many = await as.send(
    new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'alice/b' }, { Key: 'bob/a' }] } }),
  )
  assert.deepEqual(
    many.Deleted?.map(({ Key }) => Key),
    ['alice/b'],
  )
  assert.deepEqual(
    many.Errors?.map(({ Key, Code }) => [Key, Code]),
    [['bob/a', 'AccessDenied']],
  )

  const refused = [
    () => as.send(new s3.GetObjectCommand({ Bucket, Key: 'bob/a' })),
    () => as.send(new s3.GetObjectCommand({ Bucket, Key: 'alice2/a' })),
    () => as.send(new s3.GetObjectCommand({ Bucket, Key: 'bob/missing' })),
    () => as.send(new s3.PutObjectCommand({ Bucket, Key: 'alice/locked', Body: 'x' })),
    () => as.send(new s3.PutObjectCommand({ Bucket, Key: 'alice/t', Body: 'x', Tagging: 'a=1' })),
    () => as.send(new s3.CopyObjectCommand({ Bucket, Key: 'alice/d', CopySource: `${Bucket}/bob/a` })),
    () => as.send(new s3.CopyObjectCommand({ Bucket, Key: 'bob/d', CopySource: `${Bucket}/alice/a` })),
    () => as.send(new s3.UploadPartCopyCommand({ ...open, CopySource: `${Bucket}/bob/a` })),
    () => as.send(new s3.ListObjectsV2Command({ Bucket })),
    () => as.send(new s3.ListObjectsV2Command({ Bucket, Prefix: 'alice' })),
    () => as.send(new s3.ListObjectVersionsCommand({ Bucket, Prefix: 'alice/' })),
    () => as.send(new s3.DeleteObjectCommand({ Bucket, Key: 'alice/a', VersionId: 'null' })),
    () => as.send(new s3.PutBucketPolicyCommand({ Bucket, Policy })),
    () => as.send(new s3.DeleteBucketCommand({ Bucket })),
    () => as.send(new s3.CreateBucketCommand({ Bucket: 'another' })),
    () => as.send(new s3.ListBucketsCommand({})),
  ]
  for (const attempt of refused) await assert.rejects(attempt(), denied, attempt.toString())
  // It may list what is under the key, so it may know.
  await assert.rejects(as.send(new s3.GetObjectCommand({ Bucket, Key: 'alice/missing' })), { name: 'NoSuchKey' })
})

test('a bucket policy holds for a session, which it may name by role or session', async () => {
  await using running = await startRunningServer()
  const { client, server } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
  using session = makeDisposable(makeClient(server.url, { credentials: await assumeRole(server.url) }))
  const deny = async (AWS: string): Promise<void> => {
    const Policy = policyText({ ...readAll, Effect: 'Deny', Principal: { AWS } })
    await client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }))
  }
  const get = () => session.client.send(new s3.GetObjectCommand({ Bucket, Key: 'k' }))
  await get()
  const sessionArn = 'arn:aws:sts::123456789012:assumed-role/app/session'
  for (const name of [ROLE, sessionArn, '123456789012', '*']) {
    await deny(name)
    await assert.rejects(get(), denied, name)
  }
  await deny('arn:aws:iam::123456789012:role/other')
  await get()
  // Unlike the root key, a session that is denied everything can't take the policy away.
  const Policy = policyText({ ...everything, Effect: 'Deny', Action: 's3:*', Resource: ARN, Principal: '*' })
  await client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }))
  await assert.rejects(session.client.send(new s3.DeleteBucketPolicyCommand({ Bucket })), denied)
})

test('credentials end at the very second they say', async () => {
  let now = Date.parse('2026-11-21T10:00:00.500Z')
  await using running = await startRunningServer({ now: () => now })
  const { url } = running.server
  await send(url, { method: 'PUT', path: `/${Bucket}`, now })
  await send(url, { method: 'PUT', path: `/${Bucket}/k`, body: 'x', now })
  const credentials = await assumeRole(url, { now, parameters: { DurationSeconds: '900' } })
  assert.equal(credentials.endsAt, '2026-11-21T10:15:00Z')
  const end = Date.parse(credentials.endsAt)
  const presigned = createPresigner({ endpoint: url, region: 'us-east-1', credentials, addressing: 'path' })
  const link = presigned
    .presign({ method: 'GET', bucket: Bucket, key: 'k', expiresIn: 86_400, now })
    .url.slice(url.length)
  for (const [at, code] of [
    [end - 1, ''],
    [end, 'ExpiredToken'],
    [end + 3_600_000, 'ExpiredToken'],
  ] as const) {
    now = at
    assert.equal((await send(url, { path: `/${Bucket}/k`, credentials, now })).code, code)
    assert.equal((await sendUnsigned(url, 'GET', link)).code, code)
  }
  assert.equal((await callSts(url, 'GetCallerIdentity', { credentials, now })).code, 'ExpiredToken')
})

test('assuming again never widens and never lasts longer', async () => {
  let now = Date.parse('2026-11-21T10:00:00Z')
  await using running = await startRunningServer({ now: () => now })
  const { url } = running.server
  await send(url, { method: 'PUT', path: `/${Bucket}`, now })
  for (const key of ['a', 'b']) await send(url, { method: 'PUT', path: `/${Bucket}/${key}`, body: 'x', now })
  const may = async (
    credentials: Awaited<ReturnType<typeof assumeRole>>,
    method: string,
    key: string,
  ): Promise<boolean> => (await send(url, { method, path: `/${Bucket}/${key}`, credentials, now })).code === ''
  const again = (credentials: Awaited<ReturnType<typeof assumeRole>>, parameters: Record<string, string>) =>
    callSts(url, 'AssumeRole', {
      credentials,
      now,
      parameters: { RoleArn: ROLE, RoleSessionName: 'again', ...parameters },
    })

  const narrow = await assumeRole(url, { now, parameters: { Policy: policyText(readAll) } })
  assert.equal((await again(narrow, { Policy: policyText(everything) })).code, 'AccessDenied')
  assert.equal((await again(narrow, {})).code, 'AccessDenied')

  const chaining = policyText(readAll, { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: ROLE })
  const parent = await assumeRole(url, { now, parameters: { Policy: chaining, DurationSeconds: '3600' } })
  assert.equal((await again(parent, { RoleArn: `${ROLE}2` })).code, 'AccessDenied')
  assert.equal((await again(parent, { DurationSeconds: '3601' })).code, 'ValidationError')
  now += 1_800_000
  const child = await assumeRole(url, { credentials: parent, now, parameters: { Policy: policyText(everything) } })
  assert.equal(child.endsAt, parent.endsAt)
  assert.ok(await may(child, 'GET', 'a'))
  assert.ok(!(await may(child, 'PUT', 'a')))
  const onlyA = policyText({ ...readAll, Resource: `${ARN}/a` }, { Effect: 'Allow', Action: 'sts:*', Resource: '*' })
  const grandchild = await assumeRole(url, { credentials: child, now, parameters: { Policy: onlyA } })
  assert.ok(await may(grandchild, 'GET', 'a'))
  assert.ok(!(await may(grandchild, 'GET', 'b')))
  const last = await assumeRole(url, { credentials: grandchild, now, parameters: { Policy: policyText(everything) } })
  assert.ok(!(await may(last, 'GET', 'b')))
  assert.equal((await again(last, { Policy: policyText(everything) })).code, 'PackedPolicyTooLarge')
})

test('a token that was changed, borrowed or sealed elsewhere is worth nothing', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  const one = await assumeRole(url)
  const two = await assumeRole(url)
  const code = async (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) =>
    (await send(url, { path: '/', credentials })).code
  assert.equal(await code(one), '')
  const bytes = Buffer.from(one.sessionToken, 'base64')
  for (const at of [0, 3, 12, 40, bytes.length - 1]) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    assert.equal(await code({ ...one, sessionToken: changed.toString('base64') }), 'InvalidToken', String(at))
  }
  assert.equal(await code({ ...one, sessionToken: two.sessionToken }), 'InvalidToken')
  assert.equal(await code({ ...one, sessionToken: bytes.subarray(0, 20).toString('base64') }), 'InvalidToken')
  assert.equal(await code({ ...one, sessionToken: 'x'.repeat(17_000) }), 'InvalidToken')
  assert.equal(await code({ ...one, secretAccessKey: '' }), 'SignatureDoesNotMatch')
  assert.equal(await code({ ...one, sessionToken: 'x', secretAccessKey: '' }), 'InvalidToken')
  assert.equal(await code({ ...CREDENTIALS, sessionToken: one.sessionToken }), 'InvalidToken')
  const { accessKeyId, secretAccessKey } = one
  assert.equal(await code({ accessKeyId, secretAccessKey }), 'InvalidAccessKeyId')
  await using elsewhere = await startRunningServer()
  assert.equal((await send(elsewhere.server.url, { path: '/', credentials: one })).code, 'InvalidToken')
})

test('sessions outlive a restart, and end with the root key they came from', async () => {
  await using outer = await startRunningServer()
  const credentials = await assumeRole(outer.server.url)
  await outer.server.close()
  {
    await using same = await startRunningServer({ dataDir: outer.dataDir })
    assert.equal((await send(same.server.url, { path: '/', credentials })).code, '')
  }
  await using changed = await startRunningServer({
    dataDir: outer.dataDir,
    credentials: { ...CREDENTIALS, secretAccessKey: 'another secret' },
  })
  assert.equal((await send(changed.server.url, { path: '/', credentials })).code, 'InvalidToken')
})

test('who the caller is', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  const root = await callSts(url, 'GetCallerIdentity')
  assert.equal(textOf(root, 'Arn'), 'arn:aws:iam::000000000000:root')
  const credentials = await assumeRole(url, { parameters: { Policy: policyText({ ...everything, Effect: 'Deny' }) } })
  const session = await callSts(url, 'GetCallerIdentity', { credentials })
  assert.equal(textOf(session, 'Arn'), 'arn:aws:sts::123456789012:assumed-role/app/session')
  assert.equal(textOf(session, 'Account'), '123456789012')
  assert.match(textOf(session, 'UserId'), /^AROA[A-Z2-7]{17}:session$/)
})

test('a signer that does not send the hash of the body is understood, as those of STS are', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  const body = 'Action=GetCallerIdentity&Version=2011-06-15'
  const amzDate = formatAmzDate(Date.now())
  const day = amzDate.slice(0, 8)
  const attempt = (signed: string): Promise<{ status: number; code: string }> => {
    const headers = canonicalHeaders({ host: new URL(url).host, 'x-amz-date': amzDate })
    const payloadHash = createHash('sha256').update(signed).digest('hex')
    const request = canonicalRequest({ method: 'POST', path: '/', query: '', headers, payloadHash })
    const scope = credentialScope(day, 'us-east-1', 'sts')
    const key = deriveSigningKey(CREDENTIALS.secretAccessKey, day, 'us-east-1', 'sts')
    const signature = signText(key, stringToSign(amzDate, scope, request))
    const authorization = `AWS4-HMAC-SHA256 Credential=${CREDENTIALS.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`
    return sendUnsigned(url, 'POST', '/', { 'x-amz-date': amzDate, authorization }, body)
  }
  assert.equal((await attempt(body)).status, 200)
  assert.equal((await attempt('Action=Other')).code, 'SignatureDoesNotMatch')
})

test('what AssumeRole refuses, in the words of STS', async (t) => {
  await using running = await startRunningServer()
  const { url } = running.server
  const cases: [parameters: Record<string, string>, status: number, code: string][] = [
    [{ RoleArn: 'role' }, 400, 'ValidationError'],
    [{ RoleArn: 'arn:aws:iam::123456789012:user/x' }, 400, 'ValidationError'],
    [{ RoleSessionName: 'a' }, 400, 'ValidationError'],
    [{ RoleSessionName: 'auth0|x' }, 400, 'ValidationError'],
    [{ DurationSeconds: '899' }, 400, 'ValidationError'],
    [{ DurationSeconds: '43201' }, 400, 'ValidationError'],
    [{ DurationSeconds: 'long' }, 400, 'ValidationError'],
    [{ Policy: '' }, 400, 'ValidationError'],
    [{ Policy: policyText({ ...readAll, Sid: 'x'.repeat(2048) }) }, 400, 'ValidationError'],
    [{ Policy: policyText({ ...readAll, Resource: `${ARN}/日本` }) }, 400, 'ValidationError'],
    [{ Policy: '{}' }, 400, 'MalformedPolicyDocument'],
    [{ Policy: policyText({ ...readAll, Principal: '*' }) }, 400, 'MalformedPolicyDocument'],
    [
      { Policy: policyText({ ...readAll, Condition: { Sounds: { 's3:prefix': 'a' } } }) },
      400,
      'MalformedPolicyDocument',
    ],
    [{ 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/ReadOnlyAccess' }, 501, 'NotImplemented'],
    [{ 'Tags.member.1.Key': 'a' }, 501, 'NotImplemented'],
    [{ Version: '2000-01-01' }, 400, 'InvalidAction'],
    [{ DurationSeconds: '43200', ExternalId: 'x' }, 200, ''],
  ]
  for (const [parameters, status, code] of cases) {
    await t.test(`${JSON.stringify(parameters).slice(0, 60)} ${code}`, async () => {
      const got = await callSts(url, 'AssumeRole', {
        parameters: { RoleArn: ROLE, RoleSessionName: 'session', ...parameters },
      })
      assert.deepEqual([got.status, got.code], [status, code])
      assert.match(got.text, /xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"/)
    })
  }
  assert.equal((await callSts(url, 'AssumeRoleWithSAML')).code, 'NotImplemented')
  assert.equal((await callSts(url, 'Nothing')).code, 'InvalidAction')
  const wrong = { ...CREDENTIALS, secretAccessKey: 'guessed' }
  assert.equal((await callSts(url, 'GetCallerIdentity', { credentials: wrong })).code, 'SignatureDoesNotMatch')
  const body = 'Action=GetCallerIdentity&Version=2011-06-15'
  assert.equal((await sendUnsigned(url, 'POST', '/', {}, body)).code, 'MissingAuthenticationToken')
  assert.equal((await send(url, { method: 'POST', path: '/', service: 's3', body })).code, 'SignatureDoesNotMatch')
  assert.equal((await send(url, { path: '/', service: 'sts' })).code, 'AuthorizationHeaderMalformed')
  assert.equal((await sendUnsigned(url, 'POST', '/', {}, `${body}&Action=AssumeRole`)).code, 'ValidationError')
  assert.equal((await sendUnsigned(url, 'POST', '/', {}, 'x'.repeat(70_000))).code, 'ValidationError')
})

const makeDisposable = (client: s3.S3Client): Disposable & { readonly client: s3.S3Client } => ({
  client,
  [Symbol.dispose]: () => {
    client.destroy()
  },
})
