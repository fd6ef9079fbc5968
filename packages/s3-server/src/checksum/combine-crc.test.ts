import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { CrcCombiner } from './combine-crc.ts'
import { DigestSet } from './digest-set.ts'

const crc = (algorithm: 'CRC32' | 'CRC32C' | 'CRC64NVME', data: Buffer): Buffer => {
  const digests = new DigestSet([algorithm])
  digests.update(data)
  return digests.result(algorithm)
}

for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME'] as const) {
  test(`the ${algorithm} of parts put together is that of the whole`, () => {
    const parts = [70_001, 70_001, 1, 0, 12_345].map((length) => randomBytes(length))
    const combiner = new CrcCombiner(algorithm)
    for (const part of parts) combiner.append(crc(algorithm, part), part.length)
    assert.deepEqual(combiner.digest(), crc(algorithm, Buffer.concat(parts)))
  })
}
