import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createId } from '@skycrate/core/naming/id'
import { bucketCandidate } from './bucket-candidate.ts'

const NOW = Date.UTC(2026, 10, 21)
const user = createId('usr', NOW, new Uint8Array(10))
const random = new Uint8Array([0xab, 0x01, 0xff])

test('the first name tells whose bucket it is and when it was made; later ones cannot be foreseen', () => {
  assert.equal(bucketCandidate('skycrate', user, 0, NOW, random), `skycrate-${user.slice(4)}-${NOW}`)
  assert.equal(bucketCandidate('skycrate', user, 1, NOW, random), `skycrate-${user.slice(4)}-${NOW}-ab01ff`)
})

test('a prefix of 15 characters fits S3 to the last, a longer one is a mistake of the configuration', () => {
  assert.equal(bucketCandidate('p'.repeat(15), user, 1, NOW, random).length, 63)
  for (const prefix of ['p'.repeat(16), 'Capital', 'under_score', '', 'xn--a']) {
    assert.throws(() => bucketCandidate(prefix, user, 1, NOW, random), RangeError, prefix)
  }
})
