import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { DigestSet } from './digest-set.ts'
import type { DigestName } from './digest-set.ts'

// The check values of the CRC catalogue for the nine digits.
const CHECK: [DigestName, string][] = [
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
  ['MD5', createHash('md5').update('123456789').digest('hex')],
  ['SHA1', createHash('sha1').update('123456789').digest('hex')],
  ['SHA256', createHash('sha256').update('123456789').digest('hex')],
]

for (const [name, expected] of CHECK) {
  test(`${name} of the digits 1 to 9 is the published check value`, () => {
    const digests = new DigestSet([name])
    digests.update(Buffer.from('123456789'))
    assert.equal(digests.result(name).toString('hex'), expected)
  })

  test(`${name} does not depend on how the stream is cut`, () => {
    const data = randomBytes(10_000)
    const whole = new DigestSet([name])
    whole.update(data)
    const cut = new DigestSet([name])
    for (let at = 0; at < data.length;) {
      const length = 1 + ((at * 7) % 61)
      cut.update(data.subarray(at, at + length))
      at += length
    }
    assert.deepEqual(cut.result(name), whole.result(name))
  })
}
