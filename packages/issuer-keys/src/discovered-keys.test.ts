import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discoveredKeys, discoveryUrl } from './discovered-keys.ts'

test('a discovery document is believed about its own issuer, and not about this machine', () => {
  const issuer = 'https://idp.example/'
  const keysOf = (document: object, of = issuer): string => discoveredKeys({ issuer: of, ...document }, of)
  assert.equal(keysOf({ jwks_uri: 'https://keys.example/jwks' }), 'https://keys.example/jwks')
  const local = 'http://127.0.0.1:8080'
  assert.equal(keysOf({ jwks_uri: `${local}/jwks` }, local), `${local}/jwks`)
  assert.throws(() => keysOf({ issuer: 'https://idp.example' }), /another issuer/)
  assert.throws(() => keysOf({}), /no jwks_uri/)
  assert.throws(() => keysOf({ jwks_uri: 'keys' }), /no jwks_uri/)
  for (const here of [
    'http://127.0.0.1/',
    'http://127.1/',
    'http://localhost:9000/',
    'https://[::1]/',
    'http://0x7f000001/',
  ])
    assert.throws(() => keysOf({ jwks_uri: here }), /on this machine/, here)
  assert.equal(discoveryUrl(issuer), 'https://idp.example/.well-known/openid-configuration')
  assert.equal(discoveryUrl(local), `${local}/.well-known/openid-configuration`)
})
