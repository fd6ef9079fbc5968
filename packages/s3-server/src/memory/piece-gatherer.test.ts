import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import { BufferPool, PAGE_BYTES } from './buffer-pool.ts'
import type { BufferLease } from './buffer-pool.ts'
import { PieceGatherer } from './piece-gatherer.ts'

/** Takes all that it can get, so that others have to make do with little. */
const crowd = (pool: BufferPool): BufferLease => {
  const lease = pool.lease()
  while (!pool.isCrowded) lease.take('large')
  return lease
}

for (const isCrowded of [false, true]) {
  test(`pieces are used as they came, while the next fills: ${isCrowded ? 'crowded' : 'alone'}`, async () => {
    const pool = new BufferPool()
    using _others = isCrowded ? crowd(pool) : pool.lease()
    for (const size of [0, 1, PAGE_BYTES, 3_000_000, 5_000_001]) {
      const body = randomBytes(size)
      const seen: Buffer[] = []
      let under = 0
      using lease = pool.lease()
      const gatherer = new PieceGatherer({
        pool,
        lease,
        first: lease.take('small'),
        use: async (piece) => {
          assert.equal(piece.length % PAGE_BYTES, 0)
          under += 1
          const at = seen.push(Buffer.alloc(0)) - 1
          for (let turns = randomInt(4); turns > 0; turns--) await setImmediate()
          // Not looked at before: the memory must be this piece's until it is done.
          seen[at] = Buffer.from(piece)
          under -= 1
        },
      })
      for (let at = 0; at < size;) {
        const chunk = body.subarray(at, at + randomInt(1, 200_000))
        at += chunk.length
        const lent = Buffer.from(chunk)
        await gatherer.push(lent)
        lent.fill(0)
        assert.ok(under <= (isCrowded ? 0 : 2), `${under} at once`)
      }
      const last = await gatherer.end()
      assert.equal(under, 0)
      assert.ok(Buffer.concat([...seen, last]).equals(body), `${size} bytes`)
    }
  })
}

test('what fails in a use comes out, and no use goes on after it is settled', async () => {
  const pool = new BufferPool()
  using lease = pool.lease()
  let under = 0
  let uses = 0
  const gatherer = new PieceGatherer({
    pool,
    lease,
    first: lease.take('small'),
    use: async () => {
      under += 1
      uses += 1
      const isBad = uses === 2
      await setImmediate()
      under -= 1
      if (isBad) throw new Error('the disk is gone')
    },
  })
  await assert.rejects(async () => {
    for (;;) await gatherer.push(randomBytes(100_000))
  }, /the disk is gone/)
  await gatherer.settle()
  assert.equal(under, 0)
})
