import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checkPostPolicy,
  contentLengthRange,
  createPostPolicy,
  parsePostPolicy,
  type PostAttempt,
  type PostPolicy,
  type PostPolicyOptions,
} from './post-policy.ts'
import { verifyPostForm } from './verify-post.ts'

const now = Date.UTC(2026, 10, 21, 12, 0, 0, 500)
const credentials = { accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 'token+/=' }
const options: PostPolicyOptions = {
  endpoint: 'https://s3.example.com',
  region: 'us-east-1',
  credentials,
  addressing: 'virtual',
  bucket: 'bucket',
  key: { startsWith: 'private/usr_1/' },
  contentLength: { min: 1, max: 1000 },
  contentType: { startsWith: 'image/' },
  fields: { 'x-amz-meta-Of': 'me', success_action_status: '201' },
  expiresIn: 600,
  now,
}
const verifier = {
  lookup: (id: string) => (id === 'ASIA' ? credentials : undefined),
  region: 'us-east-1',
  service: 's3',
  now,
}

/** The form as a server reads it, after the browser has added its own fields. */
function formOf(of: Partial<PostPolicyOptions> = {}, added: Record<string, string> = {}): Map<string, string> {
  const { fields } = createPostPolicy({ ...options, ...of })
  const sent = { ...fields, 'Content-Type': fields['Content-Type'] ?? 'image/png', ...added }
  return new Map(
    Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value.replace('${filename}', 'cat.png')]),
  )
}

function parse(text: string): PostPolicy {
  const parsed = parsePostPolicy(Buffer.from(text).toString('base64'))
  assert.equal(parsed.outcome, 'parsed', JSON.stringify(parsed))
  return parsed.policy
}

function check(form: Map<string, string>, of: Partial<PostAttempt> = {}): string {
  const parsed = parsePostPolicy(form.get('policy') ?? '')
  assert.equal(parsed.outcome, 'parsed')
  const verdict = checkPostPolicy({ form, bucket: 'bucket', contentLength: 10, policy: parsed.policy, now, ...of })
  return verdict.outcome === 'allowed' ? 'allowed' : verdict.reason
}

test('a form made here is verified and keeps to its policy', () => {
  const form = formOf()
  assert.deepEqual(verifyPostForm(form, verifier), {
    outcome: 'verified',
    accessKeyId: 'ASIA',
    policy: form.get('policy'),
  })
  assert.equal(check(form), 'allowed')
  assert.equal(check(formOf({ key: 'a/b', contentType: 'text/plain' })), 'allowed')
})

test('the form goes to the bucket and expires when asked', () => {
  const made = createPostPolicy(options)
  assert.equal(made.url, 'https://bucket.s3.example.com/')
  assert.equal(made.expiresAt, Date.UTC(2026, 10, 21, 12, 10))
  assert.equal(made.fields['key'], 'private/usr_1/${filename}')
  assert.equal(createPostPolicy({ ...options, addressing: 'path' }).url, 'https://s3.example.com/bucket')
})

const attempts: readonly (readonly [string, Record<string, string>, Partial<PostAttempt>, string])[] = [
  ['a key of somebody else', { key: 'private/usr_2/a' }, {}, 'condition-failed'],
  ['a key beside the prefix', { key: 'private/usr_1' }, {}, 'condition-failed'],
  ['another type', { 'Content-Type': 'text/html' }, {}, 'condition-failed'],
  ['a list of types of which one does not fit', { 'Content-Type': 'image/png, text/html' }, {}, 'condition-failed'],
  ['a list of types that all fit', { 'Content-Type': 'image/png, image/gif' }, {}, 'allowed'],
  ['other metadata', { 'x-amz-meta-of': 'you' }, {}, 'condition-failed'],
  ['metadata left out', { 'x-amz-meta-of': '' }, {}, 'condition-failed'],
  ['a field that no condition covers', { acl: 'public-read' }, {}, 'field-not-covered'],
  ['a field to be ignored', { 'x-ignore-this': '1' }, {}, 'allowed'],
  ['another bucket', {}, { bucket: 'other' }, 'condition-failed'],
  ['another bucket, whatever the form says', { bucket: 'bucket' }, { bucket: 'other' }, 'condition-failed'],
  ['a file too small', {}, { contentLength: 0 }, 'too-small'],
  ['the smallest file', {}, { contentLength: 1 }, 'allowed'],
  ['the largest file', {}, { contentLength: 1000 }, 'allowed'],
  ['a file too large', {}, { contentLength: 1001 }, 'too-large'],
  ['a file of a size not known yet', {}, { contentLength: undefined }, 'allowed'],
  ['the last moment', {}, { now: Date.UTC(2026, 10, 21, 12, 10) - 1 }, 'allowed'],
  ['a policy that has expired', {}, { now: Date.UTC(2026, 10, 21, 12, 10) }, 'expired'],
]
for (const [name, added, of, expected] of attempts) {
  test(`against the policy, ${name}: ${expected}`, () => {
    assert.equal(check(formOf({}, added), of), expected)
  })
}

test('a policy that names no bucket or no key allows nothing', () => {
  const expiration = '"expiration": "2030-01-01T00:00:00Z"'
  const form = new Map([['key', 'a']])
  const attempt = { form, bucket: 'bucket', contentLength: 1, now }
  const noBucket = parse(`{${expiration}, "conditions": [["eq", "$key", "a"]]}`)
  assert.equal(checkPostPolicy({ ...attempt, policy: noBucket }).outcome, 'refused')
  const noKey = parse(`{${expiration}, "conditions": [{"bucket": "bucket"}]}`)
  assert.equal(checkPostPolicy({ ...attempt, policy: noKey }).outcome, 'refused')
  assert.equal(checkPostPolicy({ ...attempt, form: new Map(), policy: noKey }).outcome, 'refused')
})

test('a policy is read whatever the case of its operators and fields, and with $ escaped', () => {
  const policy = parse(
    String.raw`{"expiration": "2030-01-01T00:00:00.000Z", "conditions": [{"bUcKeT": "b", "AcL": "a"}, ["StArTs-WiTh", "$KeY", "\$\\$"], ["content-length-range", "1", 2], ["content-length-range", 0, 9]]}`,
  )
  assert.deepEqual(policy, {
    expiresAt: Date.UTC(2030, 0, 1),
    conditions: [
      { kind: 'eq', field: 'bucket', value: 'b' },
      { kind: 'eq', field: 'acl', value: 'a' },
      { kind: 'starts-with', field: 'key', prefix: '$\\$' },
      { kind: 'content-length-range', min: 1, max: 2 },
      { kind: 'content-length-range', min: 0, max: 9 },
    ],
  })
  assert.deepEqual(contentLengthRange(policy), { min: 1, max: 2 })
})

const invalid = [
  '',
  'null',
  '[]',
  '{}',
  '{"expiration": "2030-01-01T00:00:00Z"}',
  '{"conditions": []}',
  '{"expiration": "2030-01-01", "conditions": []}',
  '{"expiration": "2030-13-01T00:00:00Z", "conditions": []}',
  '{"expiration": 1, "conditions": []}',
  '{"expiration": "2030-01-01T00:00:00Z", "conditions": {}}',
  ...[
    '"a"',
    '{}',
    '{"a": 1}',
    '[]',
    '["eq", "key", "a"]',
    '["eq", "$key"]',
    '["eq", "$key", 1]',
    '["eq", "$key", "a", "b"]',
    '["ends-with", "$key", "a"]',
    '["content-length-range", 2, 1]',
    '["content-length-range", -1, 1]',
    '["content-length-range", 0.5, 1]',
    '["content-length-range", "a", 1]',
    '["content-length-range", 1]',
  ].map((condition) => `{"expiration": "2030-01-01T00:00:00Z", "conditions": [${condition}]}`),
]
for (const text of invalid) {
  test(`no policy: ${text}`, () => {
    const parsed = parsePostPolicy(Buffer.from(text).toString('base64'))
    assert.equal(parsed.outcome, 'refused')
  })
}

test('what is not base64, not UTF-8 or too large is no policy', () => {
  for (const base64 of ['%%%', 'e30=e30=', Buffer.from([0x22, 0xff, 0x22]).toString('base64'), 'A'.repeat(70_000)]) {
    assert.equal(parsePostPolicy(base64).outcome, 'refused')
  }
})

const claims: readonly (readonly [string, Record<string, string | undefined>, Partial<typeof verifier>, string])[] = [
  ['another policy', { policy: Buffer.from('{}').toString('base64') }, {}, 'signature-mismatch'],
  ['another signature', { 'x-amz-signature': '0'.repeat(64) }, {}, 'signature-mismatch'],
  ['a signature of another form', { 'x-amz-signature': 'é' }, {}, 'signature-mismatch'],
  ['no signature', { 'x-amz-signature': undefined }, {}, 'form-fields-missing'],
  ['no policy', { policy: undefined }, {}, 'form-fields-missing'],
  ['no date', { 'x-amz-date': undefined }, {}, 'form-fields-missing'],
  ['another algorithm', { 'x-amz-algorithm': 'AWS4-HMAC-SHA1' }, {}, 'form-algorithm-unsupported'],
  ['a date of another day', { 'x-amz-date': '20261120T120000Z' }, {}, 'form-credential-malformed'],
  ['no date at all in the date', { 'x-amz-date': 'today' }, {}, 'form-date-malformed'],
  ['a credential of another form', { 'x-amz-credential': 'ASIA' }, {}, 'form-credential-malformed'],
  ['another region', {}, { region: 'eu-west-1' }, 'form-credential-malformed'],
  ['no session token', { 'x-amz-security-token': undefined }, {}, 'token-invalid'],
  ['another session token', { 'x-amz-security-token': 'token' }, {}, 'token-invalid'],
  ['an unknown access key', {}, { lookup: () => undefined }, 'access-key-unknown'],
  ['another secret', {}, { lookup: () => ({ ...credentials, secretAccessKey: 'x' }) }, 'signature-mismatch'],
  ['credentials that have expired', {}, { lookup: () => ({ ...credentials, expiresAt: now }) }, 'token-expired'],
  ['a date in the future', {}, { now: now - 16 * 60_000 }, 'not-yet-valid'],
  ['a signing key that has lived its seven days', {}, { now: now + 604_800_000 }, 'expired'],
  ['the older scheme', { awsaccesskeyid: 'A', signature: 'b' }, {}, 'signature-version-unsupported'],
]
for (const [name, changed, of, reason] of claims) {
  test(`a form with ${name} is refused: ${reason}`, () => {
    const form = formOf()
    for (const [field, value] of Object.entries(changed)) {
      if (value === undefined) form.delete(field)
      else form.set(field, value)
    }
    const verdict = verifyPostForm(form, { ...verifier, ...of })
    assert.equal(verdict.outcome, 'refused')
    assert.equal(verdict.reason, reason)
  })
}

test('a form with neither policy nor signature is anonymous', () => {
  assert.deepEqual(verifyPostForm(new Map([['key', 'a']]), verifier), { outcome: 'anonymous' })
})

test('what can’t be asked of a form is refused when it is made', () => {
  for (const wrong of [
    { expiresIn: 0 },
    { expiresIn: 604_801 },
    { key: 'a/${filename}' },
    { contentLength: { min: 2, max: 1 } },
    { contentLength: { min: 0, max: 0.5 } },
    { key: 'a', fields: { Key: 'b' } },
    { fields: { 'X-Amz-Date': '20260101T000000Z' } },
  ] satisfies Partial<PostPolicyOptions>[]) {
    assert.throws(() => createPostPolicy({ ...options, ...wrong }), RangeError)
  }
})
