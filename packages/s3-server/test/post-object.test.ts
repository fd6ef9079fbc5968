import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createPostPolicy } from '@skycrate/core/sigv4/post-policy'
import type { PostPolicyOptions } from '@skycrate/core/sigv4/post-policy'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
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
): Promise<RawAnswer> => {
  const form = new FormData()
  for (const [field, value] of Object.entries(fields)) form.append(field, value)
  if (file !== undefined) form.append('file', new Blob([Buffer.from(file)], { type: 'image/jpeg' }), name)
  form.append('submit', 'after the file')
  const request = new Request(url, { method: 'POST', body: form })
  const body = Buffer.from(await request.arrayBuffer())
  return sendUnsigned(url, 'POST', '/forms', { 'content-type': request.headers.get('content-type') ?? '' }, body)
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
