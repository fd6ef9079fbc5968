import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { createApp } from './app.ts'
import { clientAddress, parseForwardedAddress } from './client-address.ts'
import { originOf } from './route.ts'

const PROXY = '10.0.0.1'

for (const [entry, address] of [
  ['203.0.113.7', '203.0.113.7'],
  [' 203.0.113.7 ', '203.0.113.7'],
  ['203.0.113.7:51008', '203.0.113.7'],
  ['2001:db8::7', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['[2001:db8::7]:51008', '2001:db8::7'],
  ['::ffff:203.0.113.7', '::ffff:203.0.113.7'],
  ['[::ffff:203.0.113.7]:1', '::ffff:203.0.113.7'],
  ['', undefined],
  ['unknown', undefined],
  ['_hidden', undefined],
  ['203.0.113.7:', undefined],
  ['203.0.113.7:x', undefined],
  ['203.0.113.7:123456', undefined],
  ['203.0.113', undefined],
  ['203.0.113.256:1', undefined],
  ['[203.0.113.7]:1', undefined],
  ['[2001:db8::7', undefined],
  ['2001:db8::7]:1', undefined],
  ['"203.0.113.7"', undefined],
  ['203.0.113.7 51008', undefined],
  ['for=203.0.113.7', undefined],
  [`${'1'.repeat(60_000)}:1`, undefined],
] as const) {
  test(`the entry ${JSON.stringify(entry.slice(0, 40))} is ${address ?? 'no address'}`, () => {
    assert.equal(parseForwardedAddress(entry), address)
    assert.equal(clientAddress(PROXY, entry, 1), address ?? PROXY)
  })
}

test('only what trusted proxies wrote counts, and the outermost of them says who it is', () => {
  const header = '6.6.6.6, 203.0.113.7:51008, 10.0.0.2'
  assert.equal(clientAddress(PROXY, header, 0), PROXY)
  assert.equal(clientAddress(PROXY, header, 1), '10.0.0.2')
  assert.equal(clientAddress(PROXY, header, 2), '203.0.113.7')
  assert.equal(clientAddress(PROXY, '203.0.113.7', 3), '203.0.113.7')
  assert.equal(clientAddress(PROXY, undefined, 2), PROXY)
})

test('requests have the address, and an untrusted header is said once', async () => {
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  const addressAt = async (trustedProxies: number): Promise<unknown> => {
    await using app = createApp({ logger, trustedProxies })
    app.get('/', async (request) => ({ ip: originOf(request).ip }))
    const headers = { 'x-forwarded-for': '203.0.113.7:51008' }
    await app.inject({ url: '/', headers, remoteAddress: PROXY })
    return (await app.inject({ url: '/', headers, remoteAddress: PROXY })).json()
  }
  assert.deepEqual(await addressAt(1), { ip: '203.0.113.7' })
  assert.deepEqual(lines, [])
  assert.deepEqual(await addressAt(0), { ip: PROXY })
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /SKYCRATE_TRUST_PROXY/)
})
