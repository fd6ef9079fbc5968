import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Issuer } from '@skycrate/contract/issuers/schemas'
import { bodyOf, valuesOf } from './issuer-form.ts'

const ISSUER: Issuer = {
  id: 'iss_1',
  name: 'Entra',
  source: 'database',
  issuer: 'https://login.example/v2.0',
  audience: ['a', 'b'],
  clientId: ['web'],
  hasClientSecret: true,
  algorithms: ['RS256'],
  claims: { groups: ['realm', 'my.roles'], subject: 'oid' },
  jwksUri: 'https://login.example/keys',
  clockToleranceSeconds: 30,
  adminGroups: ['admins'],
  scopes: ['email', 'groups'],
  direct: true,
  allow: { emailDomains: ['example.com'], emailVerified: true },
  userCount: 0,
}

test('a form that nobody changed sends the settings as they are, and says nothing of the secret', () => {
  const { id: _, source: _s, hasClientSecret: _h, userCount: _u, ...settings } = ISSUER
  assert.deepEqual(bodyOf(valuesOf(ISSUER), ISSUER), settings)
})

test('what is empty is left out, and lists are split at commas and lines', () => {
  const body = bodyOf({
    ...valuesOf(undefined),
    issuer: ' https://a.example/ ',
    audience: 'one, two\n three ,',
    groupsClaim: 'groups',
    subjectClaim: ' oid ',
    algorithms: ['ES256', 'HS256'],
    adminGroups: 'a b, c',
    clientId: 'web',
    clientSecret: 's',
  })
  assert.deepEqual(body, {
    issuer: 'https://a.example/',
    audience: ['one', 'two', 'three'],
    clientId: ['web'],
    clientSecret: 's',
    algorithms: ['ES256'],
    claims: { groups: 'groups', subject: 'oid' },
    adminGroups: ['a b', 'c'],
  })
})
