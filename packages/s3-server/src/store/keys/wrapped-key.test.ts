import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { makeBlobId } from '../blobs/blob-id.ts'
import {
  makeCustomerKey,
  makeManagedKey,
  makeRingKey,
  openCustomerKey,
  openManagedKey,
  openRingKey,
  readKeySeal,
  replaceManagedKey,
} from './wrapped-key.ts'
import type { ManagedKey } from './wrapped-key.ts'

const MANAGED: ManagedKey = { keyId: 'arn:…', ciphertext: 'AAAA', context: { 'aws:s3:arn': 'é' } }

const FORMS = [
  {
    name: 'the key file',
    make: (id: ReturnType<typeof makeBlobId>, by: Buffer) => makeRingKey(id, '0123456789abcdef', by),
    open: openRingKey,
    seal: { kind: 'ring', version: '0123456789abcdef' },
  },
  { name: 'a customer', make: makeCustomerKey, open: openCustomerKey, seal: { kind: 'customer' } },
  {
    name: 'a named key',
    make: (id: ReturnType<typeof makeBlobId>, by: Buffer) => makeManagedKey(id, MANAGED, by),
    open: openManagedKey,
    seal: { kind: 'managed', key: MANAGED },
  },
] as const

for (const { name, make, open, seal } of FORMS) {
  test(`a data key sealed by ${name} opens with that key, for its blob, unchanged, and not else`, () => {
    const [id, other] = [makeBlobId(1), makeBlobId(2)]
    const by = randomBytes(32)
    const { key, wrapped } = make(id, by)
    assert.equal(key.length, 32)
    assert.deepEqual(readKeySeal(wrapped), seal)
    assert.ok(open(wrapped, id, by).equals(key))
    // As SQLite gives it back: somewhere in a larger buffer.
    const moved = new Uint8Array(Buffer.concat([Buffer.alloc(3), wrapped])).subarray(3)
    assert.ok(open(moved, id, by).equals(key))
    assert.ok(!wrapped.includes(key) && !wrapped.includes(by))
    assert.throws(() => open(wrapped, id, randomBytes(32)))
    assert.throws(() => open(wrapped, other, by))
    const changed = Buffer.from(wrapped)
    changed[30] = (changed[30] ?? 0) ^ 1
    assert.throws(() => open(changed, id, by))
    assert.notDeepEqual(make(id, by).wrapped, wrapped, 'never twice the same')
  })
}

test('a named key that is sealed anew leaves the data key as it is', () => {
  const id = makeBlobId(1)
  const by = randomBytes(32)
  const { key, wrapped } = makeManagedKey(id, MANAGED, by)
  const renewed = { ...MANAGED, ciphertext: 'BBBB' }
  const replaced = replaceManagedKey(wrapped, renewed)
  assert.deepEqual(readKeySeal(replaced), { kind: 'managed', key: renewed })
  assert.ok(openManagedKey(replaced, id, by).equals(key))
})

test('bytes that are no stored key are refused', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.of(9), Buffer.alloc(67), Buffer.alloc(69)]) {
    assert.throws(() => readKeySeal(bytes), /damaged/)
  }
})
