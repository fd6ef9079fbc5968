import assert from 'node:assert/strict'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { test } from 'node:test'
import { LANES, Md5Lanes, Md5Stream } from './md5-lanes.ts'

const STEP = 65_536
const memory = new WebAssembly.Memory({ initial: 1 + LANES, maximum: 1 + LANES, shared: true })
const bytes = Buffer.from(memory.buffer)
const lanes = new Md5Lanes(memory)

/** Digests bodies side by side, as many blocks at once as the shortest has left, and fewer now and then. */
const digestAll = (bodies: readonly Buffer[]): string[] => {
  const streams = bodies.map((body, lane) => {
    bytes.set(body, STEP * (1 + lane))
    return { body, stream: new Md5Stream(), address: STEP * (1 + lane) }
  })
  for (;;) {
    const left = streams
      .map(({ body, stream, address }) => ({
        stream,
        address: address + stream.size,
        blocks: Math.floor((body.length - stream.size) / 64),
      }))
      .filter(({ blocks }) => blocks > 0)
    if (left.length === 0) break
    const some = left.slice(0, randomInt(1, left.length + 1))
    lanes.update(some, randomInt(1, Math.min(...some.map(({ blocks }) => blocks)) + 1))
  }
  return streams.map(({ body, stream }) => lanes.end(stream, body.subarray(stream.size)).toString('hex'))
}

const md5 = (body: Buffer): string => createHash('md5').update(body).digest('hex')

test('the digests of the specification', () => {
  const known = {
    '': 'd41d8cd98f00b204e9800998ecf8427e',
    a: '0cc175b9c0f1b6a831c399e269772661',
    abc: '900150983cd24fb0d6963f7d28e17f72',
    'message digest': 'f96b697d7cb7938d525a2f31aaf161d0',
    abcdefghijklmnopqrstuvwxyz: 'c3fcd3d76192e4007dfb496cca67e13b',
    '12345678901234567890123456789012345678901234567890123456789012345678901234567890':
      '57edf4a22be3c955ac49da2e2107b67a',
  }
  for (const [text, digest] of Object.entries(known)) assert.deepEqual(digestAll([Buffer.from(text)]), [digest])
})

test('every length around a block, alone', () => {
  for (let size = 0; size <= 260; size++) {
    const body = randomBytes(size)
    assert.deepEqual(digestAll([body]), [md5(body)], `${size} bytes`)
  }
})

test('one to eight streams side by side, of any lengths, each taking part in any steps', () => {
  for (let round = 0; round < 200; round++) {
    const bodies = Array.from({ length: randomInt(1, LANES + 1) }, () => randomBytes(randomInt(STEP + 1)))
    assert.deepEqual(digestAll(bodies), bodies.map(md5))
  }
})
