import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storeRequest } from './store-request.ts'

test('an answered request is told with its size and time, and its key only where logs may name keys', () => {
  const record = {
    id: 'r1',
    method: 'GET',
    operation: 'GetObject',
    bucket: 'b',
    key: 'salaries/alice.txt',
    status: 200,
    code: undefined,
    cause: undefined,
    milliseconds: 1.5,
    received: 0,
    sent: 700,
    address: '127.0.0.1',
  }
  assert.deepEqual(storeRequest(record, true)['key'], 'salaries/alice.txt')
  const unnamed = storeRequest(record, false)
  assert.doesNotMatch(JSON.stringify(unnamed), /alice/)
  assert.deepEqual(
    [unnamed['s3RequestId'], unnamed['operation'], unnamed['status'], unnamed['sent'], unnamed['milliseconds']],
    ['r1', 'GetObject', 200, 700, 1.5],
  )
})
