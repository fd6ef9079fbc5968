import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchJson } from './fetch-json.ts'
import { isTrustworthy } from './trustworthy-url.ts'

test('nothing is fetched that others could change on the way', async () => {
  for (const url of ['https://idp.example/', 'http://localhost:1/', 'http://[::1]:1/'])
    assert.ok(isTrustworthy(url, true), url)
  for (const url of [
    'http://192.0.2.1/',
    'http://localhost.example/',
    'file:///etc/hosts',
    'data:,{}',
    'https://a:b@idp/',
    'https://idp.example/#keys',
    'keys',
  ]) {
    assert.ok(!isTrustworthy(url, true), url)
    await assert.rejects(fetchJson(url, { timeout: 1000, allowInsecureLoopback: true }), /is not https/, url)
  }
})

test('in production nothing is fetched by http, from this machine neither', async () => {
  for (const url of ['http://localhost:1/', 'http://127.0.0.1:1/', 'http://[::1]:1/']) {
    assert.ok(!isTrustworthy(url, false), url)
    await assert.rejects(fetchJson(url, { timeout: 1000, allowInsecureLoopback: false }), /is not https/, url)
  }
  assert.ok(isTrustworthy('https://127.0.0.1/', false))
})

test('what is told of a wrong URL holds no secret', async () => {
  const fetching = fetchJson('https://a:hunter2@idp.example/keys?code=hunter3', {
    timeout: 1000,
    allowInsecureLoopback: true,
  })
  await assert.rejects(fetching, { message: 'https://idp.example/keys is not https' })
})
