import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_ALGORITHMS } from '@skycrate/core/identity/issuer-settings'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { pino } from 'pino'
import { createIssuerKeys } from './issuer-keys.ts'

let server: Server
let url: string
let keySet: unknown
let hangs = false
let good: JWK
let secret: JWK

before(async () => {
  const pair = await generateKeyPair('RS256', { extractable: true })
  good = { ...(await exportJWK(pair.publicKey)), kid: 'good' }
  secret = { ...(await exportJWK(pair.privateKey)), kid: 'bad' }
  server = createServer((_request, response) => {
    if (!hangs) response.end(JSON.stringify(keySet))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

function keysOf(clock: { now: number }) {
  const settings = {
    issuer: url,
    jwksUri: url,
    audience: ['a'],
    algorithms: DEFAULT_ALGORITHMS,
    claims: {},
    clockToleranceSeconds: 60,
    adminGroups: [],
  }
  return createIssuerKeys(settings, {
    allowInsecureLoopback: true,
    logger: pino({ level: 'silent' }),
    now: () => clock.now,
  })
}

test('a damaged key is no key, and costs the others nothing', async () => {
  const ones = Buffer.alloc(32, 1).toString('base64url')
  const damaged: [string, string, unknown][] = [
    ['RSA without modulus', 'RS256', { kty: 'RSA', e: 'AQAB', kid: 'bad' }],
    ['a point off its curve', 'ES256', { kty: 'EC', crv: 'P-256', x: ones, y: ones, kid: 'bad' }],
    ['an Ed25519 key that is too short', 'EdDSA', { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'bad' }],
    ['a private key', 'RS256', secret],
    ['null', 'RS256', null],
    ['text', 'RS256', 'bad'],
  ]
  for (const [name, alg, key] of damaged) {
    keySet = { keys: [key, good] }
    const keys = keysOf({ now: 0 })
    assert.equal(await keys.keyFor({ alg, kid: 'bad' }), undefined, name)
    assert.ok(await keys.keyFor({ alg: 'RS256', kid: 'good' }), name)
  }
})

test('an issuer that hangs holds up nobody whose key is known', async () => {
  keySet = { keys: [good] }
  const clock = { now: 0 }
  const keys = keysOf(clock)
  assert.ok(await keys.keyFor({ alg: 'RS256', kid: 'good' }))
  clock.now += 11 * 60_000
  hangs = true
  const asked = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>
  assert.ok(await keys.keyFor({ alg: 'RS256', kid: 'good' }))
  const [, unanswered] = await asked
  await sleep(100)
  assert.equal(unanswered.closed, false, 'the key came before the request for newer ones was given up')
  hangs = false
})
