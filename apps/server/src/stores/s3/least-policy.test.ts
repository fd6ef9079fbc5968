import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leastPolicy, vendedRolePolicy } from './least-policy.ts'
import { STORE_CALLS } from './store-calls.ts'

const places = { partition: 'aws', buckets: ['library', 'skycrate-*'] }

test('the policy allows every call where it is made, and has no action with a wildcard', () => {
  const { Statement } = leastPolicy({
    ...places,
    roleArn: 'arn:aws:iam::1:role/users',
    kmsKeyArn: 'arn:aws:kms:r:1:key/k',
  })
  const allowed = new Map(Statement.map(({ Sid, Action }) => [Sid, Action]))
  const sids = { account: 'FindBuckets', bucket: 'Buckets', object: 'Objects' } as const
  for (const [name, { on, actions }] of Object.entries(STORE_CALLS)) {
    for (const action of actions) assert.ok(allowed.get(sids[on])?.includes(action), `${name} needs ${action}`)
  }
  assert.ok(Statement.flatMap(({ Action }) => Action).every((action) => /^[a-z0-9]+:[A-Za-z]+$/.test(action)))
  assert.deepEqual(
    Statement.map(({ Sid, Resource }) => [Sid, Resource]),
    [
      ['FindBuckets', ['*']],
      ['Buckets', ['arn:aws:s3:::library', 'arn:aws:s3:::skycrate-*']],
      ['Objects', ['arn:aws:s3:::library/*', 'arn:aws:s3:::skycrate-*/*']],
      ['VendCredentials', ['arn:aws:iam::1:role/users']],
      ['Encrypt', ['arn:aws:kms:r:1:key/k']],
    ],
  )
})

test('without a role and a key there is no statement for them', () => {
  assert.deepEqual(
    leastPolicy(places).Statement.map(({ Sid }) => Sid),
    ['FindBuckets', 'Buckets', 'Objects'],
  )
})

test('the role of vended credentials can neither change a bucket nor delete a version', () => {
  const actions = vendedRolePolicy(places).Statement.flatMap(({ Action }) => Action)
  assert.deepEqual(
    actions.filter((action) => /Bucket(?!$)|DeleteObjectVersion|Policy/.test(action)),
    [],
  )
  assert.ok(actions.includes('s3:PutObject'))
})
