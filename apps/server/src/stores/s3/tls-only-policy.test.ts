import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasTlsOnlyStatement, tlsOnlyPolicy } from './tls-only-policy.ts'

const denial = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' }

test('the policy covers the bucket and its objects, in the partition of the region', () => {
  const resources = (region: string): unknown =>
    (JSON.parse(tlsOnlyPolicy('b', region)) as { Statement: { Resource: unknown }[] }).Statement[0]?.Resource
  assert.deepEqual(resources('eu-central-1'), ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'])
  assert.deepEqual(resources('cn-north-1'), ['arn:aws-cn:s3:::b', 'arn:aws-cn:s3:::b/*'])
  assert.deepEqual(resources('us-gov-west-1'), ['arn:aws-us-gov:s3:::b', 'arn:aws-us-gov:s3:::b/*'])
})

test('the denial is found in whatever form a store gives the policy back', () => {
  const held: [policy: unknown, found: boolean][] = [
    [JSON.parse(tlsOnlyPolicy('b', 'us-east-1')), true],
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
