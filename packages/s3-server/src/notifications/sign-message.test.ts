import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { messageHeaders } from './sign-message.ts'

const BODY = '{"Records":[]}'
const NOW = 1_700_000_000_999

test('id, second and body are signed with the bytes of the secret', () => {
  const headers = messageHeaders(BODY, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', NOW)
  assert.equal(headers['webhook-timestamp'], '1700000000')
  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
  const signed = createHmac('sha256', key).update(`${headers['webhook-id']}.1700000000.${BODY}`).digest('base64')
  assert.equal(headers['webhook-signature'], `v1,${signed}`)
})

test('a secret without its mark is its own bytes, and no secret signs nothing', () => {
  const { 'webhook-id': id, 'webhook-signature': signature } = messageHeaders(BODY, 'MfKQ', NOW)
  const signed = createHmac('sha256', 'MfKQ').update(`${id}.1700000000.${BODY}`).digest('base64')
  assert.equal(signature, `v1,${signed}`)
  assert.deepEqual(Object.keys(messageHeaders(BODY, undefined, NOW)), ['webhook-id', 'webhook-timestamp'])
})

test('the id depends on the body alone', () => {
  const { 'webhook-id': id } = messageHeaders(BODY, undefined, NOW)
  assert.match(id ?? '', /^msg_[\w-]{27}$/)
  assert.equal(messageHeaders(BODY, 'secret', NOW + 5000)['webhook-id'], id)
  assert.notEqual(messageHeaders(`${BODY} `, undefined, NOW)['webhook-id'], id)
})
