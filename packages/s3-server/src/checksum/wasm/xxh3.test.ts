import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sanityBytes } from '../../../test/sanity-bytes.ts'
import { Xxh3 } from './xxh3.ts'

const FRAME = 65_536
const memory = new WebAssembly.Memory({ initial: 6, maximum: 6, shared: true })
const xxh3 = new Xxh3(memory, Buffer.from(memory.buffer, 0, FRAME + 4096), FRAME)
const inMemory = Buffer.from(memory.buffer, 2 * FRAME)

// As XXH3_64bits_withSeed of xxHash 0.8.3 has them.
const KNOWN: readonly (readonly [length: number, seed: bigint, hash: bigint])[] = [
  [241, 0x0n, 0xc5a639ecd2030e5en],
  [241, 0x9e3779b185ebca8dn, 0xdda9b0a161d4829an],
  [241, 0xffffffffffffffffn, 0x9926b3f9d1ec2050n],
  [255, 0x0n, 0xe98f979f4ed8a197n],
  [255, 0x9e3779b185ebca8dn, 0x2aca7901d9538c75n],
  [255, 0xffffffffffffffffn, 0x428b7cd1e94fe838n],
  [256, 0x0n, 0x55de574ad89d0ac5n],
  [256, 0x9e3779b185ebca8dn, 0x4d30234b7a3aa61cn],
  [256, 0xffffffffffffffffn, 0x0691f3eb6196d571n],
  [257, 0x0n, 0xb17fd5a8ae75bb0bn],
  [257, 0x9e3779b185ebca8dn, 0x802a6fbf3cacd97cn],
  [257, 0xffffffffffffffffn, 0x3ab7fe9ae5915fbcn],
  [1023, 0x0n, 0x87a8f7b2f2e22496n],
  [1023, 0x9e3779b185ebca8dn, 0x0f0f02de8590e1b5n],
  [1023, 0xffffffffffffffffn, 0x980d3c5c83f63176n],
  [1024, 0x0n, 0xdd85c9b5c1109c5cn],
  [1024, 0x9e3779b185ebca8dn, 0xef368a8a2ebabaefn],
  [1024, 0xffffffffffffffffn, 0xf6ca4f0156d35de7n],
  [1025, 0x0n, 0xd870c0fa13211c6an],
  [1025, 0x9e3779b185ebca8dn, 0x96792bcf9af88519n],
  [1025, 0xffffffffffffffffn, 0x70eff988186fcdaan],
  [1088, 0x0n, 0xcc1450ea6b52a8f4n],
  [1088, 0x9e3779b185ebca8dn, 0x542632d046f3dde4n],
  [1088, 0xffffffffffffffffn, 0xc66b7d444a7482b2n],
  [1089, 0x0n, 0xef727b2effc4cc8cn],
  [1089, 0x9e3779b185ebca8dn, 0xff8423d886707134n],
  [1089, 0xffffffffffffffffn, 0x04fcd7d403282234n],
  [2048, 0x0n, 0xdd59e2c3a5f038e0n],
  [2048, 0x9e3779b185ebca8dn, 0x66f81670669ababcn],
  [2048, 0xffffffffffffffffn, 0xc1a9b3df2e05de45n],
  [2049, 0x0n, 0xd3afa4329779b921n],
  [2049, 0x9e3779b185ebca8dn, 0xe48083836cd58024n],
  [2049, 0xffffffffffffffffn, 0xce98e64f734b7d0fn],
  [65535, 0x0n, 0x40df5e3e5608bbe9n],
  [65535, 0x9e3779b185ebca8dn, 0x61af2992ea4cf1den],
  [65535, 0xffffffffffffffffn, 0x3c13ea7c65b1bcc0n],
  [65536, 0x0n, 0x918f7f0f912ca480n],
  [65536, 0x9e3779b185ebca8dn, 0xbcb1719de7bee55bn],
  [65536, 0xffffffffffffffffn, 0x423edcc261ce300cn],
]

const sumsOf = (bytes: Buffer, first: number, seed: bigint): bigint[] => {
  const count = Math.ceil(bytes.length / FRAME)
  const table = Buffer.alloc(3 + 8 * count)
  xxh3.sum(bytes, first, seed, table, 3)
  return Array.from({ length: count }, (_, at) => table.readBigUInt64LE(3 + 8 * at))
}

test('the hashes of xxHash, of bytes in the memory and elsewhere', () => {
  const bytes = sanityBytes(FRAME)
  bytes.copy(inMemory)
  for (const [length, seed, hash] of KNOWN) {
    assert.deepEqual(sumsOf(bytes.subarray(0, length), 0, seed), [hash], `${length} bytes, seed ${seed}`)
    assert.deepEqual(sumsOf(inMemory.subarray(0, length), 0, seed), [hash], `${length} bytes in memory, seed ${seed}`)
  }
})

test('each frame of several has the seed of its number, and the last may be short', () => {
  const bytes = sanityBytes(3 * FRAME + 1000)
  bytes.copy(inMemory)
  const single = [0, 1, 2, 3].flatMap((at) =>
    sumsOf(bytes.subarray(at * FRAME, (at + 1) * FRAME), 0, 7n ^ BigInt(5 + at)),
  )
  assert.equal(new Set(single).size, 4)
  assert.deepEqual(sumsOf(bytes, 5, 7n), single)
  assert.deepEqual(sumsOf(inMemory.subarray(0, bytes.length), 5, 7n), single)
})

test('a number above 2³¹ is no negative one', () => {
  const bytes = sanityBytes(300)
  assert.deepEqual(sumsOf(bytes, 0x8000_0001, 0n), sumsOf(bytes, 0, 0x8000_0001n))
})

test('bytes at odd addresses have the same hash', () => {
  const bytes = sanityBytes(1000)
  const expected = sumsOf(bytes, 0, 1n)
  for (let offset = 1; offset < 16; offset++) {
    const moved = inMemory.subarray(offset, offset + 1000)
    bytes.copy(moved)
    assert.deepEqual(sumsOf(moved, 0, 1n), expected, `${offset}`)
  }
})
