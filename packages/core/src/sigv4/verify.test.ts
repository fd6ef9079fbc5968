import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EMPTY_SHA256 } from './canonical.ts'
import { createPresigner } from './presign.ts'
import { signRequest, type SignInput } from './sign.ts'
import { SigningKeyCache } from './signing-key.ts'
import { verifyRequest, type KnownCredentials, type VerifyOptions, type WireRequest } from './verify.ts'

const now = Date.UTC(2026, 10, 21, 12)
const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' }
const host = 's3.example.com'
const options: VerifyOptions = {
  lookup: (id) => (id === 'AKIA' ? credentials : undefined),
  region: 'us-east-1',
  service: 's3',
  now,
}

function byHeader(of: Partial<SignInput> = {}): WireRequest {
  const input: SignInput = {
    method: 'GET',
    host,
    path: '/bucket/key',
    payloadHash: EMPTY_SHA256,
    credentials,
    region: 'us-east-1',
    service: 's3',
    now,
    ...of,
  }
  const headers = Object.entries({ ...signRequest(input).headers, host: input.host })
  return {
    method: input.method,
    rawPath: input.path,
    rawQuery: '',
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), [value]])),
  }
}

function presigned(of: { now?: number; expiresIn?: number; region?: string; token?: string } = {}): WireRequest {
  const { url } = createPresigner({
    endpoint: `https://${host}`,
    region: of.region ?? 'us-east-1',
    credentials: of.token === undefined ? credentials : { ...credentials, sessionToken: of.token },
    addressing: 'path',
  }).presign({ method: 'GET', bucket: 'bucket', key: 'key', expiresIn: of.expiresIn ?? 60, now: of.now ?? now })
  const [rawPath = '', rawQuery = ''] = url.slice(`https://${host}`.length).split('?')
  return { method: 'GET', rawPath, rawQuery, headers: { host: [host] } }
}

function edit(request: WireRequest, headers: Record<string, readonly string[] | undefined>): WireRequest {
  return { ...request, headers: { ...request.headers, ...headers } }
}

function editAuthorization(from: string | RegExp, to: string): WireRequest {
  const request = byHeader()
  const before = request.headers['authorization']?.[0] ?? ''
  assert.notEqual(before.replace(from, to), before)
  return edit(request, { authorization: [before.replace(from, to)] })
}

function editQuery(from: string | RegExp, to: string): WireRequest {
  const request = presigned()
  const rawQuery = request.rawQuery.replace(from, to)
  assert.notEqual(rawQuery, request.rawQuery)
  return { ...request, rawQuery }
}

const minutes = 60_000
const knows = (known: KnownCredentials) => ({ lookup: () => known })
const signedWith = (name: string, value: string) => byHeader({ headers: { [name]: value } })

interface Refusal {
  readonly when: string
  readonly request: WireRequest
  readonly options?: Partial<VerifyOptions>
  readonly reason: string
  readonly code: string
}
const malformed = 'AuthorizationHeaderMalformed'
const parameters = 'AuthorizationQueryParametersError'

const refusals: readonly Refusal[] = [
  // The request itself.
  {
    when: 'the path has a broken escape',
    request: { ...byHeader(), rawPath: '/a%' },
    reason: 'uri-invalid',
    code: 'InvalidURI',
  },
  { when: 'the path is relative', request: { ...byHeader(), rawPath: 'a' }, reason: 'uri-invalid', code: 'InvalidURI' },
  {
    when: 'the query has a broken escape',
    request: { ...byHeader(), rawQuery: 'a=%4' },
    reason: 'uri-invalid',
    code: 'InvalidURI',
  },
  {
    when: 'the path is not UTF-8',
    request: { ...byHeader(), rawPath: '/%ff' },
    reason: 'uri-invalid',
    code: 'InvalidURI',
  },

  // The header's form.
  {
    when: 'there are two Authorization headers',
    request: edit(byHeader(), { authorization: ['a', 'b'] }),
    reason: 'authorization-duplicated',
    code: 'InvalidArgument',
  },
  {
    when: 'the scheme is Bearer',
    request: edit(byHeader(), { authorization: ['Bearer x'] }),
    reason: 'authorization-type-unsupported',
    code: 'InvalidArgument',
  },
  {
    when: 'the Authorization header is empty',
    request: edit(byHeader(), { authorization: [''] }),
    reason: 'authorization-type-unsupported',
    code: 'InvalidArgument',
  },
  {
    when: 'the scheme is version 2',
    request: edit(byHeader(), { authorization: ['AWS AKIA:sig='] }),
    reason: 'signature-version-unsupported',
    code: 'InvalidRequest',
  },
  {
    when: 'the scheme is version 4a',
    request: editAuthorization('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
    reason: 'signature-version-unsupported',
    code: 'InvalidRequest',
  },
  {
    when: 'there is a scheme alone',
    request: edit(byHeader(), { authorization: ['AWS4-HMAC-SHA256'] }),
    reason: 'authorization-malformed',
    code: malformed,
  },
  {
    when: 'a part is missing',
    request: editAuthorization(/, Signature=.*/, ''),
    reason: 'authorization-malformed',
    code: malformed,
  },
  {
    when: 'a part comes twice',
    request: editAuthorization(/$/, ', Signature=a'),
    reason: 'authorization-malformed',
    code: malformed,
  },
  {
    when: 'there is a part too many',
    request: editAuthorization(/$/, ', A=a'),
    reason: 'authorization-malformed',
    code: malformed,
  },
  {
    when: 'the signature is in upper case',
    request: editAuthorization(/Signature=.*/, `Signature=${'A'.repeat(64)}`),
    reason: 'authorization-malformed',
    code: malformed,
  },
  {
    when: 'host is not signed',
    request: editAuthorization('SignedHeaders=host;', 'SignedHeaders='),
    reason: 'authorization-malformed',
    code: malformed,
  },
  {
    when: 'signed headers are out of order',
    request: editAuthorization(/SignedHeaders=[^,]*/, 'SignedHeaders=x-amz-date;host'),
    reason: 'authorization-malformed',
    code: malformed,
  },
  {
    when: 'a signed header comes twice',
    request: editAuthorization('=host;', '=host;host;'),
    reason: 'authorization-malformed',
    code: malformed,
  },
  {
    when: 'the credential is malformed',
    request: editAuthorization('/aws4_request', ''),
    reason: 'authorization-credential-malformed',
    code: malformed,
  },
  {
    when: 'the region is wrong',
    request: byHeader({ region: 'eu-west-1' }),
    reason: 'authorization-region-wrong',
    code: malformed,
  },
  {
    when: 'the service is wrong',
    request: byHeader({ service: 'sts' }),
    reason: 'authorization-service-wrong',
    code: malformed,
  },
  {
    when: 'the scope is of another day',
    request: editAuthorization('/20261121/', '/20261120/'),
    reason: 'authorization-date-wrong',
    code: malformed,
  },

  // The header's claims.
  {
    when: 'there is no date',
    request: edit(byHeader(), { 'x-amz-date': undefined }),
    reason: 'date-missing',
    code: 'AccessDenied',
  },
  {
    when: 'the date is no date',
    request: edit(byHeader(), { 'x-amz-date': ['now'] }),
    reason: 'date-missing',
    code: 'AccessDenied',
  },
  {
    when: 'there are two dates',
    request: edit(byHeader(), { 'x-amz-date': ['20261121T120000Z', '20261121T120000Z'] }),
    reason: 'date-missing',
    code: 'AccessDenied',
  },
  {
    when: 'the request is too old',
    request: byHeader({ now: now - 15 * minutes - 1000 }),
    reason: 'time-skewed',
    code: 'RequestTimeTooSkewed',
  },
  {
    when: 'the request is from the future',
    request: byHeader({ now: now + 15 * minutes + 1000 }),
    reason: 'time-skewed',
    code: 'RequestTimeTooSkewed',
  },
  {
    when: 'an x-amz header is not signed',
    request: edit(byHeader(), { 'x-amz-acl': ['public-read'] }),
    reason: 'headers-not-signed',
    code: 'AccessDenied',
  },
  {
    when: 'the payload hash is missing',
    request: edit(byHeader(), { 'x-amz-content-sha256': undefined }),
    reason: 'payload-hash-missing',
    code: 'InvalidRequest',
  },
  {
    when: 'the payload hash comes twice',
    request: edit(byHeader(), { 'x-amz-content-sha256': [EMPTY_SHA256, EMPTY_SHA256] }),
    reason: 'payload-hash-invalid',
    code: 'InvalidArgument',
  },
  {
    when: 'the payload hash is rubbish',
    request: byHeader({ payloadHash: 'x' }),
    reason: 'payload-hash-invalid',
    code: 'InvalidArgument',
  },
  {
    when: 'the payload hash asks for version 4a',
    request: byHeader({ payloadHash: 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' }),
    reason: 'payload-hash-invalid',
    code: 'InvalidArgument',
  },

  // Who signed.
  {
    when: 'the access key is unknown',
    request: byHeader({ credentials: { accessKeyId: 'B', secretAccessKey: 'secret' } }),
    reason: 'access-key-unknown',
    code: 'InvalidAccessKeyId',
  },
  {
    when: 'the secret is wrong',
    request: byHeader({ credentials: { accessKeyId: 'AKIA', secretAccessKey: 'x' } }),
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'a token comes with permanent credentials',
    request: byHeader({ credentials: { ...credentials, sessionToken: 't' } }),
    reason: 'token-invalid',
    code: 'InvalidToken',
  },
  {
    when: 'the token is missing',
    request: byHeader(),
    options: knows({ ...credentials, sessionToken: 't' }),
    reason: 'token-invalid',
    code: 'InvalidToken',
  },
  {
    when: 'the token is another',
    request: byHeader({ credentials: { ...credentials, sessionToken: 't' } }),
    options: knows({ ...credentials, sessionToken: 'u' }),
    reason: 'token-invalid',
    code: 'InvalidToken',
  },
  {
    when: 'the credentials have expired',
    request: byHeader(),
    options: knows({ ...credentials, expiresAt: now }),
    reason: 'token-expired',
    code: 'ExpiredToken',
  },
  {
    when: 'the credentials have expired and the signature is wrong',
    request: editAuthorization(/Signature=.*/, `Signature=${'0'.repeat(64)}`),
    options: knows({ ...credentials, expiresAt: now }),
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },

  // What was signed.
  {
    when: 'the method is another',
    request: { ...byHeader(), method: 'DELETE' },
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'the path is another',
    request: { ...byHeader(), rawPath: '/bucket/other' },
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'the path only normalises to the signed one',
    request: { ...byHeader(), rawPath: '/bucket/./key' },
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'the path is encoded twice',
    request: { ...byHeader({ path: '/bucket/%20' }), rawPath: '/bucket/%2520' },
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'the query is another',
    request: { ...byHeader(), rawQuery: 'acl' },
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'the host is another',
    request: edit(byHeader(), { host: ['evil.example.com'] }),
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'there are two hosts',
    request: edit(byHeader(), { host: [host, host] }),
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'there is no host',
    request: edit(byHeader(), { host: undefined }),
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'a signed header is another',
    request: edit(signedWith('range', 'bytes=0-1'), { range: ['bytes=0-2'] }),
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'a signed header is gone',
    request: edit(signedWith('range', 'bytes=0-1'), { range: undefined }),
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'a signed header comes twice',
    request: edit(signedWith('range', 'bytes=0-1'), { range: ['bytes=0-1', 'bytes=0-1'] }),
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'the payload hash is another',
    request: edit(byHeader(), { 'x-amz-content-sha256': ['UNSIGNED-PAYLOAD'] }),
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },

  // Presigned.
  {
    when: 'a parameter is missing',
    request: editQuery(/&X-Amz-Expires=\d+/, ''),
    reason: 'query-parameters-missing',
    code: parameters,
  },
  {
    when: 'the signature alone is missing',
    request: editQuery(/&X-Amz-Signature=.*/, ''),
    reason: 'query-parameters-missing',
    code: parameters,
  },
  {
    when: 'the signature is there alone',
    request: { ...presigned(), rawQuery: 'X-Amz-Signature=a' },
    reason: 'query-parameters-missing',
    code: parameters,
  },
  {
    when: 'Expires comes twice',
    request: editQuery('&X-Amz-Expires=60', '&X-Amz-Expires=60&X-Amz-Expires=60'),
    reason: 'query-parameters-duplicated',
    code: parameters,
  },
  {
    when: 'Expires comes twice, once in disguise',
    request: editQuery(/$/, '&X-%41mz-Expires=600'),
    reason: 'query-parameters-duplicated',
    code: parameters,
  },
  {
    when: 'the signature comes twice',
    request: editQuery(/$/, `&X-Amz-Signature=${'a'.repeat(64)}`),
    reason: 'query-parameters-duplicated',
    code: parameters,
  },
  {
    when: 'the algorithm is another',
    request: editQuery('HMAC-SHA256', 'HMAC-SHA1'),
    reason: 'query-algorithm-unsupported',
    code: parameters,
  },
  {
    when: 'the credential in the query is malformed',
    request: editQuery('%2Faws4_request', ''),
    reason: 'query-credential-malformed',
    code: parameters,
  },
  {
    when: 'the region in the query is wrong',
    request: presigned({ region: 'eu-west-1' }),
    reason: 'query-region-wrong',
    code: parameters,
  },
  {
    when: 'the service in the query is wrong',
    request: presigned(),
    options: { service: 'sts' },
    reason: 'query-service-wrong',
    code: parameters,
  },
  {
    when: 'the day in the query is another',
    request: editQuery('%2F20261121%2F', '%2F20261120%2F'),
    reason: 'query-date-wrong',
    code: parameters,
  },
  {
    when: 'the date in the query is no date',
    request: editQuery(/Date=\w+/, 'Date=now'),
    reason: 'query-date-malformed',
    code: parameters,
  },
  {
    when: 'Expires is no number',
    request: editQuery('Expires=60', 'Expires=6e1'),
    reason: 'query-expires-not-a-number',
    code: parameters,
  },
  {
    when: 'Expires is negative',
    request: editQuery('Expires=60', 'Expires=-60'),
    reason: 'query-expires-not-a-number',
    code: parameters,
  },
  {
    when: 'Expires is 0',
    request: editQuery('Expires=60', 'Expires=0'),
    reason: 'query-expires-too-small',
    code: parameters,
  },
  {
    when: 'Expires is more than a week',
    request: editQuery('Expires=60', 'Expires=604801'),
    reason: 'query-expires-too-large',
    code: parameters,
  },
  {
    when: 'Expires was made longer',
    request: editQuery('Expires=60', 'Expires=61'),
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'host is not among the signed headers of the query',
    request: editQuery('SignedHeaders=host', 'SignedHeaders=range'),
    reason: 'query-signed-headers-malformed',
    code: parameters,
  },
  {
    when: 'the signature in the query is malformed',
    request: editQuery(/Signature=.*/, 'Signature=x'),
    reason: 'query-signature-malformed',
    code: parameters,
  },
  { when: 'the URL has expired', request: presigned({ now: now - 60_000 }), reason: 'expired', code: 'AccessDenied' },
  {
    when: 'the URL is from the future',
    request: presigned({ now: now + 16 * minutes }),
    reason: 'not-yet-valid',
    code: 'AccessDenied',
  },
  {
    when: 'an x-amz header comes with a URL that did not sign it',
    request: edit(presigned(), { 'x-amz-copy-source': ['other/secret'] }),
    reason: 'headers-not-signed',
    code: 'AccessDenied',
  },
  {
    when: 'a token was added to the URL',
    request: editQuery(/$/, '&X-Amz-Security-Token=t'),
    options: knows({ ...credentials, sessionToken: 't' }),
    reason: 'signature-mismatch',
    code: 'SignatureDoesNotMatch',
  },
  {
    when: 'the URL lacks its token',
    request: presigned(),
    options: knows({ ...credentials, sessionToken: 't' }),
    reason: 'token-invalid',
    code: 'InvalidToken',
  },
  {
    when: 'a URL asks for signed chunks',
    request: editQuery(/$/, '&X-Amz-Content-Sha256=STREAMING-AWS4-HMAC-SHA256-PAYLOAD'),
    reason: 'payload-hash-invalid',
    code: 'InvalidArgument',
  },
  {
    when: 'the URL is of version 2',
    request: { ...presigned(), rawQuery: 'AWSAccessKeyId=A&Expires=1&Signature=b' },
    reason: 'signature-version-unsupported',
    code: 'InvalidRequest',
  },
]

for (const { when, request, options: of, reason, code } of refusals) {
  test(`refused as ${reason} when ${when}`, () => {
    const verdict = verifyRequest(request, { ...options, ...of })
    assert.equal(verdict.outcome, 'refused')
    assert.equal(verdict.reason, reason)
    assert.equal(verdict.code, code)
    assert.notEqual(verdict.message, '')
  })
}

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
  const request = edit(signedWith('x-amz-meta-a', '1,2'), { 'x-amz-meta-a': ['1', ' 2'] })
  assert.equal(verifyRequest(request, options).outcome, 'verified')
})

test('a request without x-amz-date is taken by its Date header', () => {
  const request = byHeader({ headers: { date: new Date(now).toUTCString() } })
  const { 'x-amz-date': _, ...headers } = request.headers
  const verdict = verifyRequest({ ...request, headers }, options)
  // The signature still covers x-amz-date, so it must fail there and not before.
  assert.equal(verdict.outcome, 'refused')
  assert.equal(verdict.reason, 'signature-mismatch')
  const noDate = verifyRequest(edit({ ...request, headers }, { date: ['yesterday'] }), options)
  assert.equal(noDate.outcome, 'refused')
  assert.equal(noDate.reason, 'date-missing')
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
    const verdict = verifyRequest(byHeader(), { ...options, keys, ...knows({ secretAccessKey: 'x' }) })
    assert.equal(verdict.outcome, 'refused')
  }
  assert.equal(keys.size, 2)
})
