import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sanityBytes } from '../../../test/sanity-bytes.ts'
import { Xxh64 } from './xxh64.ts'

const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true })
const scratch = Buffer.from(memory.buffer, 0, 65_536)
const xxh64 = new Xxh64(memory, scratch)

// As xxHash 0.8.1 has them.
const KNOWN: readonly (readonly [length: number, seed: bigint, hash: bigint])[] = [
  [0, 0x0n, 0xef46db3751d8e999n],
  [0, 0x9e3779b1n, 0xac75fda2929b17efn],
  [0, 0xffffffffffffffffn, 0x298f4c84b24f5380n],
  [1, 0x0n, 0xe934a84adb052768n],
  [1, 0x9e3779b1n, 0x5014607643a9b4c3n],
  [3, 0x0n, 0xff7e1959cb50794an],
  [3, 0x9e3779b1n, 0xaa8584e83660f7d1n],
  [4, 0x0n, 0x9136a0dca57457een],
  [4, 0x9e3779b1n, 0xcaab286bd8e9fdb5n],
  [7, 0x0n, 0x6c83909a9f01ed25n],
  [7, 0x9e3779b1n, 0xf98d03b1ad6f9293n],
  [8, 0x0n, 0xcdbcf538e71d1348n],
  [8, 0x9e3779b1n, 0xfe0c047a5353cdacn],
  [9, 0x0n, 0x554b1ae991eda6b6n],
  [9, 0x9e3779b1n, 0x7908265248f6d73fn],
  [14, 0x0n, 0x8282dcc4994e35c8n],
  [14, 0x9e3779b1n, 0xc3bd6bf63deb6df0n],
  [31, 0x0n, 0x299b39a290e6d783n],
  [31, 0x9e3779b1n, 0xda673d5feb5c1d79n],
  [31, 0xffffffffffffffffn, 0x6ed1061f61c686e5n],
  [32, 0x0n, 0x18b216492bb44b70n],
  [32, 0x9e3779b1n, 0xb3f33bdf93ade409n],
  [33, 0x0n, 0x55c8dc3e578f5b59n],
  [33, 0x9e3779b1n, 0xe92c292f64bc3071n],
  [63, 0x0n, 0xa9efbe0fa0f3f4e7n],
  [63, 0x9e3779b1n, 0x6c911fadb05b6fc2n],
  [64, 0x0n, 0xef558f8acac2b5cdn],
  [64, 0x9e3779b1n, 0xb5eeba99264cc44fn],
  [101, 0x0n, 0xa51ea2101b2d114cn],
  [101, 0x9e3779b1n, 0x6b38a5bbba1f049cn],
  [222, 0x0n, 0xb641ae8cb691c174n],
  [222, 0x9e3779b1n, 0x20cb8ab7ae10c14an],
  [222, 0xffffffffffffffffn, 0x61920bef9b9a65can],
  [1023, 0x0n, 0xaac72718b7620924n],
  [1023, 0x9e3779b1n, 0xe0935af8c59b7e98n],
  [65535, 0x0n, 0x43b8f81b46b383d6n],
  [65535, 0x9e3779b1n, 0xac1e15fb17d08732n],
  [65536, 0x0n, 0xb1f497aae57dea9dn],
  [65536, 0x9e3779b1n, 0xefed4e3c934e26e0n],
  [65536, 0xffffffffffffffffn, 0xcbe7b51bb2356246n],
]

test('the hashes of xxHash, of bytes in the memory and elsewhere', () => {
  const bytes = sanityBytes(65_536)
  const inMemory = Buffer.from(memory.buffer, 65_536)
  bytes.copy(inMemory)
  for (const [length, seed, hash] of KNOWN) {
    assert.equal(xxh64.hash(bytes.subarray(0, length), seed), hash, `${length} bytes, seed ${seed}`)
    assert.equal(xxh64.hash(inMemory.subarray(0, length), seed), hash, `${length} bytes in memory, seed ${seed}`)
  }
})

test('bytes at odd addresses have the same hash', () => {
  const bytes = sanityBytes(1000)
  const expected = xxh64.hash(bytes, 1n)
  for (let offset = 1; offset < 16; offset++) {
    const moved = Buffer.from(memory.buffer, 65_536 + offset, 1000)
    bytes.copy(moved)
    assert.equal(xxh64.hash(moved, 1n), expected, `${offset}`)
  }
})

test('more bytes than there is room for are refused', () => {
  assert.throws(() => xxh64.hash(Buffer.alloc(65_537), 0n), RangeError)
})
