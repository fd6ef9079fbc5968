import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createId, type SessionId } from '@skycrate/core/naming/id'
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportSPKI,
  generateKeyPair,
  type JSONWebKeySet,
  jwtVerify,
  SignJWT,
} from 'jose'
import { openSigningKeys, type SigningKeys } from './signing-keys.ts'
import { EMAIL, HOME, ISSUER, PASSWORD, SECRET, type TestAccounts, testAccounts } from './test-accounts.ts'

let system: TestAccounts
let keys: SigningKeys
/** Of a session that lasts. */
let good: string
let refreshToken: string
before(async () => {
  system = await testAccounts()
  keys = await openSigningKeys({ database: system.database, secret: SECRET, now: system.now })
  const tokens = await system.accounts.login(EMAIL, PASSWORD, HOME)
  good = tokens.access_token
  refreshToken = tokens.refresh_token
})
after(() => system[Symbol.asyncDispose]())

interface Change {
  readonly header?: Record<string, unknown>
  readonly claims?: Record<string, unknown>
  readonly key?: Parameters<SignJWT['sign']>[0]
}

/** The good token with something changed, and signed with our key unless another is given. */
function forge({ header = {}, claims = {}, key = keys.newest().privateKey }: Change): Promise<string> {
  const { alg = 'ES256', ...rest } = decodeProtectedHeader(good)
  return new SignJWT({ ...decodeJwt(good), ...claims }).setProtectedHeader({ alg, ...rest, ...header }).sign(key)
}
const seconds = (offset: number): number => Math.floor(system.now() / 1000) + offset
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a token has the header and the claims of RFC 9068, and holds for 30 minutes', () => {
  const { sid, iat, exp, ...claims } = decodeJwt(good)
  assert.deepEqual(decodeProtectedHeader(good), { alg: 'ES256', typ: 'at+jwt', kid: keys.newest().id })
  assert.deepEqual(claims, { iss: ISSUER, aud: 'skycrate', sub: system.userId, client_id: 'skycrate' })
  assert.match(sid as string, /^ses_/)
  assert.equal(exp! - iat!, 1800)
})

test('forging is done well enough here that an unchanged token is accepted', async () => {
  assert.equal(await system.alive(await forge({})), 'accepted')
})

test('an accepted token tells its user, session and end', async () => {
  const verdict = await system.accounts.verifier.verify(good)
  const { sid, exp } = decodeJwt(good)
  assert.ok(verdict.outcome === 'accepted')
  const { userId, sessionId, expiresAt } = verdict
  assert.deepEqual({ userId, sessionId, expiresAt }, { userId: system.userId, sessionId: sid, expiresAt: exp! * 1000 })
})

const REFUSED: Readonly<Record<string, [string, () => Change | Promise<Change>]>> = {
  expired: ['expired', () => ({ claims: { exp: seconds(-6) } })],
  'not yet valid': ['not-ours', () => ({ claims: { nbf: seconds(60) } })],
  'of another issuer': ['not-ours', () => ({ claims: { iss: 'http://elsewhere.example' } })],
  'without an issuer': ['not-ours', () => ({ claims: { iss: undefined } })],
  'for another audience': ['not-ours', () => ({ claims: { aud: 'elsewhere' } })],
  'without an audience': ['not-ours', () => ({ claims: { aud: undefined } })],
  'without an end': ['not-ours', () => ({ claims: { exp: undefined } })],
  'with an end that is a text': ['not-ours', () => ({ claims: { exp: '9999999999' } })],
  'without a subject': ['not-ours', () => ({ claims: { sub: undefined } })],
  'of a subject that is no user': ['not-ours', () => ({ claims: { sub: 'admin' } })],
  'without a session': ['not-ours', () => ({ claims: { sid: undefined } })],
  'of a session that is none': ['not-ours', () => ({ claims: { sid: { id: 1 } } })],
  'of a session that never was': ['session-ended', () => ({ claims: { sid: anotherSession() } })],
  'of somebody else’s session': ['session-ended', () => ({ claims: { sub: createId('usr', 0, Buffer.alloc(10)) } })],
  'that is an ID token by its type': ['id-token', () => ({ header: { typ: 'JWT' } })],
  'without a type': ['not-ours', () => ({ header: { typ: undefined } })],
  'of an unknown key': ['not-ours', () => ({ header: { kid: 'key_unknown' } })],
  'without a key id': ['not-ours', () => ({ header: { kid: undefined } })],
  'signed with another key under our key’s id': [
    'not-ours',
    async () => ({ key: (await generateKeyPair('ES256')).privateKey }),
  ],
  'of another algorithm of elliptic curves': [
    'not-ours',
    async () => ({ header: { alg: 'ES384' }, key: (await generateKeyPair('ES384')).privateKey }),
  ],
  'signed by HS256 with the public key for a secret': [
    'not-ours',
    async () => ({
      header: { alg: 'HS256' },
      key: Buffer.from(await exportSPKI((await keys.publicKey(keys.newest().id))!)),
    }),
  ],
}
const anotherSession = (): SessionId => createId('ses', 0, Buffer.alloc(10))

for (const [what, [reason, change]] of Object.entries(REFUSED)) {
  test(`a token ${what} is refused`, async () => {
    assert.equal(await system.alive(await forge(await change())), reason)
  })
}

test('a token without a signature, or with that of other claims, is refused', async () => {
  const [head, claims, signed] = good.split('.')
  const none = base64({ ...decodeProtectedHeader(good), alg: 'none' })
  const admin = base64({ ...decodeJwt(good), sub: createId('usr', 0, Buffer.alloc(10)) })
  for (const token of [
    `${none}.${claims}.`,
    `${none}.${claims}.${signed}`,
    `${head}.${admin}.${signed}`,
    `${head}.${claims}.`,
  ]) {
    assert.equal(await system.alive(token), 'not-ours')
  }
})

test('what is no access token at all is refused', async () => {
  const junk = [
    '',
    '.',
    '..',
    'a.b.c',
    refreshToken,
    `${good}.`,
    good.slice(0, -2),
    `${good}A`,
    'x'.repeat(100_000),
    '\0',
  ]
  for (const token of junk) assert.equal(await system.alive(token), 'not-ours', token.slice(0, 40))
})

test('a token that has just expired passes for a clock that runs behind, for five seconds', async () => {
  assert.equal(await system.alive(await forge({ claims: { exp: seconds(-3) } })), 'accepted')
})

test('a token dies with its session', async () => {
  for (const sql of [
    'update sessions set revoked_at = now()',
    'update sessions set expires_at = now()',
    'delete from sessions',
  ]) {
    const { access_token: token } = await system.accounts.login(EMAIL, PASSWORD, HOME)
    assert.equal(await system.alive(token), 'accepted')
    await system.database.query(sql)
    assert.equal(await system.alive(token), 'session-ended', sql)
  }
})

test('the ID token says who signed in, is for the app alone, and opens nothing', async () => {
  await using system = await testAccounts()
  const { database, userId } = system
  await database.query(`insert into groups (id, name) values ('grp_1', 'editors')`)
  await database.query(`insert into group_members (group_id, user_id, from_claims) values ('grp_1', $1, false)`, [
    userId,
  ])
  const tokens = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const refreshed = await system.accounts.refresh(tokens.refresh_token, HOME)
  for (const { id_token: token } of [tokens, refreshed]) {
    const { iat, exp, ...claims } = decodeJwt(token)
    assert.equal(exp! - iat!, 3600)
    assert.deepEqual(claims, {
      iss: ISSUER,
      aud: 'skycrate',
      sub: userId,
      email: EMAIL,
      email_verified: true,
      name: 'Administrator',
      groups: ['editors'],
    })
    const { keys } = (await system.accounts.jwks()) as JSONWebKeySet
    await jwtVerify(token, createLocalJWKSet({ keys }), { issuer: ISSUER, audience: 'skycrate' })
    const verdict = await system.accounts.verifier.verify(token)
    assert.deepEqual(verdict, { outcome: 'refused', reason: 'id-token' })
  }
})
