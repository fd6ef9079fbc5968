import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { DEFAULT_ALGORITHMS } from '@skycrate/core/identity/issuer-settings'
import { exportJWK, generateKeyPair } from 'jose'
import type { JWK } from 'jose'
import { IssuerKeys, KeysUnavailableError } from './issuer-keys.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

interface KeyServer extends AsyncDisposable {
  readonly keys: IssuerKeys
  /** What it answers; undefined: nothing, ever. */
  document: unknown
  status: number
  asked: number
  readonly waiting: ServerResponse[]
  readonly failures: Error[]
  /** Monotonic milliseconds. */
  now: number
}

const startKeyServer = async (document: unknown): Promise<KeyServer> => {
  const server = createServer((_request, response) => {
    state.asked += 1
    if (state.document === undefined) state.waiting.push(response)
    else response.writeHead(state.status).end(JSON.stringify(state.document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const settings = {
    issuer: url,
    jwksUri: url,
    audience: ['a'],
    algorithms: DEFAULT_ALGORITHMS,
    claims: {},
    clockToleranceSeconds: 60,
    adminGroups: [],
  }
  const failures: Error[] = []
  const state: KeyServer = {
    keys: new IssuerKeys(settings, {
      timeout: 5000,
      now: () => state.now,
      onFailure: (error) => failures.push(error),
    }),
    document,
    status: 200,
    asked: 0,
    waiting: [],
    failures,
    now: 0,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return state
}

const makePair = async (kid: string): Promise<{ readonly good: JWK; readonly secret: JWK }> => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  return {
    good: { ...(await exportJWK(pair.publicKey)), kid },
    secret: { ...(await exportJWK(pair.privateKey)), kid },
  }
}
const header = (kid: string, alg = 'ES256') => ({ alg, kid })

test('keys are asked for again when they are old, and when a new one is named, but not at every turn', async () => {
  const { good: one } = await makePair('one')
  const { good: two } = await makePair('two')
  await using server = await startKeyServer({ keys: [one] })
  const { keys } = server
  assert.ok(await keys.find(header('one')))
  assert.equal(await keys.find(header('two')), undefined)
  server.document = { keys: [one, two] }
  server.now += 9 * SECOND
  assert.equal(await keys.find(header('two')), undefined)
  assert.equal(server.asked, 1)
  server.now += SECOND
  assert.ok(await keys.find(header('two')))
  assert.equal(server.asked, 2)
  server.now += 10 * MINUTE
  assert.ok(await keys.find(header('one')))
  assert.equal(server.asked, 2)
  // Withdrawn: it stops to count once the answer is there.
  server.document = { keys: [two] }
  server.now += 1
  await keys.find(header('two'))
  assert.equal(await keys.find(header('three')), undefined, 'waits for the answer under way')
  assert.equal(server.asked, 3)
  assert.equal(await keys.find(header('one')), undefined)
})

test('while the issuer is away its keys go on counting for a day', async () => {
  const { good } = await makePair('one')
  await using server = await startKeyServer({ keys: [good] })
  const { keys } = server
  assert.ok(await keys.find(header('one')))
  server.status = 503
  server.now += 24 * 60 * MINUTE
  assert.ok(await keys.find(header('one')))
  server.now += 1
  await assert.rejects(keys.find(header('one')), KeysUnavailableError)
  assert.ok(server.failures.length >= 1)
  server.status = 200
  server.now += 10 * SECOND
  assert.ok(await keys.find(header('one')))
})

test('an issuer that hangs holds up nobody whose key is known', async () => {
  const { good } = await makePair('one')
  await using server = await startKeyServer({ keys: [good] })
  assert.ok(await server.keys.find(header('one')))
  server.document = undefined
  server.now += 11 * MINUTE
  assert.ok(await server.keys.find(header('one')))
  while (server.waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const [unanswered] = server.waiting
  assert.deepEqual(server.failures, [], 'the key came before the request for newer ones was given up')
  unanswered?.end('{"keys":[]}')
})

test('a damaged key is no key, and costs the others nothing', async () => {
  const { good, secret } = await makePair('good')
  const ones = Buffer.alloc(32, 1).toString('base64url')
  const damaged: [string, string, unknown][] = [
    ['RSA without modulus', 'RS256', { kty: 'RSA', e: 'AQAB', kid: 'bad' }],
    ['a point off its curve', 'ES256', { kty: 'EC', crv: 'P-256', x: ones, y: ones, kid: 'bad' }],
    ['an Ed25519 key that is too short', 'EdDSA', { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'bad' }],
    ['a private key', 'ES256', { ...secret, kid: 'bad' }],
    ['a shared secret', 'HS256', { kty: 'oct', k: ones, kid: 'bad' }],
    ['null', 'ES256', null],
    ['text', 'ES256', 'bad'],
  ]
  for (const [name, alg, key] of damaged) {
    await using server = await startKeyServer({ keys: [key, good] })
    assert.equal(await server.keys.find(header('bad', alg)), undefined, name)
    assert.ok(await server.keys.find(header('good')), name)
  }
})
