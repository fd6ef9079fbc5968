import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { test } from 'node:test'
import { DigestSet } from './digest-set.ts'
import type { DigestName } from './digest-set.ts'
import { DigestThread } from './digest-thread.ts'

const NAMES: readonly DigestName[] = ['MD5', 'SHA256', 'CRC32', 'CRC64NVME']

const makeThread = () => {
  const thread = new DigestThread()
  return { thread, [Symbol.asyncDispose]: () => thread.close() }
}

/** Digests random bytes in the thread, in pieces of any size, and here. */
const compare = async (thread: DigestThread, size: number): Promise<void> => {
  const body = randomBytes(size)
  const expected = new DigestSet(NAMES)
  expected.update(body)
  const remote = thread.begin(NAMES)
  for (let at = 0; at < size;) {
    const piece = body.subarray(at, at + randomInt(1, 700_000))
    await remote.update(piece)
    at += piece.length
  }
  const digests = new DigestSet(NAMES)
  digests.adopt(await remote.end())
  for (const name of NAMES) assert.ok(digests.result(name).equals(expected.result(name)), `${name} of ${size} bytes`)
}

test('a stream has the digests in the thread that it has here, whatever its pieces', async () => {
  await using made = makeThread()
  for (const size of [0, 1, 262_143, 262_144, 262_145, 3_000_000]) await compare(made.thread, size)
})

test('many streams at once, more than have room, do not mix, and those given up leave theirs', async () => {
  await using made = makeThread()
  const { thread } = made
  for (let at = 0; at < 50; at++) {
    const remote = thread.begin(NAMES)
    void remote.update(randomBytes(1_000_000))
    remote.abandon()
  }
  await Promise.all(Array.from({ length: 60 }, () => compare(thread, randomInt(2_000_000))))
})

test('when the thread dies its streams fail, and the next ones have another', async () => {
  await using made = makeThread()
  const remote = made.thread.begin(NAMES)
  await remote.update(randomBytes(300_000))
  // A digest that is none ends the thread with an error.
  await made.thread.begin(['NONE' as DigestName]).update(randomBytes(300_000))
  await assert.rejects(async () => {
    const digests = new DigestSet(NAMES)
    digests.adopt(await remote.end())
    digests.result('MD5')
  })
  await compare(made.thread, 1_000_000)
})
