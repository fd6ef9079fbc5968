import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readWebhooks } from './read-webhooks.ts'

test('a webhook has its URL whole, and its secret from the variable of its name', () => {
  const environment = { S3_WEBHOOK_SECRET_A_B: 'one', S3_WEBHOOK_SECRET_C: '' }
  const read = readWebhooks(['a-B=https://x/y?z=1&w=2', 'c=http://127.0.0.1:9/'], environment)
  assert.deepEqual(read, {
    mistakes: [],
    webhooks: [
      { name: 'a-B', url: 'https://x/y?z=1&w=2', secret: 'one' },
      { name: 'c', url: 'http://127.0.0.1:9/' },
    ],
  })
})

test('two names that share a variable are a mistake once it holds a secret', () => {
  const values = ['a-b=http://x/', 'a_b=http://y/']
  assert.deepEqual(readWebhooks(values, {}).mistakes, [])
  assert.match(readWebhooks(values, { S3_WEBHOOK_SECRET_A_B: 's' }).mistakes.join(), /secret of two webhooks/)
})
