import { makeWasm, WasmCode } from './wasm-code.ts'

const PRIME32_1 = 0x9e3779b1n
const PRIME32_2 = 0x85ebca77n
const PRIME32_3 = 0xc2b2ae3dn
const PRIME64_1 = 0x9e3779b185ebca87n
const PRIME64_2 = 0xc2b2ae3d27d4eb4fn
const PRIME64_3 = 0x165667b19e3779f9n
const PRIME64_4 = 0x85ebca77c2b2ae63n
const PRIME64_5 = 0x27d4eb2f165667c5n
const PRIME_MIX = 0x165667919e3779f9n

const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
    '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
)
/** Bytes of a vector. */
const VECTOR = 16
/** Bytes that are taken at once: a vector for each lane. */
const STRIPE = 64
/** Each stripe of a block takes the secret from 8 bytes further on; after a block the lanes are scrambled. */
const STRIPES = 16
const BLOCK = STRIPES * STRIPE
/** Where in the secret begins what a block's end, the last stripe and the last mixing take. */
const SCRAMBLE_FROM = SECRET.length - STRIPE
const LAST_FROM = SECRET.length - STRIPE - 7
const MERGE_FROM = 11

/** Shorter bytes have another XXH3, which is not here. */
export const XXH3_LEAST_BYTES = 241
/** Bytes of one sum. */
const SUM_BYTES = 8

const pairOf = (low: bigint, high: bigint): Buffer => {
  const bytes = Buffer.alloc(VECTOR)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, low))
  bytes.writeBigUInt64LE(BigInt.asUintN(64, high), 8)
  return bytes
}

/** One of the four pairs of 64-bit numbers that stripes are taken into. */
interface Lane {
  readonly at: number
  readonly start: Buffer
  readonly sum: number
  readonly data: number
  readonly keyed: number
}

/**
 * A function that writes the XXH3 of frame after frame, each seeded with `seed` xor its number.
 *
 * Parameters: the address and length of the bytes, the length of a frame, the number of the first, the seed, the address of
 * room for the secret of a seed, and where the sums go.
 *
 * @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, XXH3 of 64 bits, large inputs
 */
const writeXxh3 = (): WasmCode => {
  const code = new WasmCode(['i32', 'i32', 'i32', 'i32', 'i64', 'i32', 'i32'])
  const [at, left, frameBytes, frame, seed, secret, out] = [0, 1, 2, 3, 4, 5, 6]
  const [size, rest, key] = [code.local('i32'), code.local('i32'), code.local('i32')]
  const [hash, a, b, cross] = [code.local('i64'), code.local('i64'), code.local('i64'), code.local('i64')]
  const [lows, highs, seeds] = [code.local('v128'), code.local('v128'), code.local('v128')]
  const lane = (index: number, start: Buffer): Lane => {
    const [sum, data, keyed] = [code.local('v128'), code.local('v128'), code.local('v128')]
    return { at: VECTOR * index, start, sum, data, keyed }
  }
  const pairs = [
    [lane(0, pairOf(PRIME32_3, PRIME64_1)), lane(1, pairOf(PRIME64_2, PRIME64_3))],
    [lane(2, pairOf(PRIME64_4, PRIME32_2)), lane(3, pairOf(PRIME64_5, PRIME32_1))],
  ] as const
  const lanes = pairs.flat()

  const add = (local: number, value: number): WasmCode => code.get(local).constantI32(value).i32('add').set(local)
  const isAbove = (local: number, value: number): WasmCode =>
    code
      .get(local)
      .constantI32(value + 1)
      .i32('ge_u')

  const makeSecret = (): void => {
    // The seed, and what makes 0 of it.
    const upper = pairOf(0n, -1n)
    code.get(frame).i64('extend_i32_u').get(seed).i64('xor').i64x2('splat')
    code.constantBytes(upper).v128('xor').constantBytes(upper).i64x2('sub').set(seeds)
    for (let offset = 0; offset < SECRET.length; offset += VECTOR) {
      code.get(secret).constantBytes(SECRET.subarray(offset, offset + VECTOR))
      code.get(seeds).i64x2('add').storeV128(offset)
    }
  }

  /** Takes the stripe that is so many bytes after an address, with the secret that is so many after another. */
  const accumulate = (from: number, stripe: number, keyFrom: number, offset: number): void => {
    for (const each of lanes) {
      code
        .get(from)
        .loadV128(stripe + each.at)
        .set(each.data)
      code
        .get(each.data, keyFrom)
        .loadV128(offset + each.at)
        .v128('xor')
        .set(each.keyed)
    }
    for (const [first, second] of pairs) {
      code.get(first.keyed, second.keyed).shuffle([0, 2, 4, 6]).set(lows)
      code.get(first.keyed, second.keyed).shuffle([1, 3, 5, 7]).set(highs)
      for (const each of [first, second]) {
        code.get(each.sum, each.data, each.data).shuffle([2, 3, 0, 1]).i64x2('add').get(lows, highs)
        code.i64x2(each === first ? 'extmul_low_i32x4_u' : 'extmul_high_i32x4_u', 'add').set(each.sum)
      }
    }
  }

  const scramble = (): void => {
    for (const { at: offset, sum } of lanes) {
      code.get(sum, sum).constantI32(47).i64x2('shr_u').v128('xor')
      code
        .get(secret)
        .loadV128(SCRAMBLE_FROM + offset)
        .v128('xor')
      code.constantBytes(pairOf(PRIME32_1, PRIME32_1)).i64x2('mul').set(sum)
    }
  }

  /** Adds to the hash the lower half of the product of a and b, mixed with the upper half. */
  const addFolded = (): void => {
    const low = (local: number): WasmCode => code.get(local).constantI64(0xffff_ffffn).i64('and')
    const high = (local: number): WasmCode => code.get(local).constantI64(32n).i64('shr_u')
    high(a)
    low(b).i64('mul').set(cross)
    code.get(hash, a, b).i64('mul')
    low(a)
    low(b).i64('mul').constantI64(32n).i64('shr_u')
    low(cross).i64('add')
    low(a)
    high(b).i64('mul', 'add').constantI64(32n).i64('shr_u')
    high(cross).i64('add')
    high(a)
    high(b).i64('mul', 'add')
    code.i64('xor', 'add').set(hash)
  }

  const merge = (): void => {
    code.get(size).i64('extend_i32_u').constantI64(PRIME64_1).i64('mul').set(hash)
    for (const { at: offset, sum } of lanes) {
      for (const [half, local] of [a, b].entries()) {
        code.get(sum).lane64(half === 0 ? 0 : 1)
        code
          .get(secret)
          .loadI64(MERGE_FROM + offset + 8 * half)
          .i64('xor')
          .set(local)
      }
      addFolded()
    }
    code.get(hash, hash).constantI64(37n).i64('shr_u', 'xor').constantI64(PRIME_MIX).i64('mul').set(hash)
    code.get(out, hash, hash).constantI64(32n).i64('shr_u', 'xor').storeI64(0)
  }

  return code.while(
    () => code.get(left),
    () => {
      code.get(frameBytes).set(size)
      code
        .get(left, size)
        .i32('ge_u', 'eqz')
        .if(() => code.get(left).set(size))
      code.get(left, size).i32('sub').set(left)
      code.get(size).set(rest)
      makeSecret()
      for (const { start, sum } of lanes) code.constantBytes(start).set(sum)
      // Blocks and stripes that more follows.
      code.while(
        () => isAbove(rest, BLOCK),
        () => {
          for (let stripe = 0; stripe < STRIPES; stripe++) accumulate(at, stripe * STRIPE, secret, 8 * stripe)
          scramble()
          add(at, BLOCK)
          add(rest, -BLOCK)
        },
      )
      code.get(secret).set(key)
      code.while(
        () => isAbove(rest, STRIPE),
        () => {
          accumulate(at, 0, key, 0)
          add(key, 8)
          add(at, STRIPE)
          add(rest, -STRIPE)
        },
      )
      // The last 64 bytes, some of which were perhaps taken already.
      code.get(at, rest).i32('add').constantI32(STRIPE).i32('sub').set(at)
      accumulate(at, 0, secret, LAST_FROM)
      add(at, STRIPE)
      merge()
      add(out, SUM_BYTES)
      add(frame, 1)
    },
  )
}

type SumFrames = (
  address: number,
  length: number,
  frameBytes: number,
  frame: number,
  seed: bigint,
  secret: number,
  out: number,
) => void

/** XXH3 of frames in a shared WebAssembly memory, or of few bytes elsewhere. */
export class Xxh3 {
  readonly #memory: ArrayBufferLike
  readonly #frameBytes: number
  readonly #copy: Buffer
  readonly #secret: Buffer
  readonly #sums: Buffer
  readonly #sumFrames: SumFrames

  /** @param scratch a part of the memory that is for this alone, longer than a frame: bytes that lie elsewhere are copied there */
  constructor(memory: WebAssembly.Memory, scratch: Buffer, frameBytes: number) {
    this.#memory = memory.buffer
    this.#frameBytes = frameBytes
    this.#copy = scratch.subarray(0, frameBytes)
    this.#secret = scratch.subarray(frameBytes, frameBytes + SECRET.length)
    this.#sums = scratch.subarray(frameBytes + SECRET.length)
    this.#sumFrames = makeWasm({ sumFrames: writeXxh3() }, memory)['sumFrames'] as SumFrames
  }

  /**
   * Writes the sums of consecutive frames into a table, 8 bytes each, little-endian.
   *
   * @param bytes of frames that are whole, but for the last, which has at least 241 bytes
   * @param first its number, up to 2³²
   * @param seed 64 bits; each frame's is this xor its number
   * @param at the byte of the table where they begin
   */
  sum(bytes: Uint8Array, first: number, seed: bigint, table: Buffer, at: number): void {
    const isHere = bytes.buffer === this.#memory
    const step = isHere ? Math.floor(this.#sums.length / SUM_BYTES) : 1
    let [frame, to] = [first, at]
    for (let from = 0; from < bytes.length; from += step * this.#frameBytes) {
      const part = bytes.subarray(from, from + step * this.#frameBytes)
      if (!isHere) this.#copy.set(part)
      const address = isHere ? part.byteOffset : this.#copy.byteOffset
      const { byteOffset: secret } = this.#secret
      this.#sumFrames(address, part.length, this.#frameBytes, frame, seed, secret, this.#sums.byteOffset)
      const count = Math.ceil(part.length / this.#frameBytes)
      this.#sums.copy(table, to, 0, count * SUM_BYTES)
      frame += count
      to += count * SUM_BYTES
    }
  }
}
