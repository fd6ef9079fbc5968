import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renameInPolicy } from './rename-in-policy.ts'

const policyOf = (Resource: unknown, more: object = {}): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource, ...more }] })

const CASES: readonly (readonly [what: string, before: unknown, after: unknown])[] = [
  ['the bucket', 'arn:aws:s3:::old', 'arn:aws:s3:::new'],
  ['its objects', 'arn:aws:s3:::old/old/*', 'arn:aws:s3:::new/old/*'],
  ['each of several', ['arn:aws:s3:::old', 'arn:aws:s3:::other/*'], ['arn:aws:s3:::new', 'arn:aws:s3:::other/*']],
  ['another partition', 'arn:aws-cn:s3:::old/*', 'arn:aws-cn:s3:::new/*'],
  ['a bucket whose name only begins so', 'arn:aws:s3:::old-one/*', 'arn:aws:s3:::old-one/*'],
  ['a wildcard', 'arn:aws:s3:::*', 'arn:aws:s3:::*'],
]

for (const [what, before, after] of CASES) {
  test(`in a policy's resources is renamed, or not: ${what}`, () => {
    assert.deepEqual(JSON.parse(renameInPolicy(policyOf(before), 'old', 'new')), JSON.parse(policyOf(after)))
  })
}

test('what is no resource keeps its text', () => {
  const policy = policyOf('arn:aws:s3:::x', { Sid: 'arn:aws:s3:::old', Principal: { AWS: 'arn:aws:iam::1:user/old' } })
  assert.equal(renameInPolicy(policy, 'old', 'new'), policy)
})
