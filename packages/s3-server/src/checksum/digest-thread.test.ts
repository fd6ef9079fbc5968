import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { test } from 'node:test'
import { DigestSet } from './digest-set.ts'
import type { DigestName } from './digest-set.ts'
import { DigestThread } from './digest-thread.ts'
import { BufferPool } from '../memory/buffer-pool.ts'

const NAMES: readonly DigestName[] = ['MD5', 'SHA256', 'CRC32', 'CRC64NVME']

const makeThread = () => {
  const pool = new BufferPool()
  const thread = new DigestThread(pool.memory)
  return { pool, thread, [Symbol.asyncDispose]: () => thread.close() }
}

type Made = ReturnType<typeof makeThread>

/** Digests random bytes in the thread, in pieces of any size, and here. */
const compare = async ({ pool, thread }: Made, size: number): Promise<void> => {
  const body = randomBytes(size)
  const expected = new DigestSet(NAMES)
  expected.update(body)
  using lease = pool.lease()
  const remote = thread.begin(NAMES)
  const updates: Promise<void>[] = []
  for (let at = 0; at < size;) {
    const memory = lease.take('small')
    const piece = memory.subarray(0, body.copy(memory, 0, at, at + 64 * randomInt(1, 2000)))
    at += piece.length
    const updated = remote.update(piece).then(() => {
      lease.give(memory)
    })
    updates.push(updated)
    // Two at once, or one.
    await (randomInt(3) === 0 ? updated : updates.at(-2))
  }
  const digests = new DigestSet(NAMES)
  digests.adopt(await remote.end())
  await Promise.all(updates)
  for (const name of NAMES) assert.ok(digests.result(name).equals(expected.result(name)), `${name} of ${size} bytes`)
}

test('a stream has the digests in the thread that it has here, whatever its pieces', async () => {
  await using made = makeThread()
  for (const size of [0, 1, 63, 64, 65, 131_071, 131_072, 131_073, 3_000_000]) await compare(made, size)
})

test('many streams at once do not mix, and those given up let go of their memory', async () => {
  await using made = makeThread()
  using lease = made.pool.lease()
  const givenUp = Array.from({ length: 40 }, async () => {
    const remote = made.thread.begin(NAMES)
    const piece = lease.take('small')
    const update = remote.update(piece)
    await remote.abandon()
    await update
  })
  await Promise.all(Array.from({ length: 40 }, () => compare(made, randomInt(2_000_000))))
  await Promise.all(givenUp)
})

test('bytes that the thread cannot see are refused', async () => {
  await using made = makeThread()
  const remote = made.thread.begin(NAMES)
  await assert.rejects(remote.update(randomBytes(100)), /shared memory/)
  await remote.abandon()
})

test('when the thread dies its streams fail, and the next ones have another', async () => {
  await using made = makeThread()
  using lease = made.pool.lease()
  const piece = lease.take('small')
  const remote = made.thread.begin(NAMES)
  await remote.update(piece)
  // A digest that is none ends the thread with an error.
  await assert.rejects(made.thread.begin(['NONE' as DigestName]).update(piece))
  await assert.rejects(remote.update(piece))
  await assert.rejects(remote.end())
  await remote.abandon()
  await compare(made, 1_000_000)
})
