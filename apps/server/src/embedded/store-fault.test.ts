import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storeFault } from './store-fault.ts'

const record = {
  id: 'r1',
  method: 'PUT',
  operation: 'PutObject',
  bucket: 'b',
  key: 'salaries/alice.txt',
  status: 500,
  code: 'InternalError',
  cause: 'ENOSPC',
  milliseconds: 1,
  received: 0,
  sent: 0,
  address: '127.0.0.1',
}

test('a fault of the embedded store is told, with its key only where the operator lets logs name keys', () => {
  assert.equal(storeFault(record, true)?.['key'], record.key)
  const withoutKeys = storeFault(record, false)
  assert.equal(withoutKeys?.['cause'], 'ENOSPC')
  assert.ok(!JSON.stringify(withoutKeys).includes('alice'))
})

test('what was answered, a refusal too, is no fault', () => {
  assert.equal(storeFault({ ...record, status: 403 }, true), undefined)
})
