import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createId, isId } from './id.ts'

test('an id carries its type and 26 characters', () => {
  const id = createId('usr', 1_700_000_000_000, new Uint8Array(10))
  assert.equal(id, 'usr_01hf7yat000000000000000000')
  assert.ok(isId('usr', id))
  assert.ok(!isId('prm', id))
})

test('every bit of the randomness counts', () => {
  const seen = new Set<string>()
  for (let bit = 0; bit < 80; bit++) {
    const random = new Uint8Array(10)
    random[bit >> 3] = 1 << (bit & 7)
    seen.add(createId('evt', 0, random))
  }
  assert.equal(seen.size, 80)
})

test('ids sort by the millisecond in which they were made', () => {
  const ids = Array.from({ length: 2000 }, (_, i) => createId('evt', 1_700_000_000_000 + i * 7919, randomBytes(10)))
  assert.deepEqual(ids.toSorted(), ids)
})

test('what is no id is told', () => {
  for (const text of [
    '',
    'usr_',
    'usr_01hf7yat00000000000000000',
    'usr_81hf7yat000000000000000000',
    "usr_01hf7yat00000000000000000'",
    'usr_01HF7YAT000000000000000000',
    'usr_01hf7yat000000000000000000/',
  ]) {
    assert.ok(!isId('usr', text), text)
  }
})

test('too little randomness is refused', () => {
  assert.throws(() => createId('usr', 0, new Uint8Array(9)), RangeError)
})
