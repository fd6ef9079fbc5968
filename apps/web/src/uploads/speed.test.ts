import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSpeed } from './speed.ts'

test('speed is that of the last seconds, and begins anew where bytes are taken back', () => {
  const speed = createSpeed()
  assert.equal(speed.at(0, 0), 0)
  assert.equal(speed.at(1000, 500), 500)
  assert.equal(speed.at(2000, 1000), 500)
  assert.equal(speed.at(9000, 9000), 0, 'nothing is left to compare with')
  assert.equal(speed.at(10_000, 11_000), 2000)
  assert.equal(speed.at(11_000, 10_000), 0)
  assert.equal(speed.at(12_000, 10_300), 300)
})
