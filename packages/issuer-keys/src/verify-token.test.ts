import assert from 'node:assert/strict'
import { createHmac, createPublicKey } from 'node:crypto'
import { after, before, test } from 'node:test'
import { DEFAULT_ALGORITHMS } from '@skycrate/core/identity/issuer-settings'
import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import fc from 'fast-check'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import type { JWTHeaderParameters, JWTPayload } from 'jose'
import { DISCOVERY, startKeyServer } from '../test/key-server.ts'
import type { KeyServer } from '../test/key-server.ts'
import { IssuerKeys } from './issuer-keys.ts'
import { KeysUnavailableError } from './keys-unavailable-error.ts'
import { readToken } from './read-token.ts'
import { verifyToken } from './verify-token.ts'

type Pair = Awaited<ReturnType<typeof generateKeyPair>>

const NOW = 1_800_000_000_000
const SECONDS = NOW / 1000
const LONGEST = 16_384

let server: KeyServer
/** Ends in a slash, as Auth0's does. */
let issuer: string
let first: Pair
let second: Pair
let stranger: Pair

const published = async (kid: string, alg: string, { publicKey }: Pair): Promise<unknown> => ({
  ...(await exportJWK(publicKey)),
  kid,
  alg,
})

before(async () => {
  first = await generateKeyPair('RS256', { extractable: true })
  second = await generateKeyPair('ES256', { extractable: true })
  stranger = await generateKeyPair('RS256', { extractable: true })
  server = await startKeyServer(await published('first', 'RS256', first))
  issuer = `${server.url}/`
  server.issuer = issuer
})
after(() => server[Symbol.asyncDispose]())

const settings = (more: Partial<IssuerSettings> = {}): IssuerSettings => ({
  issuer,
  audience: ['https://api'],
  algorithms: DEFAULT_ALGORITHMS,
  claims: {},
  clockToleranceSeconds: 60,
  adminGroups: [],
  ...more,
})

interface Clock {
  monotonic: number
}

const verifierOf = (given: IssuerSettings = settings(), clock: Clock = { monotonic: 0 }) => {
  const keys = new IssuerKeys(given, {
    allowInsecureLoopback: true,
    now: () => clock.monotonic,
    onFailure: () => undefined,
  })
  return async (token: string) => {
    const read = readToken(token, LONGEST)
    if ('refused' in read) return { outcome: 'refused', reason: read.refused } as const
    return verifyToken(read, given, keys, NOW)
  }
}

const good = (): JWTPayload => ({
  iss: issuer,
  aud: ['https://api', `${issuer}userinfo`],
  sub: 'auth0|alice',
  azp: 'app',
  iat: SECONDS,
  exp: SECONDS + 600,
})

const sign = (claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}, pair: Pair = first) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'first', typ: 'JWT', ...header }).sign(pair.privateKey)

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a token shaped like Auth0 is accepted: trailing slash, several audiences, no e-mail', async () => {
  const verdict = await verifierOf()(await sign(good()))
  assert.ok(verdict.outcome === 'accepted')
  assert.deepEqual([verdict.subject, verdict.email, verdict.personal], ['auth0|alice', null, true])
  assert.equal(verdict.expiresAt, NOW + 660_000)
})

test('tokens shaped like Cognito are accepted: access without aud, ID with the client as aud', async () => {
  const verify = verifierOf(
    settings({
      audience: undefined,
      clientId: ['client7'],
      claims: { groups: 'cognito:groups' },
      adminGroups: ['ops'],
    }),
  )
  const { aud: _, azp: __, ...base } = good()
  const access = await verify(
    await sign({ ...base, client_id: 'client7', token_use: 'access', 'cognito:groups': ['ops', 'b'] }),
  )
  assert.ok(access.outcome === 'accepted')
  assert.deepEqual([access.groups, access.isAdmin], [['b', 'ops'], true])
  const id = await verify(
    await sign({ ...base, aud: 'client7', token_use: 'id', email: 'a@example.com', email_verified: 'true' }),
  )
  assert.ok(id.outcome === 'accepted')
  assert.deepEqual([id.email, id.emailVerified, id.isAdmin], ['a@example.com', null, false])
})

test('a machine that acts on its own is no person', async () => {
  for (const claims of [{ sub: 'app@clients' }, { gty: 'client-credentials' }, { sub: 'app' }]) {
    const verdict = await verifierOf()(await sign({ ...good(), ...claims }))
    assert.ok(verdict.outcome === 'accepted' && !verdict.personal, JSON.stringify(claims))
  }
})

test('a workload of AWS is accepted by the ES384 token of its account, as a machine', async () => {
  const pair = await generateKeyPair('ES384', { extractable: true })
  await using aws = await startKeyServer(await published('aws', 'ES384', pair))
  const { azp: _, ...base } = good()
  const claims = {
    ...base,
    iss: aws.url,
    sub: 'arn:aws:iam::123456789012:role/reports',
    'https://sts.amazonaws.com/': { aws_account: '123456789012', source_region: 'eu-central-1' },
  }
  const verify = verifierOf(settings({ issuer: aws.url }))
  const verdict = await verify(await sign(claims, { alg: 'ES384', kid: 'aws' }, pair))
  assert.ok(verdict.outcome === 'accepted', JSON.stringify(verdict))
  assert.deepEqual([verdict.subject, verdict.personal], ['arn:aws:iam::123456789012:role/reports', false])
  const other = await generateKeyPair('ES384')
  assert.deepEqual(await verify(await sign(claims, { alg: 'ES384', kid: 'aws' }, other)), {
    outcome: 'refused',
    reason: 'wrong-signature',
  })
})

test('every wrong token is refused, each for its reason', async () => {
  const token = await sign(good())
  const [head, body, signature] = token.split('.') as [string, string, string]
  const pem = await exportSPKI(first.publicKey)
  const hs256 = (secret: string | Buffer) => {
    const text = `${encode({ alg: 'HS256', kid: 'first', typ: 'JWT' })}.${body}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  const without = (name: string): JWTPayload =>
    Object.fromEntries(Object.entries(good()).filter(([key]) => key !== name))
  const cases: [string, string, string][] = [
    ['expired', await sign({ ...good(), exp: SECONDS - 61 }), 'expired'],
    ['not yet valid', await sign({ ...good(), nbf: SECONDS + 61 }), 'not-yet-valid'],
    ['issued in the future', await sign({ ...good(), iat: SECONDS + 61 }), 'not-yet-valid'],
    ['without expiry', await sign(without('exp')), 'no-expiry'],
    ['with an expiry as text', await sign({ ...good(), exp: '9999999999' as never }), 'no-expiry'],
    ['of another issuer', await sign({ ...good(), iss: 'https://evil.example/' }), 'wrong-issuer'],
    ['of the issuer without its slash', await sign({ ...good(), iss: issuer.slice(0, -1) }), 'wrong-issuer'],
    ['for another audience', await sign({ ...good(), aud: 'https://other' }), 'wrong-audience'],
    ['for an audience that ours begins with', await sign({ ...good(), aud: 'https://ap' }), 'wrong-audience'],
    ['without audience, of an unknown client', await sign(without('aud')), 'wrong-audience'],
    ['without subject', await sign(without('sub')), 'no-subject'],
    ['with an empty subject', await sign({ ...good(), sub: '' }), 'no-subject'],
    ['with a number for a subject', await sign({ ...good(), sub: 7 as never }), 'no-subject'],
    ['a refresh token by its claim', await sign({ ...good(), typ: 'Refresh' }), 'wrong-type'],
    ['a refresh token by its header', await sign(good(), { typ: 'refresh+jwt' }), 'wrong-type'],
    [
      'a logout token',
      await sign({ ...good(), events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
      'wrong-type',
    ],
    ['with another use', await sign({ ...good(), token_use: 'refresh' }), 'wrong-type'],
    ['unsigned', `${encode({ alg: 'none', typ: 'JWT' })}.${body}.`, 'wrong-algorithm'],
    ['signed with the public key as a secret', hs256(pem), 'wrong-algorithm'],
    [
      'signed with the public key as a binary secret',
      hs256(createPublicKey(pem).export({ type: 'spki', format: 'der' })),
      'wrong-algorithm',
    ],
    ['with an unknown key', await sign(good(), { kid: 'nobody' }), 'unknown-key'],
    ['with the key id of ours and the key of a stranger', await sign(good(), {}, stranger), 'wrong-signature'],
    [
      'with a key of its own inside',
      await sign(good(), { jwk: await exportJWK(stranger.publicKey), jku: `${server.url}/other-keys` }, stranger),
      'wrong-signature',
    ],
    ['with other claims', `${head}.${encode({ ...good(), sub: 'auth0|mallory' })}.${signature}`, 'wrong-signature'],
    ['with another signature', `${head}.${body}.${signature.slice(0, -4)}AAAA`, 'wrong-signature'],
    ['without signature', `${head}.${body}.`, 'wrong-signature'],
    ['too long', `${head}.${'A'.repeat(17_000)}.${signature}`, 'too-long'],
    ['opaque', 'v1.MjQ0Nzk1', 'opaque'],
    ['opaque, without dots', 'abcdefghijklmnop', 'opaque'],
    ['with an extension that changes what is signed', await sign(good(), { b64: true, crit: ['b64'] }), 'extended'],
    ['with more parts than any', 'a.b.c.d.e.f', 'opaque'],
    ['encrypted', 'a.b.c.d.e', 'encrypted'],
    ['no JSON', 'a.b.c', 'malformed'],
    ['JSON that is no object', `${encode([])}.${encode(1)}.x`, 'malformed'],
  ]
  const verify = verifierOf()
  for (const [name, wrong, reason] of cases) {
    assert.deepEqual(await verify(wrong), { outcome: 'refused', reason }, name)
  }
})

test('an algorithm that the issuer does not use is refused, though its key fits', async () => {
  const verdict = await verifierOf(settings({ algorithms: ['ES256'] }))(await sign(good()))
  assert.deepEqual(verdict, { outcome: 'refused', reason: 'wrong-algorithm' })
})

test('a new key is found when a token names it, and a flood of unknown keys asks the issuer once', async () => {
  const clock = { monotonic: 0 }
  const verify = verifierOf(settings(), clock)
  assert.equal((await verify(await sign(good()))).outcome, 'accepted')
  server.keys = [await published('second', 'ES256', second), ...server.keys]
  const rotated = await sign(good(), { alg: 'ES256', kid: 'second' }, second)
  assert.deepEqual(await verify(rotated), { outcome: 'refused', reason: 'unknown-key' }, 'within the cooldown')
  clock.monotonic += 10_000
  assert.equal((await verify(rotated)).outcome, 'accepted')
  clock.monotonic += 10_000
  server.asked.length = 0
  const flood = await Promise.all(Array.from({ length: 50 }, (_, i) => sign(good(), { kid: `made-up-${i}` })))
  for (const verdict of await Promise.all(flood.map(verify))) assert.equal(verdict.outcome, 'refused')
  assert.deepEqual(server.asked, [DISCOVERY, '/keys'])
  // Withdrawn keys stop to count once the set is asked for anew.
  server.keys = [await published('second', 'ES256', second)]
  clock.monotonic += 11 * 60_000
  assert.deepEqual(await verify(await sign(good())), { outcome: 'refused', reason: 'unknown-key' })
  server.keys = [await published('first', 'RS256', first)]
})

test('an issuer that is away: its known keys go on counting, without any the answer is to try later', async () => {
  const clock = { monotonic: 0 }
  const verify = verifierOf(settings(), clock)
  assert.equal((await verify(await sign(good()))).outcome, 'accepted')
  server.answers.set(DISCOVERY, { status: 503 })
  clock.monotonic += 11 * 60_000
  assert.equal((await verify(await sign(good()))).outcome, 'accepted')
  const fresh = verifierOf()
  const token = await sign(good())
  await assert.rejects(fresh(token), KeysUnavailableError)
  server.answers.clear()
})

test('whatever text comes in, the verdict is a refusal and never an error', async () => {
  const verify = verifierOf()
  const [head, body, signature] = (await sign(good())).split('.') as [string, string, string]
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom(head, body, signature, ''),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
    fc
      .record({
        alg: fc.oneof(fc.constantFrom('RS256', 'ES256', 'EdDSA'), fc.string()),
        kid: fc.jsonValue(),
        crit: fc.jsonValue(),
      })
      .map(encode),
  )
  const token = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'))
  await fc.assert(
    fc.asyncProperty(token, async (text) => {
      const verdict = await verify(text)
      assert.ok(verdict.outcome === 'refused' || text === `${head}.${body}.${signature}`)
    }),
    { numRuns: 1000 },
  )
})

test('a token without a key id is tried with each key of the issuer that may be meant', async () => {
  const other = await generateKeyPair('RS256', { extractable: true })
  await using several = await startKeyServer(
    await published('other', 'RS256', other),
    await published('first', 'RS256', first),
  )
  const at = `${several.url}/`
  several.issuer = at
  const given = settings({ issuer: at })
  const keys = new IssuerKeys(given, { allowInsecureLoopback: true, now: () => 0, onFailure: () => undefined })
  const outcomeOf = async (privateKey: Pair['privateKey']): Promise<string> => {
    const token = await new SignJWT({ iss: at, aud: 'https://api', sub: 's', exp: SECONDS + 60 })
      .setProtectedHeader({ alg: 'RS256' })
      .sign(privateKey)
    const read = readToken(token, LONGEST)
    assert.ok(!('refused' in read))
    const verdict = await verifyToken(read, given, keys, NOW)
    return verdict.outcome === 'accepted' ? 'accepted' : verdict.reason
  }
  assert.equal(await outcomeOf(first.privateKey), 'accepted')
  assert.equal(await outcomeOf(other.privateKey), 'accepted')
  assert.equal(await outcomeOf(stranger.privateKey), 'wrong-signature')
})
