import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { exportSPKI, importJWK, UnsecuredJWT } from 'jose'
import { startS3Server } from '../src/server.ts'
import { callSts, policyText, ROLE, textOf } from './sts-request.ts'
import { AUDIENCE, makeKey, startIssuer } from './running-issuer.ts'
import type { RunningIssuer } from './running-issuer.ts'
import { CREDENTIALS, startRunningServer } from './running-server.ts'
import { askInQuery, askWithToken, homePolicy, trusting } from './web-identity-request.ts'

const seconds = (): number => Math.floor(Date.now() / 1000)
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token whose public key is taken for a shared secret. */
const signedWithPublicKey = async (issuer: RunningIssuer, secret: Buffer | string): Promise<string> => {
  const [, payload = ''] = (await issuer.token()).split('.')
  const signed = `${encode({ alg: 'HS256', kid: 'first' })}.${payload}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

test('what a token is refused for, in the words of STS', async (t) => {
  await using issuer = await startIssuer()
  await using stranger = await startIssuer()
  const [first] = issuer.keys
  const [strange] = stranger.keys
  assert.ok(first !== undefined && strange !== undefined)
  issuer.keys.push(await makeKey('ES256', 'second'), await makeKey('ES512', 'third'))
  const [, second, third] = issuer.keys
  assert.ok(second !== undefined && third !== undefined)
  await using running = await startRunningServer(trusting(issuer))
  const { url } = running.server
  const [head = '', body = '', signature = ''] = (await issuer.token()).split('.')
  const publicKey = await importJWK(first.jwk, 'RS256')
  assert.ok(!(publicKey instanceof Uint8Array))
  const pem = await exportSPKI(publicKey)
  const changed = Buffer.from(signature, 'base64url')
  changed.writeUInt8(changed.readUInt8(7) ^ 1, 7)
  const unsecured = new UnsecuredJWT({ iss: issuer.url, sub: 'alice', aud: AUDIENCE, exp: seconds() + 300 }).encode()
  const cases: [what: string, token: string, status: number, code: string, message: RegExp][] = [
    ['good', await issuer.token(), 200, '', /Credentials/],
    ['good, by another key', await issuer.token({}, { key: second }), 200, '', /Credentials/],
    ['several audiences', await issuer.token({ aud: ['other', AUDIENCE] }), 200, '', /<Audience>store</],
    ['a client instead', await issuer.token({ aud: undefined, client_id: AUDIENCE }), 200, '', /<Audience>store</],
    ['barely expired', await issuer.token({ exp: seconds() - 30 }), 200, '', /Credentials/],
    ['no token', '', 400, 'ValidationError', /WebIdentityToken/],
    ['too long', 'x'.repeat(20_001), 400, 'ValidationError', /WebIdentityToken/],
    ['opaque', 'abcdef', 400, 'InvalidIdentityToken', /JWT/],
    ['no third part', `${head}.${body}`, 400, 'InvalidIdentityToken', /JWT/],
    ['encrypted', 'a.b.c.d.e', 400, 'InvalidIdentityToken', /JWT/],
    ['no JSON', `${head}.${Buffer.from('[1').toString('base64url')}.${signature}`, 400, 'InvalidIdentityToken', /JWT/],
    ['a list', `${head}.${encode([1])}.${signature}`, 400, 'InvalidIdentityToken', /JWT/],
    ['no algorithm', `${encode({ kid: 'first' })}.${body}.${signature}`, 400, 'InvalidIdentityToken', /JWT/],
    ['padded', `${head}=.${body}.${signature}`, 400, 'InvalidIdentityToken', /JWT/],
    ['another issuer', await stranger.token(), 400, 'InvalidIdentityToken', /No OpenIDConnect provider/],
    ['an issuer with a slash', await issuer.token({ iss: `${issuer.url}/` }), 400, 'InvalidIdentityToken', /provider/],
    ['no issuer', await issuer.token({ iss: undefined }), 400, 'InvalidIdentityToken', /provider/],
    ['issuers', await issuer.token({ iss: [issuer.url] }), 400, 'InvalidIdentityToken', /provider/],
    ['alg none', unsecured, 400, 'InvalidIdentityToken', /algorithm|JWT/],
    ['alg none, signed', `${encode({ alg: 'none' })}.${body}.${signature}`, 400, 'InvalidIdentityToken', /algorithm/],
    ['the public key as secret', await signedWithPublicKey(issuer, pem), 400, 'InvalidIdentityToken', /algorithm/],
    [
      'its modulus as secret',
      await signedWithPublicKey(issuer, first.jwk.n ?? ''),
      400,
      'InvalidIdentityToken',
      /algo/,
    ],
    [
      'an algorithm that is not on the list',
      await issuer.token({}, { key: third }),
      400,
      'InvalidIdentityToken',
      /algo/,
    ],
    ['changed signature', `${head}.${body}.${changed.toString('base64url')}`, 400, 'InvalidIdentityToken', /signature/],
    ['no signature', `${head}.${body}.`, 400, 'InvalidIdentityToken', /signature/],
    [
      'other claims',
      `${head}.${encode({ iss: issuer.url, sub: 'bob' })}.${signature}`,
      400,
      'InvalidIdentityToken',
      /sig/,
    ],
    ["a stranger's key", await issuer.token({}, { key: strange }), 400, 'InvalidIdentityToken', /signature/],
    [
      "a stranger's key inside",
      await issuer.token({}, { key: strange, header: { jwk: strange.jwk, jku: `${stranger.url}/keys` } }),
      400,
      'InvalidIdentityToken',
      /signature/,
    ],
    [
      "another key's id",
      await issuer.token({}, { header: { kid: 'second' } }),
      400,
      'InvalidIdentityToken',
      /no such key/,
    ],
    ['an unknown key', await issuer.token({}, { header: { kid: 'x' } }), 400, 'InvalidIdentityToken', /no such key/],
    [
      'RSA passed off as EC',
      `${encode({ alg: 'ES256', kid: 'first' })}.${body}.${signature}`,
      400,
      'InvalidIdentityToken',
      /key/,
    ],
    [
      'extensions',
      `${encode({ alg: 'RS256', kid: 'first', crit: ['b64'], b64: false })}.${body}.${signature}`,
      400,
      'InvalidIdentityToken',
      /extensions/,
    ],
    ['expired', await issuer.token({ exp: seconds() - 90 }), 400, 'ExpiredTokenException', /Token expired/],
    ['never ends', await issuer.token({ exp: undefined }), 400, 'InvalidIdentityToken', /expiration/],
    ['an end in words', await issuer.token({ exp: 'never' }), 400, 'InvalidIdentityToken', /expiration/],
    ['not yet', await issuer.token({ nbf: seconds() + 90 }), 403, 'IDPRejectedClaim', /not valid yet/],
    ['another audience', await issuer.token({ aud: 'other' }), 400, 'InvalidIdentityToken', /audience/],
    ['no audience', await issuer.token({ aud: undefined }), 400, 'InvalidIdentityToken', /audience/],
    [
      'an audience of another, for us',
      await issuer.token({ aud: 'other', azp: AUDIENCE }),
      400,
      'InvalidIdentityToken',
      /aud/,
    ],
    ['no subject', await issuer.token({ sub: undefined }), 400, 'InvalidIdentityToken', /subject/],
    ['an empty subject', await issuer.token({ sub: '' }), 400, 'InvalidIdentityToken', /subject/],
    ['a logout token', await issuer.token({ events: {} }), 403, 'IDPRejectedClaim', /purpose/],
    ['a refresh token', await issuer.token({ typ: 'Refresh' }), 403, 'IDPRejectedClaim', /purpose/],
    ['another type', await issuer.token({}, { header: { typ: 'dpop+jwt' } }), 403, 'IDPRejectedClaim', /purpose/],
    ['two subjects', await issuer.token({ SUB: 'bob' }), 403, 'IDPRejectedClaim', /more than once/],
  ]
  for (const [what, token, status, code, message] of cases) {
    await t.test(what, async () => {
      const answer = await askWithToken(url, token)
      assert.deepEqual([answer.status, answer.code], [status, code], answer.text)
      assert.match(answer.text, message)
      assert.match(answer.text, /xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"/)
      assert.equal(textOf(answer, 'SecretAccessKey') === '', status !== 200)
    })
  }
})

test('what a request is refused for, in the words of STS', async (t) => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer(trusting(issuer, { maxSeconds: 7200 }))
  const { url } = running.server
  const WebIdentityToken = await issuer.token()
  const read = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
  const cases: [parameters: Record<string, string>, status: number, code: string][] = [
    [{}, 200, ''],
    [{ DurationSeconds: '7200' }, 200, ''],
    [{ DurationSeconds: '7201' }, 400, 'ValidationError'],
    [{ DurationSeconds: '899' }, 400, 'ValidationError'],
    [{ RoleArn: 'role' }, 400, 'ValidationError'],
    [{ RoleArn: `${ROLE}2` }, 403, 'AccessDenied'],
    [{ RoleArn: 'arn:aws:iam::210987654321:role/app' }, 403, 'AccessDenied'],
    [{ RoleSessionName: 'auth0|x' }, 400, 'ValidationError'],
    [{ Policy: 'x'.repeat(2049) }, 400, 'ValidationError'],
    [{ Policy: '{}' }, 400, 'MalformedPolicyDocument'],
    [{ Policy: policyText({ ...read, Resource: 'arn:aws:s3:::b/${open' }) }, 400, 'MalformedPolicyDocument'],
    [{ 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/ReadOnlyAccess' }, 501, 'NotImplemented'],
    [{ ProviderId: 'www.amazon.com' }, 501, 'NotImplemented'],
    [{ Version: '2000-01-01' }, 400, 'InvalidAction'],
  ]
  for (const [parameters, status, code] of cases) {
    await t.test(`${JSON.stringify(parameters).slice(0, 60)} ${code}`, async () => {
      const answer = await askWithToken(url, WebIdentityToken, parameters)
      assert.deepEqual([answer.status, answer.code], [status, code], answer.text)
      const again = await askInQuery(url, { WebIdentityToken, ...parameters })
      assert.deepEqual([again.status, again.code], [status, code], again.text)
    })
  }
  assert.equal((await askInQuery(url, {})).code, 'ValidationError')
  // Only this door is open to those without a key.
  assert.equal((await askInQuery(url, { Action: 'AssumeRole' })).code, 'MissingAuthenticationToken')
  assert.equal((await askInQuery(url, { Action: 'GetCallerIdentity' })).code, 'MissingAuthenticationToken')
  const signed = await callSts(url, 'AssumeRoleWithWebIdentity', {
    credentials: { ...CREDENTIALS, secretAccessKey: 'wrong' },
    parameters: { RoleArn: ROLE, RoleSessionName: 'session', WebIdentityToken },
  })
  assert.equal(signed.status, 200, 'a signature that comes along is not asked for, and adds nothing')
})

test('a server without issuers knows none', async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer()
  const answer = await askWithToken(running.server.url, await issuer.token())
  assert.deepEqual([answer.status, answer.code], [400, 'InvalidIdentityToken'])
  assert.deepEqual(issuer.asked, [])
})

test('claims and policies that do not fit a token are too large', async () => {
  await using issuer = await startIssuer()
  const policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: `arn:aws:s3:::b/\${${issuer.name}:team}/*` }],
  }
  await using running = await startRunningServer(trusting(issuer, { policy }))
  const { url } = running.server
  const long = await issuer.token({ team: 'x'.repeat(13_000) })
  const answer = await askWithToken(url, long)
  assert.deepEqual([answer.status, answer.code], [400, 'PackedPolicyTooLarge'])
  const elsewhere = await issuer.token({ team: 'x', other: 'x'.repeat(13_000) })
  assert.equal((await askWithToken(url, elsewhere)).status, 200, 'what no policy asks for is not kept')
})

test("a role's condition says which tokens may assume it", async (t) => {
  await using issuer = await startIssuer()
  const of = (claim: string): string => `${issuer.name}:${claim}`
  const cases: [condition: object, claims: Record<string, unknown>, name: string, code: string][] = [
    [{ StringEquals: { [of('sub')]: 'alice' } }, {}, 'session', ''],
    [{ StringEquals: { [of('sub')]: 'alice' } }, { sub: 'bob' }, 'session', 'AccessDenied'],
    [{ StringEquals: { [of('SUB').toUpperCase()]: 'alice' } }, {}, 'session', ''],
    [{ StringLike: { [of('sub')]: 'repo:us/*' } }, { sub: 'repo:us/a' }, 'session', ''],
    [{ StringLike: { [of('sub')]: 'repo:us/*' } }, { sub: 'repo:they/a' }, 'session', 'AccessDenied'],
    [{ StringEquals: { [of('aud')]: AUDIENCE } }, {}, 'session', ''],
    [{ StringEquals: { [of('aud')]: 'app' } }, { azp: 'app' }, 'session', ''],
    [{ StringEquals: { [of('aud')]: AUDIENCE } }, { azp: 'app' }, 'session', 'AccessDenied'],
    [{ StringEquals: { [of('oaud')]: AUDIENCE } }, { azp: 'app' }, 'session', ''],
    [{ 'ForAnyValue:StringEquals': { [of('groups')]: 'staff' } }, { groups: ['a', 'staff'] }, 'session', ''],
    [{ 'ForAnyValue:StringEquals': { [of('groups')]: 'staff' } }, { groups: ['a'] }, 'session', 'AccessDenied'],
    [{ 'ForAnyValue:StringEquals': { [of('groups')]: 'staff' } }, {}, 'session', 'AccessDenied'],
    [
      { 'ForAnyValue:StringEquals': { [of('groups')]: 'staff' } },
      { groups: [{ a: 'staff' }] },
      'session',
      'AccessDenied',
    ],
    [{ Bool: { [of('email_verified')]: 'true' } }, { email_verified: true }, 'session', ''],
    [{ Bool: { [of('email_verified')]: 'true' } }, { email_verified: false }, 'session', 'AccessDenied'],
    [{ StringEquals: { 'sts:RoleSessionName': `\${${of('sub')}}` } }, {}, 'alice', ''],
    [{ StringEquals: { 'sts:RoleSessionName': `\${${of('sub')}}` } }, {}, 'bob', 'AccessDenied'],
    [{ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }, {}, 'session', ''],
    [{ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, {}, 'session', 'AccessDenied'],
    [
      { StringEquals: { [of('sub')]: 'alice' }, Bool: { 'aws:SecureTransport': 'true' } },
      {},
      'session',
      'AccessDenied',
    ],
  ]
  const roles = cases.map(([condition], at) => ({ arn: `${ROLE}${at}`, policy: homePolicy(issuer), condition }))
  await using running = await startRunningServer(trusting(issuer, {}, { roles }))
  for (const [at, [condition, claims, RoleSessionName, code]] of cases.entries()) {
    await t.test(`${JSON.stringify(condition)} ${JSON.stringify(claims)} ${RoleSessionName}`, async () => {
      const token = await issuer.token(claims)
      const answer = await askWithToken(running.server.url, token, { RoleArn: `${ROLE}${at}`, RoleSessionName })
      assert.deepEqual([answer.status, answer.code], [code === '' ? 200 : 403, code], answer.text)
    })
  }
})

test('options that are mistaken keep the server from starting', async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer()
  const { dataDir } = running
  await running.server.close()
  const start = startS3Server({
    host: '127.0.0.1',
    port: 0,
    credentials: CREDENTIALS,
    dataDir,
    ...trusting(issuer, { arn: 'role', maxSeconds: 1 }),
  })
  await assert.rejects(start, /\[0\]: roles\[0\]: arn .*\[0\]: roles\[0\]: maxSeconds/)
})
