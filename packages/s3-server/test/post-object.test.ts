import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createPostPolicy } from '@skycrate/core/sigv4/post-policy'
import type { PostPolicyOptions } from '@skycrate/core/sigv4/post-policy'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3'
import { makeTestKey } from './customer-key-headers.ts'
import { send, sendUnsigned } from './raw-request.ts'
import type { RawAnswer } from './raw-request.ts'
import { CREDENTIALS, startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'

const prepare = async (): Promise<RunningServer> => {
  const running = await startRunningServer()
  await running.client.send(new CreateBucketCommand({ Bucket: 'forms' }))
  return running
}

const policy = (url: string, options: Partial<PostPolicyOptions> = {}): Record<string, string> =>
  createPostPolicy({
    endpoint: url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    addressing: 'path',
    bucket: 'forms',
    key: { startsWith: 'in/' },
    expiresIn: 60,
    now: Date.now(),
    ...options,
  }).fields

const post = async (
  url: string,
  fields: Record<string, string>,
  file?: Buffer | string,
  name = 'C:\\dir\\photo é.jpg',
  path = '/forms',
): Promise<RawAnswer> => {
  const form = new FormData()
  for (const [field, value] of Object.entries(fields)) form.append(field, value)
  if (file !== undefined) form.append('file', new Blob([Buffer.from(file)], { type: 'image/jpeg' }), name)
  form.append('submit', 'after the file')
  const request = new Request(url, { method: 'POST', body: form })
  const body = Buffer.from(await request.arrayBuffer())
  return sendUnsigned(url, 'POST', path, { 'content-type': request.headers.get('content-type') ?? '' }, body)
}

test('a browser form uploads a file under its own name', async () => {
  await using running = await prepare()
  const { url } = running.server
  const file = randomBytes(300_000)
  const done = await post(
    url,
    { ...policy(url, { fields: { 'x-amz-meta-from': 'form' }, contentType: 'image/jpeg' }) },
    file,
  )
  assert.equal(done.status, 204)
  const got = await send(url, { path: '/forms/in/photo%20%C3%A9.jpg' })
  assert.ok(got.body.equals(file))
  assert.equal(got.headers['content-type'], 'image/jpeg')
  assert.equal(got.headers['x-amz-meta-from'], 'form')
})

test('a form is told of its success as it asked', async () => {
  await using running = await prepare()
  const { url } = running.server
  const fields = (more: Record<string, string>): Record<string, string> => policy(url, { key: 'in/o', fields: more })
  assert.equal((await post(url, fields({ success_action_status: '200' }), 'x')).status, 200)
  const created = await post(url, fields({ success_action_status: '201' }), 'x')
  assert.equal(created.status, 201)
  assert.match(created.text, /<PostResponse>.*<Key>in\/o<\/Key>/)
  const redirected = await post(url, fields({ success_action_redirect: 'https://app.example/done?a=1' }), 'x')
  assert.equal(redirected.status, 303)
  assert.match(redirected.headers.location ?? '', /^https:\/\/app\.example\/done\?a=1&bucket=forms&key=in%2Fo&etag=/)
  assert.equal((await post(url, fields({ success_action_redirect: 'javascript:alert(1)' }), 'x')).status, 204)
})

test('forms that break their policy, or have none, store nothing', async (t) => {
  await using running = await prepare()
  const { url } = running.server
  const bounded = { contentLength: { min: 5, max: 100_000 } }
  const cases: [name: string, code: string, fields: () => Record<string, string>, file?: Buffer | string][] = [
    ['no policy', 'AccessDenied', () => ({ key: 'in/o' }), 'x'],
    ['a wrong signature', 'SignatureDoesNotMatch', () => ({ ...policy(url), 'x-amz-signature': '0'.repeat(64) }), 'x'],
    [
      'a changed policy',
      'SignatureDoesNotMatch',
      () => ({ ...policy(url), policy: policy(url, { expiresIn: 3600 }).policy ?? '' }),
      'x',
    ],
    ['an expired policy', 'AccessDenied', () => policy(url, { now: Date.now() - 120_000 }), 'x'],
    ['a key outside the prefix', 'AccessDenied', () => ({ ...policy(url), key: 'out/o' }), 'x'],
    ['a field the policy does not know', 'AccessDenied', () => ({ ...policy(url), 'x-amz-meta-extra': '1' }), 'x'],
    ['a policy of another bucket', 'AccessDenied', () => policy(url, { bucket: 'other' }), 'x'],
    ['too large a file', 'EntityTooLarge', () => policy(url, bounded), randomBytes(100_001)],
    ['too small a file', 'EntityTooSmall', () => policy(url, bounded), 'tiny'],
    [
      'metadata that is no header',
      'InvalidArgument',
      () => policy(url, { fields: { 'x-amz-meta-a': 'b\r\nc: d' } }),
      'x',
    ],
    ['a metadata name that is none', 'InvalidArgument', () => policy(url, { fields: { 'x-amz-meta-a b': 'c' } }), 'x'],
    [
      'no key',
      'InvalidArgument',
      () => {
        const { key: _, ...rest } = policy(url)
        return rest
      },
      'x',
    ],
    ['no file', 'InvalidArgument', () => policy(url)],
    [
      'fields beyond their limit',
      'MaxPostPreDataLengthExceededError',
      () => ({ ...policy(url), 'x-ignore-big': 'v'.repeat(21_000) }),
      'x',
    ],
  ]
  for (const [name, code, fields, file] of cases) {
    await t.test(name, async () => {
      assert.equal((await post(url, fields(), file)).code, code)
    })
  }
  const raw = (contentType: string, body: string): Promise<RawAnswer> =>
    sendUnsigned(url, 'POST', '/forms', { 'content-type': contentType }, body)
  assert.equal((await raw('application/json', '{}')).code, 'InvalidArgument')
  assert.equal((await raw('multipart/form-data; boundary=b', 'nonsense')).code, 'MalformedPOSTRequest')
  const cut = '--b\r\ncontent-disposition: form-data; name="key"\r\n\r\nin/o\r\n--b'
  assert.equal((await raw('multipart/form-data; boundary=b', cut)).code, 'MalformedPOSTRequest')
  const list = await send(url, { path: '/forms', query: [['list-type', '2']] })
  assert.match(list.text, /<KeyCount>0</)
})

const TAGGING = (...tags: [key: string, value: string][]): string =>
  `<Tagging><TagSet>${tags.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`).join('')}</TagSet></Tagging>`

test('a form gives its object tags, which need a right of their own without a signature', async () => {
  await using running = await prepare()
  const { client } = running
  const { url } = running.server
  const tagging = TAGGING(['team', 'a &amp; b+c'], ['é', ''])
  const tagsOf = async (Key: string): Promise<unknown> =>
    (await client.send(new GetObjectTaggingCommand({ Bucket: 'forms', Key }))).TagSet
  const done = await post(url, policy(url, { key: 'in/o', fields: { tagging } }), 'x')
  assert.equal(done.status, 204)
  const TagSet = [
    { Key: 'team', Value: 'a & b+c' },
    { Key: 'é', Value: '' },
  ]
  assert.deepEqual(await tagsOf('in/o'), TagSet)
  for (const [text, code] of [
    ['<Tagging>', 'MalformedXML'],
    ['team=a', 'MalformedXML'],
    [TAGGING(['a', '1'], ['a', '2']), 'InvalidTag'],
    [TAGGING(...Array.from({ length: 11 }, (_, at): [string, string] => [`k${at}`, ''])), 'InvalidTag'],
  ] as const) {
    assert.equal((await post(url, policy(url, { key: 'in/p', fields: { tagging: text } }), 'x')).code, code, text)
  }
  assert.equal((await post(url, { ...policy(url, { key: 'in/p' }), tagging }, 'x')).code, 'AccessDenied')

  const allow = async (Action: string[], Condition?: object): Promise<void> => {
    const Statement = [
      { Effect: 'Allow', Principal: '*', Action, Resource: 'arn:aws:s3:::forms/*', ...(Condition && { Condition }) },
    ]
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
    await client.send(new PutBucketPolicyCommand({ Bucket: 'forms', Policy }))
  }
  const anonymous = { key: 'in/anyone', tagging }
  await allow(['s3:PutObject'])
  assert.equal((await post(url, { key: 'in/anyone' }, 'x')).status, 204)
  assert.equal((await post(url, anonymous, 'x')).code, 'AccessDenied')
  await allow(['s3:PutObject', 's3:PutObjectTagging'], { StringEquals: { 's3:RequestObjectTag/team': 'mine' } })
  assert.equal((await post(url, anonymous, 'x')).code, 'AccessDenied')
  assert.equal((await post(url, { ...anonymous, tagging: TAGGING(['team', 'mine']) }, 'x')).status, 204)
  assert.deepEqual(await tagsOf('in/anyone'), [{ Key: 'team', Value: 'mine' }])
})

test('a form locks its object, by the rules of any upload', async () => {
  await using running = await prepare()
  const { client } = running
  const { url } = running.server
  const until = new Date(Math.floor(Date.now() / 1000) * 1000 + 86_400_000)
  const lock = {
    'x-amz-object-lock-mode': 'GOVERNANCE',
    'x-amz-object-lock-retain-until-date': until.toISOString(),
    'x-amz-object-lock-legal-hold': 'ON',
  }
  assert.equal((await post(url, policy(url, { key: 'in/o', fields: lock }), 'x')).code, 'InvalidRequest')
  await client.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }))
  const fields = (more: Record<string, string>): Record<string, string> =>
    policy(url, { bucket: 'locked', key: 'in/o', fields: more })
  const { 'x-amz-object-lock-mode': _, ...half } = lock
  assert.equal((await post(url, fields(half), 'x', 'o', '/locked')).code, 'InvalidArgument')
  const done = await post(url, fields(lock), 'x', 'o', '/locked')
  assert.equal(done.status, 204)
  const object = { Bucket: 'locked', Key: 'in/o' }
  const head = await client.send(new HeadObjectCommand(object))
  assert.deepEqual(
    [head.ObjectLockMode, head.ObjectLockRetainUntilDate, head.ObjectLockLegalHoldStatus],
    ['GOVERNANCE', until, 'ON'],
  )
  const VersionId = String(done.headers['x-amz-version-id'])
  await assert.rejects(client.send(new DeleteObjectCommand({ ...object, VersionId })), { name: 'AccessDenied' })

  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::locked/*' }]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await client.send(new PutBucketPolicyCommand({ Bucket: 'locked', Policy }))
  const hold = { 'x-amz-object-lock-legal-hold': 'ON' }
  const anonymous = await post(url, { key: 'in/anyone', ...hold }, 'x', 'o', '/locked')
  assert.equal(anonymous.code, 'AccessDenied')
  // The right is asked for on the key of the form.
  const Deny = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObjectLegalHold',
    Resource: 'arn:aws:s3:::locked/in/no',
  }
  const denying = JSON.stringify({ Version: '2012-10-17', Statement: [Deny] })
  await client.send(new PutBucketPolicyCommand({ Bucket: 'locked', Policy: denying }))
  const sent = (key: string): Promise<RawAnswer> =>
    post(url, policy(url, { bucket: 'locked', key, fields: hold }), 'x', 'o', '/locked')
  assert.equal((await sent('in/no')).code, 'AccessDenied')
  assert.equal((await sent('in/yes')).status, 204)
})

test('a form asks for its encryption: a customer key, aws:kms, or none that fit together', async () => {
  await using running = await prepare()
  const { url } = running.server
  const key = makeTestKey()
  const fields = (more: Record<string, string>): Record<string, string> => policy(url, { key: 'in/o', fields: more })
  const customer = await post(url, fields(key.headers), 'customer')
  assert.equal(customer.status, 204)
  assert.equal(customer.headers['x-amz-server-side-encryption-customer-key-md5'], key.md5)
  assert.equal((await send(url, { path: '/forms/in/o' })).code, 'InvalidRequest')
  assert.equal((await send(url, { path: '/forms/in/o', headers: key.headers })).text, 'customer')
  const managed = await post(url, fields({ 'x-amz-server-side-encryption': 'aws:kms' }), 'managed')
  assert.equal(managed.status, 204)
  assert.match(String(managed.headers['x-amz-server-side-encryption-aws-kms-key-id']), /alias\/aws\/s3$/)
  assert.equal((await send(url, { path: '/forms/in/o' })).text, 'managed')
  for (const more of [
    { 'x-amz-server-side-encryption-context': 'eyJhIjoiYiJ9\u0001' },
    { 'x-amz-server-side-encryption-aws-kms-key-id': 'aws/s3\u0001' },
  ]) {
    const refused = await post(url, fields({ 'x-amz-server-side-encryption': 'aws:kms', ...more }), 'no header')
    assert.deepEqual([refused.status, refused.code], [400, 'InvalidArgument'], 'what can not be sent back as a header')
  }
  const both = await post(url, fields({ ...key.headers, 'x-amz-server-side-encryption': 'aws:kms' }), 'both')
  assert.deepEqual([both.status, both.code], [400, 'InvalidArgument'])
  assert.equal((await send(url, { path: '/forms/in/o' })).text, 'managed')
})
