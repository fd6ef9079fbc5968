import { makeWasm, WasmCode } from './wasm-code.ts'

const [PRIME_1, PRIME_2, PRIME_3, PRIME_4, PRIME_5] = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const

/** Bytes that are taken at once. */
const STRIPE = 32

/** @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, XXH64 */
const writeXxh64 = (): WasmCode => {
  const code = new WasmCode(['i32', 'i32', 'i64'], 'i64')
  const [at, left, seed] = [0, 1, 2]
  const length = code.local('i32')
  const hash = code.local('i64')
  const lanes = [0, 1, 2, 3].map(() => code.local('i64'))

  /** Takes the 8 bytes on the stack into the lane on the stack below them. */
  const round = (): WasmCode =>
    code.constantI64(PRIME_2).i64('mul', 'add').constantI64(31n).i64('rotl').constantI64(PRIME_1).i64('mul')
  const advance = (bytes: number): void => {
    code.get(at).constantI32(bytes).i32('add').set(at)
    code.get(left).constantI32(bytes).i32('sub').set(left)
  }
  const hasLeft = (bytes: number): WasmCode => code.get(left).constantI32(bytes).i32('ge_u')
  /** The number on the stack mixed into the hash. */
  const mix = (turn: bigint, factor: bigint, summand: bigint): void => {
    code.get(hash).i64('xor').constantI64(turn).i64('rotl').constantI64(factor).i64('mul')
    code.constantI64(summand).i64('add').set(hash)
  }

  code.get(left).set(length)
  code.get(seed).constantI64(PRIME_5).i64('add').set(hash)
  hasLeft(STRIPE).if(() => {
    const starts = [PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1]
    for (const [lane, local] of lanes.entries())
      code
        .get(seed)
        .constantI64(starts[lane] ?? 0n)
        .i64('add')
        .set(local)
    code.while(
      () => hasLeft(STRIPE),
      () => {
        for (const [lane, local] of lanes.entries()) {
          code.get(local, at).loadI64(8 * lane)
          round().set(local)
        }
        advance(STRIPE)
      },
    )
    code.constantI64(0n)
    for (const [lane, local] of lanes.entries()) {
      code
        .get(local)
        .constantI64([1n, 7n, 12n, 18n][lane] ?? 0n)
        .i64('rotl', 'add')
    }
    code.set(hash)
    for (const local of lanes) {
      code.get(hash).constantI64(0n).get(local)
      round().i64('xor').constantI64(PRIME_1).i64('mul').constantI64(PRIME_4).i64('add').set(hash)
    }
  })
  code.get(hash, length).i64('extend_i32_u', 'add').set(hash)
  code.while(
    () => hasLeft(8),
    () => {
      code.constantI64(0n).get(at).loadI64(0)
      round()
      mix(27n, PRIME_1, PRIME_4)
      advance(8)
    },
  )
  hasLeft(4).if(() => {
    code.get(at).loadI32(0).i64('extend_i32_u').constantI64(PRIME_1).i64('mul')
    mix(23n, PRIME_2, PRIME_3)
    advance(4)
  })
  code.while(
    () => hasLeft(1),
    () => {
      code.get(at).loadByte(0).i64('extend_i32_u').constantI64(PRIME_5).i64('mul')
      mix(11n, PRIME_1, 0n)
      advance(1)
    },
  )
  for (const [shift, factor] of [
    [33n, PRIME_2],
    [29n, PRIME_3],
  ] as const) {
    code.get(hash, hash).constantI64(shift).i64('shr_u', 'xor').constantI64(factor).i64('mul').set(hash)
  }
  return code.get(hash, hash).constantI64(32n).i64('shr_u', 'xor')
}

type Function64 = (address: number, length: number, seed: bigint) => bigint

/** XXH64 of bytes in a shared WebAssembly memory, or of a few elsewhere. */
export class Xxh64 {
  readonly #bytes: Buffer
  readonly #scratch: Buffer
  readonly #xxh64: Function64

  /** @param scratch a part of the memory that is for this alone: bytes that lie elsewhere are copied there */
  constructor(memory: WebAssembly.Memory, scratch: Buffer) {
    this.#bytes = Buffer.from(memory.buffer)
    this.#scratch = scratch
    this.#xxh64 = makeWasm({ xxh64: writeXxh64() }, memory)['xxh64'] as Function64
  }

  /**
   * An unsigned number of 64 bits.
   *
   * @param bytes in the memory, or not longer than the scratch
   * @param seed 64 bits
   */
  hash(bytes: Uint8Array, seed: bigint): bigint {
    if (bytes.buffer === this.#bytes.buffer) return this.#run(bytes.byteOffset, bytes.length, seed)
    this.#scratch.set(bytes)
    return this.#run(this.#scratch.byteOffset, bytes.length, seed)
  }

  #run(address: number, length: number, seed: bigint): bigint {
    return BigInt.asUintN(64, this.#xxh64(address, length, seed))
  }
}
