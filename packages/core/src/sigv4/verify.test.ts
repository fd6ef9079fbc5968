import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalHeaders, canonicalRequest, EMPTY_SHA256, signText, stringToSign } from './canonical.ts'
import {
  byHeader,
  credentials,
  edit,
  editAuthorization,
  host,
  now,
  options,
  presigned,
} from './signed-requests.fixture.ts'
import { deriveSigningKey, SigningKeyCache } from './signing-key.ts'
import { verifyRequest, type WireRequest } from './verify.ts'

const minutes = 60_000

test('a request with neither is anonymous', () => {
  const request = { method: 'GET', rawPath: '/a%20b', rawQuery: 'x=1', headers: { host: [host] } }
  assert.deepEqual(verifyRequest(request, options), { outcome: 'anonymous', path: '/a b', query: [['x', '1']] })
})

test('the details of a refusal are those of S3', () => {
  const details = (request: WireRequest) => {
    const verdict = verifyRequest(request, options)
    return verdict.outcome === 'refused' ? verdict.details : undefined
  }
  assert.deepEqual(details(byHeader({ region: 'eu-west-1' })), { Region: 'us-east-1' })
  assert.deepEqual(details(edit(byHeader(), { 'x-amz-acl': ['a'], 'x-amz-tagging': ['b'] })), {
    HeadersNotSigned: 'x-amz-acl, x-amz-tagging',
  })
  assert.deepEqual(details(presigned({ now: now - 60_000 })), {
    'X-Amz-Expires': '60',
    Expires: '2026-11-21T12:00:00.000Z',
    ServerTime: '2026-11-21T12:00:00.000Z',
  })
})

test('a request is taken up to fifteen minutes off, or as far as allowed', () => {
  for (const off of [-15 * minutes, 15 * minutes]) {
    assert.equal(verifyRequest(byHeader({ now: now + off }), options).outcome, 'verified')
    const verdict = verifyRequest(byHeader({ now: now + off }), { ...options, maxSkewMs: 5 * minutes })
    assert.equal(verdict.outcome, 'refused')
  }
})

test('a URL is taken until the moment it expires', () => {
  const request = presigned()
  for (const [at, outcome] of [
    [now - 15 * minutes, 'verified'],
    [now + 59_999, 'verified'],
    [now + 60_000, 'refused'],
  ] as const) {
    assert.equal(verifyRequest(request, { ...options, now: at }).outcome, outcome)
  }
  const verdict = verifyRequest(request, options)
  assert.equal(verdict.outcome, 'verified')
  assert.equal(verdict.expiresAt, now + 60_000)
})

test('a presigned query wins over an Authorization header', () => {
  for (const authorization of ['Bearer x', 'Basic YTpi', byHeader().headers['authorization']?.[0] ?? '']) {
    const verdict = verifyRequest(edit(presigned(), { authorization: [authorization] }), options)
    assert.equal(verdict.outcome, 'verified')
    assert.equal(verdict.kind, 'presigned')
  }
})

const payloads = [
  [EMPTY_SHA256, 'signed'],
  ['UNSIGNED-PAYLOAD', 'unsigned'],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'chunked-signed'],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', 'chunked-signed-trailer'],
  ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'chunked-unsigned-trailer'],
] as const
for (const [payloadHash, payload] of payloads) {
  test(`a payload hash of ${payloadHash} means ${payload}`, () => {
    const verdict = verifyRequest(byHeader({ method: 'PUT', payloadHash }), options)
    assert.equal(verdict.outcome, 'verified')
    assert.equal(verdict.payload, payload)
    assert.equal(verdict.payloadHash, payloadHash)
  })
}

test('temporary credentials are taken with their token, which lookup is shown', () => {
  const temporary = { ...credentials, sessionToken: 'token+/=' }
  for (const request of [byHeader({ credentials: temporary }), presigned({ token: 'token+/=' })]) {
    const shown: unknown[] = []
    const lookup = (id: string, token: string | undefined) => {
      shown.push(id, token)
      return { ...temporary, expiresAt: now + 1 }
    }
    assert.equal(verifyRequest(request, { ...options, lookup }).outcome, 'verified')
    assert.deepEqual(shown, ['AKIA', 'token+/='])
  }
})

test('a path means the same however it is escaped, and is given back decoded', () => {
  const request = byHeader({ path: '/bucket/a%20%2B~%C3%A9..' })
  for (const rawPath of [
    '/bucket/a%20%2B~%C3%A9..',
    '/%62ucket/a%20+%7e%c3%a9%2e%2e',
    '/bucket/a%20+~\u00c3\u00a9..',
  ]) {
    const verdict = verifyRequest({ ...request, rawPath }, options)
    assert.equal(verdict.outcome, 'verified')
    assert.equal(verdict.path, '/bucket/a +~é..')
  }
})

test('header values are taken as bytes, trimmed and with blanks folded', () => {
  const bytes = Buffer.from('é  ü').toString('latin1')
  const request = byHeader({ headers: { 'x-amz-meta-a': 'é ü' } })
  assert.equal(verifyRequest(edit(request, { 'x-amz-meta-a': [` ${bytes}\t`] }), options).outcome, 'verified')
})

test('several headers of one name are signed as one', () => {
  const request = edit(byHeader({ headers: { 'x-amz-meta-a': '1,2' } }), { 'x-amz-meta-a': ['1', ' 2'] })
  assert.equal(verifyRequest(request, options).outcome, 'verified')
})

test('a request without x-amz-date is taken by its Date header', () => {
  const date = new Date(now).toUTCString()
  const headers = { date, host, 'x-amz-content-sha256': EMPTY_SHA256 }
  const scope = '20261121/us-east-1/s3/aws4_request'
  const canonical = canonicalRequest({
    method: 'GET',
    path: '/',
    query: '',
    headers: canonicalHeaders(headers),
    payloadHash: EMPTY_SHA256,
  })
  const key = deriveSigningKey('secret', '20261121', 'us-east-1', 's3')
  const signature = signText(key, stringToSign('20261121T120000Z', scope, canonical))
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIA/${scope}, SignedHeaders=date;host;x-amz-content-sha256, Signature=${signature}`
  const wire = (dates: readonly string[]): WireRequest => ({
    method: 'GET',
    rawPath: '/',
    rawQuery: '',
    headers: { authorization: [authorization], date: dates, host: [host], 'x-amz-content-sha256': [EMPTY_SHA256] },
  })
  assert.equal(verifyRequest(wire([date]), options).outcome, 'verified')
  for (const dates of [['yesterday'], [date, date], [new Date(now + 1000).toUTCString()]]) {
    assert.equal(verifyRequest(wire(dates), options).outcome, 'refused')
  }
})

test('names that every object inherits are no headers', () => {
  const request = editAuthorization('SignedHeaders=host', 'SignedHeaders=constructor;host')
  assert.equal(verifyRequest(request, options).outcome, 'refused')
})

test('the parts of an Authorization header may come in any order, with or without blanks', () => {
  const text = byHeader().headers['authorization']?.[0] ?? ''
  const parts = text.slice('AWS4-HMAC-SHA256 '.length).split(', ')
  for (const joined of [parts.join(','), parts.reverse().join(' ,  ')]) {
    const request = edit(byHeader(), { authorization: [`AWS4-HMAC-SHA256 ${joined}`] })
    assert.equal(verifyRequest(request, options).outcome, 'verified')
  }
})

test('an access key id may hold a slash', () => {
  const accessKeyId = 'tenant/user'
  const request = byHeader({ credentials: { ...credentials, accessKeyId } })
  const verdict = verifyRequest(request, { ...options, lookup: (id) => (id === accessKeyId ? credentials : undefined) })
  assert.equal(verdict.outcome, 'verified')
})

test('the key cache changes no verdict', () => {
  const keys = new SigningKeyCache()
  for (let i = 0; i < 2; i++) {
    assert.equal(verifyRequest(byHeader(), { ...options, keys }).outcome, 'verified')
    const verdict = verifyRequest(byHeader(), { ...options, keys, lookup: () => ({ secretAccessKey: 'x' }) })
    assert.equal(verdict.outcome, 'refused')
  }
  assert.equal(keys.size, 2)
})
