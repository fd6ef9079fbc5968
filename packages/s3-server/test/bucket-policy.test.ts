import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'
import { send, sendUnsigned } from './raw-request.ts'

const Bucket = 'ruled'
const ARN = `arn:aws:s3:::${Bucket}`

const prepare = async (running: RunningServer): Promise<void> => {
  const { client } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  for (const Key of ['public/a', 'private/a', 'public/secret']) {
    await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: `bytes of ${Key}`, Tagging: `at=${Key.slice(-1)}` }))
  }
}

const putPolicy = (running: RunningServer, ...statements: object[]): Promise<unknown> =>
  running.client.send(
    new s3.PutBucketPolicyCommand({
      Bucket,
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    }),
  )

const everyone = { Effect: 'Allow', Principal: '*' }
const readPublic = { ...everyone, Action: 's3:GetObject', Resource: `${ARN}/public/*` }

test('those without a signature may do what a policy allows, and nothing else', async () => {
  await using running = await startRunningServer()
  await prepare(running)
  const { url } = running.server
  const code = async (method: string, path: string, body = ''): Promise<string | number> => {
    const got = await sendUnsigned(url, method, path, {}, body)
    return got.code === '' ? got.status : got.code
  }
  assert.equal(await code('GET', `/${Bucket}/public/a`), 'AccessDenied')
  await putPolicy(
    running,
    readPublic,
    { ...everyone, Action: 's3:PutObject', Resource: `${ARN}/inbox/*` },
    {
      ...everyone,
      Action: 's3:ListBucket',
      Resource: ARN,
      Condition: { StringLike: { 's3:prefix': 'public/*' }, NumericLessThanEquals: { 's3:max-keys': 10 } },
    },
    { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: `${ARN}/public/secret` },
  )
  assert.equal((await sendUnsigned(url, 'GET', `/${Bucket}/public/a`)).text, 'bytes of public/a')
  const cases: [method: string, path: string, expected: string | number][] = [
    ['GET', `/${Bucket}/public/secret`, 'AccessDenied'],
    ['GET', `/${Bucket}/private/a`, 'AccessDenied'],
    ['GET', `/${Bucket}/public/missing`, 'AccessDenied'],
    ['GET', `/${Bucket}/public/a?versionId=null`, 'AccessDenied'],
    ['GET', `/${Bucket}/public/a?tagging`, 'AccessDenied'],
    ['PUT', `/${Bucket}/inbox/x`, 200],
    ['PUT', `/${Bucket}/public/x`, 'AccessDenied'],
    ['DELETE', `/${Bucket}/inbox/x`, 'AccessDenied'],
    ['GET', `/${Bucket}?list-type=2&prefix=public/&max-keys=10`, 200],
    ['GET', `/${Bucket}?list-type=2&prefix=public/&max-keys=11`, 'AccessDenied'],
    ['GET', `/${Bucket}?list-type=2&prefix=p&max-keys=10`, 'AccessDenied'],
    ['GET', `/${Bucket}?list-type=2`, 'AccessDenied'],
    ['GET', `/${Bucket}?policy`, 'AccessDenied'],
    ['GET', '/', 'AccessDenied'],
  ]
  for (const [method, path, expected] of cases)
    assert.equal(await code(method, path, 'x'), expected, `${method} ${path}`)
  const copy = { 'x-amz-copy-source': `/${Bucket}/private/a` }
  assert.equal((await sendUnsigned(url, 'PUT', `/${Bucket}/inbox/copy`, copy)).code, 'AccessDenied')
  const tagged = { 'x-amz-tagging': 'a=1' }
  assert.equal((await sendUnsigned(url, 'PUT', `/${Bucket}/inbox/y`, tagged)).code, 'AccessDenied')
})

test('that a key is missing is told to those who may list what is under it', async () => {
  await using running = await startRunningServer()
  await prepare(running)
  const { url } = running.server
  const list = { ...everyone, Action: 's3:ListBucket', Resource: ARN }
  const read = { ...everyone, Action: 's3:GetObject', Resource: `${ARN}/*` }
  await putPolicy(running, read, { ...list, Condition: { StringLike: { 's3:prefix': 'public/*' } } })
  const code = async (key: string): Promise<string> => (await sendUnsigned(url, 'GET', `/${Bucket}/${key}`)).code
  assert.deepEqual([await code('public/none'), await code('private/none')], ['NoSuchKey', 'AccessDenied'])
  assert.equal((await sendUnsigned(url, 'HEAD', `/${Bucket}/public/none`)).status, 404)
  await putPolicy(running, read, { ...list, Condition: { StringEquals: { 's3:prefix': '' } } })
  assert.equal(await code('public/none'), 'AccessDenied')
  await putPolicy(running, read, list)
  assert.equal(await code('private/none'), 'NoSuchKey')
  // Without a right to read what is there: a listing would tell them no less.
  await putPolicy(running, { ...list, Condition: { StringLike: { 's3:prefix': 'public/*' } } })
  assert.deepEqual([await code('public/none'), await code('private/none')], ['NoSuchKey', 'AccessDenied'])
  assert.deepEqual([await code('public/a'), await code('public/none?versionId=null')], ['AccessDenied', 'AccessDenied'])
  // Nor whether there is a bucket at all.
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'])
    assert.equal((await sendUnsigned(url, method, '/no-such-bucket/k')).status, 403, method)
})

test('a Deny holds for the root key too, but for the policy itself', async () => {
  await using running = await startRunningServer()
  await prepare(running)
  const { client } = running
  await putPolicy(running, { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [ARN, `${ARN}/*`] })
  await assert.rejects(client.send(new s3.GetObjectCommand({ Bucket, Key: 'public/a' })), { name: 'AccessDenied' })
  await assert.rejects(client.send(new s3.ListObjectsV2Command({ Bucket })), { name: 'AccessDenied' })
  await assert.rejects(client.send(new s3.DeletePublicAccessBlockCommand({ Bucket })), { name: 'AccessDenied' })
  assert.ok((await client.send(new s3.GetBucketPolicyCommand({ Bucket }))).Policy)
  await client.send(new s3.DeleteBucketPolicyCommand({ Bucket }))
  await client.send(new s3.GetObjectCommand({ Bucket, Key: 'public/a' }))
})

test('each key of a deletion of many is asked for by itself', async () => {
  await using running = await startRunningServer()
  await prepare(running)
  const body = `<Delete>${['public/a', 'private/a'].map((key) => `<Object><Key>${key}</Key></Object>`).join('')}</Delete>`
  const attempt = () => sendUnsigned(running.server.url, 'POST', `/${Bucket}?delete`, {}, body)
  assert.equal((await attempt()).status, 403)
  await putPolicy(running, { ...everyone, Action: 's3:DeleteObject', Resource: `${ARN}/public/*` })
  const { text } = await attempt()
  assert.match(text, /<Deleted><Key>public\/a<\/Key><\/Deleted>/)
  assert.match(text, /<Error><Key>private\/a<\/Key><Code>AccessDenied<\/Code>/)
})

test('conditions on transport, address, headers and tags', async (t) => {
  await using running = await startRunningServer()
  await prepare(running)
  const { url } = running.server
  const deny = (Condition: object): object => ({
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: `${ARN}/*`,
    Condition,
  })
  const cases: [name: string, condition: object, headers: Record<string, string>, method: string, denied: boolean][] = [
    ['plain HTTP', { Bool: { 'aws:SecureTransport': 'false' } }, {}, 'GET', true],
    ['TLS', { Bool: { 'aws:SecureTransport': 'true' } }, {}, 'GET', false],
    ['this address', { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }, {}, 'GET', true],
    ['another address', { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, {}, 'GET', false],
    ['no encryption asked', { Null: { 's3:x-amz-server-side-encryption': 'true' } }, {}, 'PUT', true],
    [
      'encryption asked',
      { StringNotEquals: { 's3:x-amz-server-side-encryption': 'AES256' } },
      { 'x-amz-server-side-encryption': 'AES256' },
      'PUT',
      false,
    ],
    ['a referrer', { StringLike: { 'aws:Referer': 'http://evil/*' } }, { referer: 'http://evil/x' }, 'GET', true],
    ['the tag of an object', { StringEquals: { 's3:ExistingObjectTag/at': 'a' } }, {}, 'GET', true],
    ['another tag', { StringEquals: { 's3:ExistingObjectTag/At': 'a' } }, {}, 'GET', false],
    ['the tag given', { StringEquals: { 's3:RequestObjectTag/b': '1' } }, { 'x-amz-tagging': 'b=1' }, 'PUT', true],
    ['how it was signed', { StringNotEquals: { 's3:authType': 'REST-HEADER' } }, {}, 'GET', false],
    ['the root key', { StringEquals: { 'aws:PrincipalType': 'Account' } }, {}, 'GET', true],
  ]
  for (const [name, condition, headers, method, denied] of cases) {
    await t.test(name, async () => {
      await putPolicy(running, deny(condition))
      const got = await send(url, {
        method,
        path: `/${Bucket}/public/a`,
        headers,
        ...(method === 'PUT' ? { body: 'x' } : {}),
      })
      assert.equal(got.code, denied ? 'AccessDenied' : '')
    })
    // The tag that the first cases look at goes with an overwrite.
    await running.client.send(new s3.DeleteBucketPolicyCommand({ Bucket }))
    await running.client.send(new s3.PutObjectCommand({ Bucket, Key: 'public/a', Body: 'x', Tagging: 'at=a' }))
  }
})

test('policies have conditions on the tags that are put, and on the version that is named', async () => {
  await using running = await startRunningServer()
  await prepare(running)
  const { client, server } = running
  const own = { StringEquals: { 's3:RequestObjectTag/team': 'own' } }
  const named = { 'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['team', 'note'] } }
  await putPolicy(running, {
    ...everyone,
    Action: 's3:PutObjectTagging',
    Resource: `${ARN}/public/*`,
    Condition: { ...own, ...named },
  })
  const put = async (query: string, ...tags: [key: string, value: string][]): Promise<string | number> => {
    const set = tags.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`).join('')
    const body = `<Tagging><TagSet>${set}</TagSet></Tagging>`
    const got = await sendUnsigned(server.url, 'PUT', `/${Bucket}/${query}`, {}, body)
    return got.code === '' ? got.status : got.code
  }
  assert.equal(await put('public/a?tagging', ['team', 'own'], ['note', 'x']), 200)
  assert.equal(await put('public/a?tagging', ['team', 'other']), 'AccessDenied')
  assert.equal(await put('public/a?tagging', ['team', 'own'], ['more', 'x']), 'AccessDenied')
  assert.equal(await put('public/a?tagging'), 'AccessDenied')
  assert.equal(await put('private/a?tagging', ['team', 'own']), 'AccessDenied')
  assert.equal(await put('public/a?tagging&versionId=null', ['team', 'own']), 'AccessDenied')
  const { TagSet } = await client.send(new s3.GetObjectTaggingCommand({ Bucket, Key: 'public/a' }))
  assert.deepEqual(TagSet, [
    { Key: 'note', Value: 'x' },
    { Key: 'team', Value: 'own' },
  ])
})

test('behind a TLS proxy every request is a secure one', async () => {
  await using running = await startRunningServer({ behindTls: true })
  await prepare(running)
  const insecure = { Condition: { Bool: { 'aws:SecureTransport': 'false' } } }
  await putPolicy(running, { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: `${ARN}/*`, ...insecure })
  await running.client.send(new s3.GetObjectCommand({ Bucket, Key: 'public/a' }))
})

test('a public access block refuses public policies, and makes one that is there void for strangers', async () => {
  await using running = await startRunningServer()
  await prepare(running)
  const { client, server } = running
  const block = (PublicAccessBlockConfiguration: s3.PublicAccessBlockConfiguration): Promise<unknown> =>
    client.send(new s3.PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))
  const isPublic = async (): Promise<boolean | undefined> =>
    (await client.send(new s3.GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus?.IsPublic
  const read = async (): Promise<number> => (await sendUnsigned(server.url, 'GET', `/${Bucket}/public/a`)).status

  await assert.rejects(isPublic(), { name: 'NoSuchBucketPolicy' })
  await putPolicy(running, readPublic)
  assert.equal(await isPublic(), true)
  assert.equal(await read(), 200)
  await block({ RestrictPublicBuckets: true })
  assert.equal(await read(), 403)
  await client.send(new s3.GetObjectCommand({ Bucket, Key: 'public/a' }))

  const fromHere = { ...readPublic, Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } } }
  await block({ BlockPublicPolicy: true, RestrictPublicBuckets: true })
  await assert.rejects(putPolicy(running, readPublic), { name: 'AccessDenied' })
  await putPolicy(running, fromHere)
  assert.equal(await isPublic(), false)
  assert.equal(await read(), 200)
})

test('a policy that is not understood whole is refused and leaves the old one', async () => {
  await using running = await startRunningServer()
  await prepare(running)
  await putPolicy(running, readPublic)
  for (const statement of [
    { ...readPublic, Condition: { StringSounds: { 'aws:Referer': 'x' } } },
    { ...readPublic, Resource: 'arn:aws:s3:::other/*' },
    { ...readPublic, Action: 's3:Nothing' },
    { ...readPublic, Principal: undefined, NotPrincipal: '*' },
  ]) {
    await assert.rejects(putPolicy(running, statement), { name: 'MalformedPolicy' })
  }
  assert.equal((await sendUnsigned(running.server.url, 'GET', `/${Bucket}/public/a`)).status, 200)
})
