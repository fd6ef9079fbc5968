import assert from 'node:assert/strict'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { exportJWK, generateKeyPair } from 'jose'
import type { JWK } from 'jose'
import { DISCOVERY, startKeyServer } from '../test/key-server.ts'
import type { Answer, KeyServer } from '../test/key-server.ts'
import { IssuerKeys } from './issuer-keys.ts'
import type { IssuerKeysOptions } from './issuer-keys.ts'
import { KeysUnavailableError } from './keys-unavailable-error.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

interface Asking {
  readonly keys: IssuerKeys
  readonly failures: Error[]
  /** Monotonic milliseconds. */
  now: number
}

/** The keys of an issuer that was configured with their place, or is asked for it. */
const ask = (server: KeyServer, jwksUri?: string, options: Partial<IssuerKeysOptions> = {}): Asking => {
  const failures: Error[] = []
  const asking: Asking = {
    keys: new IssuerKeys(
      { issuer: server.url, jwksUri },
      {
        allowInsecureLoopback: true,
        now: () => asking.now,
        onFailure: (error) => failures.push(error),
        ...options,
      },
    ),
    failures,
    now: 0,
  }
  return asking
}

const makePair = async (kid: string, alg = 'ES256'): Promise<{ readonly good: JWK; readonly secret: JWK }> => {
  const pair = await generateKeyPair(alg, { extractable: true })
  return {
    good: { ...(await exportJWK(pair.publicKey)), kid },
    secret: { ...(await exportJWK(pair.privateKey)), kid },
  }
}
const header = (kid: string, alg = 'ES256') => ({ alg, kid })
const untilWaiting = async ({ waiting }: KeyServer): Promise<void> => {
  while (waiting.length === 0) await setImmediate()
}

test('keys are asked for again when they are old, and when a new one is named, but not at every turn', async () => {
  const { good: one } = await makePair('one')
  const { good: two } = await makePair('two')
  await using server = await startKeyServer(one)
  const asking = ask(server, `${server.url}/keys`)
  const { keys } = asking
  assert.ok((await keys.find(header('one')))[0])
  assert.equal((await keys.find(header('two')))[0], undefined)
  server.keys = [one, two]
  asking.now += 9 * SECOND
  assert.equal((await keys.find(header('two')))[0], undefined)
  assert.equal(server.asked.length, 1)
  asking.now += SECOND
  assert.ok((await keys.find(header('two')))[0])
  assert.equal(server.asked.length, 2)
  asking.now += 10 * MINUTE
  assert.ok((await keys.find(header('one')))[0])
  assert.equal(server.asked.length, 2)
  // Withdrawn: it stops to count once the answer is there.
  server.keys = [two]
  asking.now += 1
  await keys.find(header('two'))
  assert.equal((await keys.find(header('three')))[0], undefined, 'waits for the answer under way')
  assert.equal(server.asked.length, 3)
  assert.equal((await keys.find(header('one')))[0], undefined)
})

test('a key that was withdrawn while nobody asked is not taken once more', async () => {
  const { good } = await makePair('one')
  await using server = await startKeyServer(good)
  const asking = ask(server, `${server.url}/keys`)
  assert.ok((await asking.keys.find(header('one')))[0])
  server.keys = []
  asking.now += 11 * MINUTE
  assert.equal((await asking.keys.find(header('one')))[0], undefined)
})

test('a hundred first tokens, then as many made-up key ids, ask the issuer once each', async () => {
  const { good } = await makePair('one')
  await using server = await startKeyServer(good)
  const asking = ask(server)
  const named = (kids: string[]) => Promise.all(kids.map((kid) => asking.keys.find(header(kid)).then(([key]) => key)))
  const found = await named(Array.from({ length: 100 }, () => 'one'))
  assert.ok(found.every((key) => key !== undefined))
  assert.deepEqual(server.asked, [DISCOVERY, '/keys'])
  asking.now += 10 * SECOND
  const madeUp = await named(Array.from({ length: 100 }, (_, at) => `made-up-${at}`))
  assert.ok(madeUp.every((key) => key === undefined))
  assert.deepEqual(server.asked, [DISCOVERY, '/keys', DISCOVERY, '/keys'])
})

test('keys that moved are found where the issuer says that they are now', async () => {
  const { good: one } = await makePair('one')
  const { good: two } = await makePair('two')
  await using server = await startKeyServer(one)
  const asking = ask(server)
  assert.ok((await asking.keys.find(header('one')))[0])
  server.keys = [two]
  server.answers.set('/keys', { status: 404 })
  server.answers.set(DISCOVERY, {
    body: JSON.stringify({ issuer: server.url, jwks_uri: `${server.url}/other-keys` }),
  })
  asking.now += 10 * SECOND
  assert.ok((await asking.keys.find(header('two')))[0])
})

test('while the issuer is away its keys go on counting for a day', async () => {
  const { good } = await makePair('one')
  await using server = await startKeyServer(good)
  const asking = ask(server, `${server.url}/keys`)
  const { keys, failures } = asking
  assert.ok((await keys.find(header('one')))[0])
  server.answers.set('/keys', { status: 503 })
  asking.now += 24 * 60 * MINUTE
  assert.ok((await keys.find(header('one')))[0])
  asking.now += 1
  await assert.rejects(keys.find(header('one')), KeysUnavailableError)
  assert.ok(failures.length >= 1)
  server.answers.clear()
  asking.now += 10 * SECOND
  assert.ok((await keys.find(header('one')))[0])
})

test('an issuer that hangs holds up nobody whose key is known', async () => {
  const { good } = await makePair('one')
  await using server = await startKeyServer(good)
  const asking = ask(server, `${server.url}/keys`)
  assert.ok((await asking.keys.find(header('one')))[0])
  server.answers.set('/keys', { hangs: true })
  asking.now += 11 * MINUTE
  assert.ok((await asking.keys.find(header('one')))[0])
  await untilWaiting(server)
  const [unanswered] = server.waiting
  assert.deepEqual(asking.failures, [], 'the key came before the request for newer ones was given up')
  assert.equal(unanswered?.closed, false)
  // Once somebody has waited in vain, nobody waits again: the next answer comes before the event loop turns.
  const next = asking.keys.find(header('one'))
  assert.notEqual(await Promise.race([next, setImmediate('late')]), 'late')
  assert.ok(await next)
  assert.equal(server.asked.length, 2)
  unanswered?.end('{"keys":[]}')
})

test('the time between two requests counts from the end of the first', async () => {
  await using server = await startKeyServer()
  const asking = ask(server)
  server.answers.set('/keys', { status: 503 })
  server.onAsked = () => {
    asking.now += 6 * SECOND
  }
  const retryAfter = (seconds: number) => (error: unknown) =>
    error instanceof KeysUnavailableError && error.retryAfter === seconds
  await assert.rejects(asking.keys.find(header('one')), retryAfter(10))
  assert.deepEqual(server.asked, [DISCOVERY, '/keys'])
  asking.now += 6.5 * SECOND
  await assert.rejects(asking.keys.find(header('one')), retryAfter(4))
  asking.now += 3.499 * SECOND
  await assert.rejects(asking.keys.find(header('one')), retryAfter(1))
  assert.equal(server.asked.length, 2)
  asking.now += 1
  await assert.rejects(asking.keys.find(header('one')), retryAfter(10))
  assert.equal(server.asked.length, 4)
})

test('an issuer that does not answer as it should gives no keys', async (t) => {
  const { good } = await makePair('one')
  const cases: [what: string, path: string, answer: Answer, cause: RegExp][] = [
    ['it is away', DISCOVERY, { status: 503 }, /answered 503/],
    ['it hangs', DISCOVERY, { hangs: true }, /timeout|aborted/i],
    ['its keys hang', '/keys', { hangs: true }, /timeout|aborted/i],
    ['its keys stop half-way', '/keys', { stalls: true }, /timeout|aborted/i],
    ['another issuer', DISCOVERY, { body: '{"issuer":"https://other.example","jwks_uri":"x"}' }, /another issuer/],
    ['redirects', '/keys', { status: 302, headers: { location: '/other-keys' } }, /fetch failed|redirect/],
    ['redirects its document', DISCOVERY, { status: 308, headers: { location: '/keys' } }, /fetch failed|redirect/],
    ['no JSON', '/keys', { body: '<html>' }, /JSON/],
    ['a list', '/keys', { body: '[]' }, /no JSON object/],
    ['no keys', '/keys', { body: '{}' }, /no keys/],
    ['too much', '/keys', { body: `{"keys":[${'{},'.repeat(300_000)}{}]}` }, /more than \d+ bytes/],
  ]
  for (const [what, path, answer, cause] of cases) {
    await t.test(what, async () => {
      await using server = await startKeyServer(good)
      server.answers.set(path, answer)
      const { keys, failures } = ask(server, undefined, { timeout: 300 })
      await assert.rejects(keys.find(header('one')), KeysUnavailableError)
      const asked = server.asked.length
      server.answers.clear()
      await assert.rejects(keys.find(header('one')), KeysUnavailableError)
      assert.equal(server.asked.length, asked, 'it is not asked again at once')
      assert.equal(failures.length, 1)
      assert.match(String((failures[0]?.cause as Error | undefined)?.message), cause)
    })
  }
})

test('an answer that comes later than it may is not waited for', async () => {
  const { good } = await makePair('one')
  await using server = await startKeyServer(good)
  server.answers.set('/keys', { hangs: true })
  const { keys } = ask(server, `${server.url}/keys`, { timeout: 20 })
  const refused = assert.rejects(keys.find(header('one')), KeysUnavailableError)
  await untilWaiting(server)
  const [late] = server.waiting
  await sleep(200)
  late?.end(JSON.stringify({ keys: [good] }))
  await refused
})

test('an issuer on this machine is not asked by http where that is not allowed', async () => {
  const { good } = await makePair('one')
  await using server = await startKeyServer(good)
  for (const jwksUri of [undefined, `${server.url}/keys`]) {
    const { keys, failures } = ask(server, jwksUri, { allowInsecureLoopback: false })
    await assert.rejects(keys.find(header('one')), KeysUnavailableError)
    assert.match(String((failures[0]?.cause as Error | undefined)?.message), /is not https/)
  }
  assert.deepEqual(server.asked, [])
})

test('a damaged key is no key, and costs the others nothing', async () => {
  const { good, secret } = await makePair('good')
  const { secret: rsaSecret } = await makePair('bad', 'RS256')
  const ones = Buffer.alloc(32, 1).toString('base64url')
  const damaged: [string, string, unknown][] = [
    ['RSA without modulus', 'RS256', { kty: 'RSA', e: 'AQAB', kid: 'bad' }],
    ['a point off its curve', 'ES256', { kty: 'EC', crv: 'P-256', x: ones, y: ones, kid: 'bad' }],
    ['an Ed25519 key that is too short', 'EdDSA', { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'bad' }],
    ['a private key', 'ES256', { ...secret, kid: 'bad' }],
    ['a private RSA key', 'RS256', rsaSecret],
    ['a shared secret', 'HS256', { kty: 'oct', k: ones, kid: 'bad' }],
    ['null', 'ES256', null],
    ['text', 'ES256', 'bad'],
  ]
  for (const [name, alg, key] of damaged) {
    await using server = await startKeyServer(key, good)
    const { keys } = ask(server, `${server.url}/keys`)
    assert.equal((await keys.find(header('bad', alg)))[0], undefined, name)
    assert.ok((await keys.find(header('good')))[0], name)
  }
})
