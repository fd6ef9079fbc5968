import assert from 'node:assert/strict'
import { test } from 'node:test'
import { webhookOfArn } from './destination-arn.ts'

test('an ARN names a webhook by its kind, in this region or in none', () => {
  const cases = [
    ['arn:aws:sqs:eu-west-1:123456789012:a-B_9', 'queue', 'a-B_9'],
    ['arn:aws:sqs:::hook', 'queue', 'hook'],
    ['arn:aws-cn:sns:eu-west-1::hook', 'topic', 'hook'],
    ['arn:aws:lambda:eu-west-1:123456789012:function:hook', 'function', 'hook'],
    ['arn:aws:sqs:us-east-1:123456789012:hook', 'queue', undefined],
    ['arn:aws:sns:eu-west-1:123456789012:hook', 'queue', undefined],
    ['arn:aws:sqs:eu-west-1:123456789012:hook', 'function', undefined],
    ['arn:aws:sqs:eu-west-1:123456789012:function:hook', 'queue', undefined],
    ['arn:aws:lambda:eu-west-1:123456789012:hook', 'function', undefined],
    ['arn:aws:lambda:eu-west-1:123456789012:function:hook:alias', 'function', undefined],
    ['arn:aws:sqs:eu-west-1:12345:hook', 'queue', undefined],
    ['arn:aws:sqs:eu-west-1:123456789012:', 'queue', undefined],
    ['arn:aws:sqs:eu-west-1:123456789012:hook\n', 'queue', undefined],
    ['arn:aws:sqs:eu-west-1:123456789012:a/b', 'queue', undefined],
    ['hook', 'queue', undefined],
  ] as const
  for (const [arn, kind, webhook] of cases) assert.equal(webhookOfArn(arn, kind, 'eu-west-1'), webhook, arn)
})
