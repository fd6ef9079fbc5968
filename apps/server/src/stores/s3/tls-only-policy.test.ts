import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasTlsOnlyStatement, withTlsOnlyStatement } from './tls-only-policy.ts'

const denial = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' }

test('the policy covers the bucket and its objects, in the partition of the region', () => {
  const resources = (region: string): unknown =>
    (JSON.parse(withTlsOnlyStatement(undefined, 'b', region)) as { Statement: { Resource: unknown }[] }).Statement[0]
      ?.Resource
  assert.deepEqual(resources('eu-central-1'), ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'])
  assert.deepEqual(resources('cn-north-1'), ['arn:aws-cn:s3:::b', 'arn:aws-cn:s3:::b/*'])
  assert.deepEqual(resources('us-gov-west-1'), ['arn:aws-us-gov:s3:::b', 'arn:aws-us-gov:s3:::b/*'])
})

test('the denial is found in whatever form a store gives the policy back', () => {
  const held: [policy: unknown, found: boolean][] = [
    [JSON.parse(withTlsOnlyStatement(undefined, 'b', 'us-east-1')), true],
    [{ Statement: { ...denial, Condition: { BoolIfExists: { 'aws:SecureTransport': false } } } }, true],
    [{ Statement: [{ ...denial, Condition: { BoolIfExists: { 'aws:SecureTransport': ['false'] } } }] }, true],
    // Ceph keeps this one and does not enforce it.
    [{ Statement: [{ ...denial, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }] }, false],
    [{ Statement: [{ ...denial, Condition: { BoolIfExists: { 'aws:SecureTransport': 'true' } } }] }, false],
    [
      { Statement: [{ ...denial, Effect: 'Allow', Condition: { BoolIfExists: { 'aws:SecureTransport': 'false' } } }] },
      false,
    ],
    [{ Statement: [] }, false],
    [{}, false],
    [null, false],
  ]
  for (const [policy, found] of held)
    assert.equal(hasTlsOnlyStatement(JSON.stringify(policy)), found, JSON.stringify(policy))
  assert.equal(hasTlsOnlyStatement('no JSON'), false)
})

test('the statements of others stay, and the denial is there once', () => {
  const theirs = { Version: '2008-10-17', Id: 'theirs', Statement: { Sid: 'Read', Effect: 'Allow' } }
  const once = withTlsOnlyStatement(JSON.stringify(theirs), 'b', 'us-east-1')
  const twice = JSON.parse(withTlsOnlyStatement(once, 'b', 'us-east-1')) as typeof theirs & {
    Statement: { Sid: string }[]
  }
  assert.deepEqual([twice.Version, twice.Id], [theirs.Version, theirs.Id])
  assert.deepEqual(
    twice.Statement.map((statement) => statement.Sid),
    ['Read', 'SkyCrateTlsOnly'],
  )
})
