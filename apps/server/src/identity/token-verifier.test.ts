import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { DEFAULT_ALGORITHMS, type IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { pino } from 'pino'
import { AppError } from '../errors/app-error.ts'
import { fixedIssuers } from '../issuers/fixed-issuers.ts'
import { createTokenVerifier, readToken } from './token-verifier.ts'

const NOW = 1_800_000_000_000

/** A real issuer as far as keys go: discovery and JWKS over HTTP. */
let issuer: string
let pair: Awaited<ReturnType<typeof generateKeyPair>>
let isDown = false
const server = createServer((request, response) => {
  if (isDown) return void response.writeHead(503).end()
  if (request.url === '/.well-known/openid-configuration') {
    return void response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}keys` }))
  }
  void exportJWK(pair.publicKey).then((key) => response.end(JSON.stringify({ keys: [{ ...key, kid: 'first' }] })))
})

before(async () => {
  pair = await generateKeyPair('RS256')
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

function verifierOf(lines: string[] = []) {
  const settings: IssuerSettings = {
    issuer,
    audience: ['https://api'],
    algorithms: DEFAULT_ALGORITHMS,
    claims: {},
    clockToleranceSeconds: 60,
    adminGroups: [],
  }
  const verifier = createTokenVerifier({
    issuers: fixedIssuers([{ ...settings, name: undefined, clientSecret: undefined }]),
    allowInsecureLoopback: true,
    logger: pino({}, { write: (line: string) => void lines.push(line) }),
    now: () => NOW,
    monotonicNow: () => 0,
  })
  return async (token: string) => {
    const read = readToken(token)
    return 'refused' in read ? ({ outcome: 'refused', reason: read.refused } as const) : verifier.verify(read)
  }
}

const sign = (claims: JWTPayload = {}, header: Partial<JWTHeaderParameters> = {}) =>
  new SignJWT({ iss: issuer, aud: 'https://api', sub: 'alice', exp: NOW / 1000 + 600, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'first', ...header })
    .sign(pair.privateKey)

test('a token of a configured issuer is accepted as of that issuer', async () => {
  const verdict = await verifierOf()(await sign())
  assert.ok(verdict.outcome === 'accepted')
  assert.deepEqual([verdict.issuer, verdict.subject], [issuer, 'alice'])
})

test('every wrong token is refused, each for its reason', async () => {
  const [head, , signature] = (await sign()).split('.') as [string, string, string]
  const cases: [string, string, string][] = [
    ['of another issuer', await sign({ iss: 'https://evil.example/' }), 'unknown-issuer'],
    ['of the issuer without its slash', await sign({ iss: issuer.slice(0, -1) }), 'unknown-issuer'],
    ['of a list of issuers', await sign({ iss: [issuer] as never }), 'unknown-issuer'],
    ['our refresh token', 'skyr_abcdefghijklmnop', 'refresh-token'],
    ['too long', `${head}.${'A'.repeat(17_000)}.${signature}`, 'too-long'],
    ['encrypted', 'a.b.c.d.e', 'encrypted'],
    ['with an extension that changes what is signed', await sign({}, { b64: true, crit: ['b64'] }), 'malformed'],
    ['for another audience', await sign({ aud: 'https://other' }), 'wrong-audience'],
    ['expired', await sign({ exp: NOW / 1000 - 61 }), 'expired'],
    ['with an unknown key', await sign({}, { kid: 'nobody' }), 'unknown-key'],
  ]
  const verify = verifierOf()
  for (const [name, wrong, reason] of cases) {
    assert.deepEqual(await verify(wrong), { outcome: 'refused', reason }, name)
  }
})

test('an issuer that is away: the answer is to try later, and the log says why', async () => {
  const token = await sign()
  const lines: string[] = []
  isDown = true
  await assert.rejects(
    verifierOf(lines)(token),
    (error: unknown) => error instanceof AppError && error.code === 'issuer-unavailable' && error.retryAfter === 10,
  )
  isDown = false
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /answered 503/)
})
