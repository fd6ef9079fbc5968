import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readWebIdentity } from './read-web-identity.ts'

const role = {
  arn: 'arn:aws:iam::123456789012:role/app',
  policy: {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::b/${idp.example/:sub}/*' },
  },
}
const issuer = { issuer: 'https://idp.example/', audience: ['store'], roles: [role] }
const statement = (change: object): object => ({
  ...role,
  policy: { ...role.policy, Statement: { ...role.policy.Statement, ...change } },
})

test('issuers are read with what they do not say', () => {
  const read = readWebIdentity([issuer])
  assert.ok(read.outcome === 'read', JSON.stringify(read))
  const [first] = read.issuers
  assert.deepEqual(first?.settings.algorithms, ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])
  const found = first.roles.get(role.arn)
  assert.deepEqual([found?.maxSeconds, found?.takesTags, found?.claims], [3600, false, ['sub']])
  assert.deepEqual(readWebIdentity([]), { outcome: 'read', issuers: [] })
})

test('an issuer is called with or without the slash that it ends in, and in any case', () => {
  for (const name of ['https://idp.example/', 'https://idp.example']) {
    for (const key of ['idp.example/:sub', 'idp.example:sub', 'IDP.example:SUB']) {
      const condition = { StringEquals: { [key]: 'alice' } }
      assert.equal(readWebIdentity([{ ...issuer, issuer: name, roles: [{ ...role, condition }] }]).outcome, 'read', key)
    }
  }
  const path = { ...issuer, issuer: 'https://oidc.example/id/ABC' }
  const at = (name: string): object => ({
    ...path,
    roles: [statement({ Resource: `arn:aws:s3:::b/\${${name}:sub}/*` })],
  })
  assert.equal(readWebIdentity([at('OIDC.example/id/ABC')]).outcome, 'read')
  assert.equal(readWebIdentity([at('oidc.example/id/abc')]).outcome, 'mistaken')
})

test('every mistake is named, with its place', () => {
  const cases: [given: unknown, ...mistakes: RegExp[]][] = [
    [{}, /^has to be a list of issuers$/],
    [null, /^has to be a list of issuers$/],
    [[7, null], /^\[0\]: has to be an object$/, /^\[1\]: has to be an object$/],
    [
      [{ audiance: 'x', roles: [{ name: 'x' }] }],
      /^\[0\]: does not know audiance$/,
      /^\[0\]: issuer has to be an https URL/,
      /^\[0\]: audience has to be a list/,
      /^\[0\]: roles\[0\]: does not know name$/,
      /^\[0\]: roles\[0\]: arn has to be/,
      /^\[0\]: roles\[0\]: policy: has to be an IAM policy/,
    ],
    [[{ ...issuer, issuer: 'http://idp.example/' }], /^\[0\]: issuer has to be an https URL/, /the key idp/],
    [[{ ...issuer, issuer: 'https://me:secret@idp.example/' }], /issuer has to be/, /the key idp/],
    [[{ ...issuer, issuer: 'idp.example' }], /issuer has to be/, /the key idp/],
    [[{ ...issuer, issuer: 'https://s3' }], /a name that policies keep for AWS/, /the key idp/],
    [[{ ...issuer, jwksUri: 'http://idp.example/keys' }], /^\[0\]: jwksUri has to be an https URL/],
    [[{ ...issuer, audience: [''] }], /audience/],
    [[{ ...issuer, audience: 'store' }], /audience/],
    [[{ ...issuer, algorithms: ['HS256'] }], /^\[0\]: algorithms has to be some of RS256/],
    [[{ ...issuer, algorithms: ['none'] }], /algorithms/],
    [[{ ...issuer, algorithms: [] }], /algorithms/],
    [[{ ...issuer, roles: [] }], /^\[0\]: roles has to be a list of at least one$/],
    [[issuer, { ...issuer, issuer: 'https://idp.example' }], /^\[1\]: idp\.example stands twice$/],
    [[{ ...issuer, roles: [role, role] }], /^\[0\]: roles\[1\]: arn:aws:iam::123456789012:role\/app stands twice$/],
    [[{ ...issuer, roles: [{ ...role, arn: 'arn:aws:iam::123456789012:user/x' }] }], /arn has to be that of a role/],
    [[{ ...issuer, roles: [{ ...role, maxSeconds: 43_201 }] }], /roles\[0\]: maxSeconds has to be 900 to 43200$/],
    [[{ ...issuer, roles: [{ ...role, maxSeconds: '900' }] }], /maxSeconds/],
    [[{ ...issuer, roles: [{ ...role, maxSeconds: 900.5 }] }], /maxSeconds/],
    [[{ ...issuer, roles: [{ ...role, tags: 'yes' }] }], /tags has to be true or false/],
    [[{ ...issuer, roles: [statement({ Principal: '*' })] }], /policy: Policy document should not specify a principal/],
    [[{ ...issuer, roles: [statement({ Effect: 'Alow' })] }], /policy: Invalid effect/],
    [
      [{ ...issuer, roles: [statement({ Resource: 'arn:aws:s3:::b/${ipd.example:sub}/*' })] }],
      /policy: the key ipd\.example:sub is neither one of idp\.example\/ nor one that the store knows/,
    ],
    [
      [{ ...issuer, roles: [statement({ Condition: { StringEquals: { 'other.example:sub': 'x' } } })] }],
      /policy: the key other\.example:sub/,
    ],
    [[{ ...issuer, roles: [{ ...role, condition: { StringEqual: {} } }] }], /condition: Invalid Condition type/],
    [
      [{ ...issuer, roles: [{ ...role, condition: { StringEquals: { 'other.example:sub': 'x' } } }] }],
      /condition: the key other\.example:sub/,
    ],
    [[{ ...issuer, roles: [{ ...role, condition: { StringEquals: { 'idp.example:': 'x' } } }] }], /condition: the key/],
  ]
  for (const [given, ...expected] of cases) {
    const read = readWebIdentity(given)
    const mistakes = read.outcome === 'mistaken' ? read.mistakes : []
    assert.equal(mistakes.length, expected.length, JSON.stringify([given, mistakes]))
    for (const [at, pattern] of expected.entries()) assert.match(mistakes[at] ?? '', pattern)
  }
})
