import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemsOf } from './problems-of.ts'
import { ROUTES } from './routes.ts'

test('what follows from the kind of a route need not be named by each', () => {
  const admin = problemsOf(ROUTES.createPermission)
  for (const code of ['account-suspended', 'issuer-unavailable', 'forbidden', 'payload-too-large'] as const) {
    assert.ok(admin.has(code), code)
  }
  const anyone = problemsOf(ROUTES.login)
  assert.ok(anyone.has('unsupported-media-type'))
  assert.ok(!anyone.has('unauthenticated'))
  assert.ok(!problemsOf(ROUTES.me).has('payload-too-large'))
})
