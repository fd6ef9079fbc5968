import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALIGNMENT, BufferPool, isAligned, isShared, PAGE_BYTES, SMALL_BYTES } from './buffer-pool.ts'

test('buffers in use do not overlap', () => {
  const pool = new BufferPool()
  using lease = pool.lease()
  const taken = Array.from({ length: 400 }, (_, at) => lease.take(at % 2 === 0 ? 'large' : 'small'))
  const shared = taken.filter(isShared).toSorted((a, b) => a.byteOffset - b.byteOffset)
  for (const [at, buffer] of shared.entries()) {
    assert.ok(isAligned(buffer) && buffer.byteOffset % ALIGNMENT === 0)
    assert.ok((shared[at - 1]?.byteOffset ?? 0) + (shared[at - 1]?.length ?? 0) <= buffer.byteOffset)
  }
  assert.ok(shared.length < taken.length, 'when there are no more, there are ordinary ones')
  assert.ok(taken.every(({ length }) => length >= SMALL_BYTES))
})

test('a stream alone has the largest buffers, several have smaller ones, and too many small ones', () => {
  const pool = new BufferPool()
  using lease = pool.lease()
  const take = (): number => Math.floor(lease.take('large').length / PAGE_BYTES)
  assert.equal(take(), 16)
  {
    using _other = pool.lease()
    assert.equal(take(), 8)
  }
  assert.equal(take(), 16)
  const sizes = Array.from({ length: 80 }, take)
  assert.deepEqual([...new Set(sizes)], [16, 8, 2])
  assert.ok(pool.isCrowded)
})

test('a lease that is disposed twice ends once', () => {
  const pool = new BufferPool()
  using lease = pool.lease()
  using _second = pool.lease()
  const third = pool.lease()
  third[Symbol.dispose]()
  third[Symbol.dispose]()
  assert.equal(Math.floor(lease.take('large').length / PAGE_BYTES), 8)
})

test('until it is crowded all buffers are those that other threads can look at', () => {
  for (const size of ['small', 'large'] as const) {
    const pool = new BufferPool()
    using lease = pool.lease()
    while (!pool.isCrowded) assert.ok(isShared(lease.take(size)))
  }
})

test('what was given back, or whose lease has ended, is used again', () => {
  const pool = new BufferPool()
  const first = pool.lease()
  const buffer = first.take('large')
  first.give(buffer.subarray(0, 10))
  first.give(buffer)
  assert.equal(first.take('large').byteOffset, buffer.byteOffset)
  for (let round = 0; round < 100; round++) {
    using lease = pool.lease()
    for (let count = 0; count < 20; count++) assert.ok(isShared(lease.take('small')))
  }
  first[Symbol.dispose]()
  assert.ok(!pool.isCrowded)
  using last = pool.lease()
  assert.equal(last.take('large').byteOffset, buffer.byteOffset)
})
