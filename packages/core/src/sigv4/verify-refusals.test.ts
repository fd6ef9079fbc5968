import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EMPTY_SHA256 } from './canonical.ts'
import {
  byHeader,
  credentials,
  edit,
  editAuthorization,
  editQuery,
  host,
  now,
  options,
  presigned,
} from './signed-requests.fixture.ts'
import type { VerifyRefusalReason } from './verify-refusal.ts'
import { verifyRequest, type KnownCredentials, type VerifyOptions, type WireRequest } from './verify.ts'

const minutes = 60_000
const knows = (known: KnownCredentials) => ({ lookup: () => known })
const ranged = byHeader({ headers: { range: 'bytes=0-1' } })

type Refusal = readonly [
  reason: VerifyRefusalReason,
  when: string,
  request: WireRequest,
  options?: Partial<VerifyOptions>,
]

const refusals: readonly Refusal[] = [
  // The request itself.
  ['uri-invalid', 'the path has a broken escape', { ...byHeader(), rawPath: '/a%' }],
  ['uri-invalid', 'the path is relative', { ...byHeader(), rawPath: 'a' }],
  ['uri-invalid', 'the query has a broken escape', { ...byHeader(), rawQuery: 'a=%4' }],
  ['uri-invalid', 'the path is not UTF-8', { ...byHeader(), rawPath: '/%ff' }],
  // The header's form.
  ['authorization-duplicated', 'there are two Authorization headers', edit(byHeader(), { authorization: ['a', 'b'] })],
  ['authorization-type-unsupported', 'the scheme is Bearer', edit(byHeader(), { authorization: ['Bearer x'] })],
  ['authorization-type-unsupported', 'the Authorization header is empty', edit(byHeader(), { authorization: [''] })],
  ['signature-version-unsupported', 'the scheme is version 2', edit(byHeader(), { authorization: ['AWS AKIA:sig='] })],
  [
    'signature-version-unsupported',
    'the scheme is version 4a',
    editAuthorization('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
  ],
  ['authorization-malformed', 'there is a scheme alone', edit(byHeader(), { authorization: ['AWS4-HMAC-SHA256'] })],
  ['authorization-malformed', 'a part is missing', editAuthorization(/, Signature=.*/, '')],
  ['authorization-malformed', 'a part comes twice', editAuthorization(/$/, ', Signature=a')],
  ['authorization-malformed', 'there is a part too many', editAuthorization(/$/, ', A=a')],
  [
    'authorization-malformed',
    'the signature is in upper case',
    editAuthorization(/Signature=.*/, `Signature=${'A'.repeat(64)}`),
  ],
  ['authorization-malformed', 'host is not signed', editAuthorization('SignedHeaders=host;', 'SignedHeaders=')],
  [
    'authorization-malformed',
    'signed headers are out of order',
    editAuthorization(/SignedHeaders=[^,]*/, 'SignedHeaders=x-amz-date;host'),
  ],
  ['authorization-malformed', 'a signed header comes twice', editAuthorization('=host;', '=host;host;')],
  ['authorization-credential-malformed', 'the credential is malformed', editAuthorization('/aws4_request', '')],
  ['authorization-region-wrong', 'the region is wrong', byHeader({ region: 'eu-west-1' })],
  ['authorization-service-wrong', 'the service is wrong', byHeader({ service: 'sts' })],
  ['authorization-date-wrong', 'the scope is of another day', editAuthorization('/20261121/', '/20261120/')],
  // The header's claims.
  ['date-missing', 'there is no date', edit(byHeader(), { 'x-amz-date': undefined })],
  ['date-missing', 'the date is no date', edit(byHeader(), { 'x-amz-date': ['now'] })],
  ['date-missing', 'there are two dates', edit(byHeader(), { 'x-amz-date': ['20261121T120000Z', '20261121T120000Z'] })],
  ['time-skewed', 'the request is too old', byHeader({ now: now - 15 * minutes - 1000 })],
  ['time-skewed', 'the request is from the future', byHeader({ now: now + 15 * minutes + 1000 })],
  ['headers-not-signed', 'an x-amz header is not signed', edit(byHeader(), { 'x-amz-acl': ['public-read'] })],
  ['payload-hash-missing', 'the payload hash is missing', edit(byHeader(), { 'x-amz-content-sha256': undefined })],
  [
    'payload-hash-invalid',
    'the payload hash comes twice',
    edit(byHeader(), { 'x-amz-content-sha256': [EMPTY_SHA256, EMPTY_SHA256] }),
  ],
  ['payload-hash-invalid', 'the payload hash is rubbish', byHeader({ payloadHash: 'x' })],
  [
    'payload-hash-invalid',
    'the payload hash asks for version 4a',
    byHeader({ payloadHash: 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' }),
  ],
  // Who signed.
  [
    'access-key-unknown',
    'the access key is unknown',
    byHeader({ credentials: { accessKeyId: 'B', secretAccessKey: 'secret' } }),
  ],
  [
    'signature-mismatch',
    'the secret is wrong',
    byHeader({ credentials: { accessKeyId: 'AKIA', secretAccessKey: 'x' } }),
  ],
  [
    'token-invalid',
    'a token comes with permanent credentials',
    byHeader({ credentials: { ...credentials, sessionToken: 't' } }),
  ],
  ['token-invalid', 'the token is missing', byHeader(), knows({ ...credentials, sessionToken: 't' })],
  [
    'token-invalid',
    'the token is another',
    byHeader({ credentials: { ...credentials, sessionToken: 't' } }),
    knows({ ...credentials, sessionToken: 'u' }),
  ],
  ['token-expired', 'the credentials have expired', byHeader(), knows({ ...credentials, expiresAt: now })],
  [
    'signature-mismatch',
    'the credentials have expired and the signature is wrong',
    editAuthorization(/Signature=.*/, `Signature=${'0'.repeat(64)}`),
    knows({ ...credentials, expiresAt: now }),
  ],
  // What was signed.
  ['signature-mismatch', 'the method is another', { ...byHeader(), method: 'DELETE' }],
  ['signature-mismatch', 'the path is another', { ...byHeader(), rawPath: '/bucket/other' }],
  ['signature-mismatch', 'the path only normalises to the signed one', { ...byHeader(), rawPath: '/bucket/./key' }],
  [
    'signature-mismatch',
    'the path is encoded twice',
    { ...byHeader({ path: '/bucket/%20' }), rawPath: '/bucket/%2520' },
  ],
  ['signature-mismatch', 'the query is another', { ...byHeader(), rawQuery: 'acl' }],
  ['signature-mismatch', 'the host is another', edit(byHeader(), { host: ['evil.example.com'] })],
  ['signature-mismatch', 'there are two hosts', edit(byHeader(), { host: [host, host] })],
  ['signature-mismatch', 'there are two hosts, signed as one', edit(byHeader({ host: 'a,b' }), { host: ['a', 'b'] })],
  ['signature-mismatch', 'there is no host', edit(byHeader(), { host: undefined })],
  ['signature-mismatch', 'a signed header is another', edit(ranged, { range: ['bytes=0-2'] })],
  ['signature-mismatch', 'a signed header is gone', edit(ranged, { range: undefined })],
  ['signature-mismatch', 'a signed header comes twice', edit(ranged, { range: ['bytes=0-1', 'bytes=0-1'] })],
  [
    'signature-mismatch',
    'the payload hash is another',
    edit(byHeader(), { 'x-amz-content-sha256': ['UNSIGNED-PAYLOAD'] }),
  ],
  // Presigned.
  ['query-parameters-missing', 'a parameter is missing', editQuery(/&X-Amz-Expires=\d+/, '')],
  ['query-parameters-missing', 'the signature alone is missing', editQuery(/&X-Amz-Signature=.*/, '')],
  ['query-parameters-missing', 'the signature is there alone', { ...presigned(), rawQuery: 'X-Amz-Signature=a' }],
  [
    'query-parameters-duplicated',
    'Expires comes twice',
    editQuery('&X-Amz-Expires=60', '&X-Amz-Expires=60&X-Amz-Expires=60'),
  ],
  ['query-parameters-duplicated', 'Expires comes twice, once in disguise', editQuery(/$/, '&X-%41mz-Expires=600')],
  ['query-parameters-duplicated', 'the signature comes twice', editQuery(/$/, `&X-Amz-Signature=${'a'.repeat(64)}`)],
  ['query-algorithm-unsupported', 'the algorithm is another', editQuery('HMAC-SHA256', 'HMAC-SHA1')],
  ['query-credential-malformed', 'the credential in the query is malformed', editQuery('%2Faws4_request', '')],
  ['query-region-wrong', 'the region in the query is wrong', presigned({ region: 'eu-west-1' })],
  ['query-service-wrong', 'the service in the query is wrong', presigned(), { service: 'sts' }],
  ['query-date-wrong', 'the day in the query is another', editQuery('%2F20261121%2F', '%2F20261120%2F')],
  ['query-date-malformed', 'the date in the query is no date', editQuery(/Date=\w+/, 'Date=now')],
  ['query-expires-not-a-number', 'Expires is no number', editQuery('Expires=60', 'Expires=6e1')],
  ['query-expires-not-a-number', 'Expires is negative', editQuery('Expires=60', 'Expires=-60')],
  ['query-expires-too-small', 'Expires is 0', editQuery('Expires=60', 'Expires=0')],
  ['query-expires-too-large', 'Expires is more than a week', editQuery('Expires=60', 'Expires=604801')],
  ['signature-mismatch', 'Expires was made longer', editQuery('Expires=60', 'Expires=61')],
  [
    'query-signed-headers-malformed',
    'host is not among the signed headers of the query',
    editQuery('SignedHeaders=host', 'SignedHeaders=range'),
  ],
  ['query-signature-malformed', 'the signature in the query is malformed', editQuery(/Signature=.*/, 'Signature=x')],
  ['expired', 'the URL has expired', presigned({ now: now - 60_000 })],
  ['not-yet-valid', 'the URL is from the future', presigned({ now: now + 16 * minutes })],
  [
    'headers-not-signed',
    'an x-amz header comes with a URL that did not sign it',
    edit(presigned(), { 'x-amz-copy-source': ['other/secret'] }),
  ],
  [
    'signature-mismatch',
    'a token was added to the URL',
    editQuery(/$/, '&X-Amz-Security-Token=t'),
    knows({ ...credentials, sessionToken: 't' }),
  ],
  ['token-invalid', 'the URL lacks its token', presigned(), knows({ ...credentials, sessionToken: 't' })],
  [
    'payload-hash-invalid',
    'a URL asks for signed chunks',
    editQuery(/$/, '&X-Amz-Content-Sha256=STREAMING-AWS4-HMAC-SHA256-PAYLOAD'),
  ],
  [
    'payload-hash-invalid',
    'a URL asks for signed chunks, in the spelling of Amplify 5',
    editQuery(/$/, '&x-amz-content-sha256=STREAMING-AWS4-HMAC-SHA256-PAYLOAD'),
  ],
  [
    'query-parameters-duplicated',
    'a URL names two payloads, in two spellings',
    editQuery(/$/, '&x-amz-content-sha256=UNSIGNED-PAYLOAD&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD'),
  ],
  [
    'signature-version-unsupported',
    'the URL is of version 2',
    { ...presigned(), rawQuery: 'AWSAccessKeyId=A&Expires=1&Signature=b' },
  ],
]

const codes: Partial<Record<VerifyRefusalReason, string>> = {
  'uri-invalid': 'InvalidURI',
  'authorization-duplicated': 'InvalidArgument',
  'authorization-type-unsupported': 'InvalidArgument',
  'signature-version-unsupported': 'InvalidRequest',
  'authorization-malformed': 'AuthorizationHeaderMalformed',
  'authorization-credential-malformed': 'AuthorizationHeaderMalformed',
  'authorization-region-wrong': 'AuthorizationHeaderMalformed',
  'authorization-service-wrong': 'AuthorizationHeaderMalformed',
  'authorization-date-wrong': 'AuthorizationHeaderMalformed',
  'date-missing': 'AccessDenied',
  'time-skewed': 'RequestTimeTooSkewed',
  'headers-not-signed': 'AccessDenied',
  'payload-hash-missing': 'InvalidRequest',
  'payload-hash-invalid': 'InvalidArgument',
  'access-key-unknown': 'InvalidAccessKeyId',
  'signature-mismatch': 'SignatureDoesNotMatch',
  'token-invalid': 'InvalidToken',
  'token-expired': 'ExpiredToken',
  'query-parameters-missing': 'AuthorizationQueryParametersError',
  'query-parameters-duplicated': 'AuthorizationQueryParametersError',
  'query-algorithm-unsupported': 'AuthorizationQueryParametersError',
  'query-credential-malformed': 'AuthorizationQueryParametersError',
  'query-region-wrong': 'AuthorizationQueryParametersError',
  'query-service-wrong': 'AuthorizationQueryParametersError',
  'query-date-wrong': 'AuthorizationQueryParametersError',
  'query-date-malformed': 'AuthorizationQueryParametersError',
  'query-expires-not-a-number': 'AuthorizationQueryParametersError',
  'query-expires-too-small': 'AuthorizationQueryParametersError',
  'query-expires-too-large': 'AuthorizationQueryParametersError',
  'query-signed-headers-malformed': 'AuthorizationQueryParametersError',
  'query-signature-malformed': 'AuthorizationQueryParametersError',
  expired: 'AccessDenied',
  'not-yet-valid': 'AccessDenied',
}

for (const [reason, when, request, of] of refusals) {
  test(`refused as ${reason} when ${when}`, () => {
    const verdict = verifyRequest(request, { ...options, ...of })
    assert.equal(verdict.outcome, 'refused')
    assert.equal(verdict.reason, reason)
    assert.equal(verdict.code, codes[reason])
    assert.notEqual(verdict.message, '')
  })
}
