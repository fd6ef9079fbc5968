import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '../process/logger.ts'
import { createApp } from './app.ts'
import { originOf } from './route.ts'

async function addressSeen(trustedProxies: number, forwarded: string): Promise<string> {
  const app = createApp({ logger: createLogger('silent'), trustedProxies })
  app.get('/address', async (request) => originOf(request).ip)
  const answer = await app.inject({ url: '/address', headers: { 'x-forwarded-for': forwarded } })
  return answer.body
}

test('the client address is the one that the trusted proxies saw, never one that the client wrote', async () => {
  // A client that sends "198.51.100.9" itself, behind proxies that append what they saw.
  const one = '198.51.100.9, 203.0.113.7'
  const two = '198.51.100.9, 203.0.113.7, 10.0.0.2'
  assert.equal(await addressSeen(0, one), '127.0.0.1')
  assert.equal(await addressSeen(1, one), '203.0.113.7')
  assert.equal(await addressSeen(2, two), '203.0.113.7')
  assert.equal(await addressSeen(1, '203.0.113.7'), '203.0.113.7')
})
