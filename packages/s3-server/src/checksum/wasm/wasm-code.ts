/** As WebAssembly writes unsigned numbers. */
const unsigned = (value: number): number[] => {
  const bytes: number[] = []
  let rest = value >>> 0
  while (rest >= 128) {
    bytes.push((rest & 127) | 128)
    rest >>>= 7
  }
  return [...bytes, rest]
}

/** As WebAssembly writes signed numbers. */
const signed = (value: bigint): number[] => {
  const bytes: number[] = []
  let rest = value
  while (rest < -64n || rest > 63n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  return [...bytes, Number(rest & 127n)]
}

const list = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()]

const text = (value: string): number[] => [...unsigned(value.length), ...Buffer.from(value)]

const TYPES = { i32: 0x7f, i64: 0x7e, v128: 0x7b } as const
export type WasmType = keyof typeof TYPES

const I32_OPERATIONS = {
  eqz: 0x45,
  ge_u: 0x4f,
  add: 0x6a,
  sub: 0x6b,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shr_u: 0x76,
  rotl: 0x77,
} as const
const I64_OPERATIONS = {
  add: 0x7c,
  sub: 0x7d,
  mul: 0x7e,
  and: 0x83,
  xor: 0x85,
  shr_u: 0x88,
  rotl: 0x89,
  extend_i32_u: 0xad,
} as const
/** Those on four 32-bit numbers at once are named as those on one. */
const V128_OPERATIONS = { not: 77, and: 78, or: 80, xor: 81, shl: 171, shr_u: 173, add: 174 } as const
/** Those on two 64-bit numbers at once; `extmul_…` multiplies the lower or upper two of four 32-bit numbers each. */
const I64X2_OPERATIONS = {
  splat: 18,
  shr_u: 205,
  add: 206,
  sub: 209,
  mul: 213,
  extmul_low_i32x4_u: 222,
  extmul_high_i32x4_u: 223,
} as const

/** The body of a function, as it is written instruction by instruction. */
export class WasmCode {
  readonly parameters: readonly WasmType[]
  /** Of what is left on the stack at the end, if anything is. */
  readonly result: WasmType | undefined
  readonly #locals: WasmType[] = []
  readonly #bytes: number[] = []

  constructor(parameters: readonly WasmType[], result?: WasmType) {
    this.parameters = parameters
    this.result = result
  }

  /** A new local; parameters are locals 0, 1, … */
  local(type: WasmType): number {
    return this.parameters.length + this.#locals.push(type) - 1
  }

  get(...locals: readonly number[]): this {
    for (const local of locals) this.#bytes.push(0x20, ...unsigned(local))
    return this
  }

  set(local: number): this {
    this.#bytes.push(0x21, ...unsigned(local))
    return this
  }

  i32(...names: readonly (keyof typeof I32_OPERATIONS)[]): this {
    for (const name of names) this.#bytes.push(I32_OPERATIONS[name])
    return this
  }

  i64(...names: readonly (keyof typeof I64_OPERATIONS)[]): this {
    for (const name of names) this.#bytes.push(I64_OPERATIONS[name])
    return this
  }

  v128(...names: readonly (keyof typeof V128_OPERATIONS)[]): this {
    for (const name of names) this.#bytes.push(0xfd, ...unsigned(V128_OPERATIONS[name]))
    return this
  }

  i64x2(...names: readonly (keyof typeof I64X2_OPERATIONS)[]): this {
    for (const name of names) this.#bytes.push(0xfd, ...unsigned(I64X2_OPERATIONS[name]))
    return this
  }

  /** One of the two 64-bit numbers of the vector on the stack. */
  lane64(lane: 0 | 1): this {
    this.#bytes.push(0xfd, 29, lane)
    return this
  }

  constantI32(value: number): this {
    this.#bytes.push(0x41, ...signed(BigInt.asIntN(32, BigInt(value))))
    return this
  }

  constantI64(value: bigint): this {
    this.#bytes.push(0x42, ...signed(BigInt.asIntN(64, value)))
    return this
  }

  /** The same 32-bit number four times. */
  constantV128(value: number): this {
    const bytes = [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]
    return this.constantBytes([...bytes, ...bytes, ...bytes, ...bytes])
  }

  /** @param bytes 16 of them, as they would be loaded */
  constantBytes(bytes: Iterable<number>): this {
    this.#bytes.push(0xfd, 12, ...bytes)
    return this
  }

  /** Loads of the address on the stack, and `offset` bytes on. Addresses need be no multiples of anything. */
  loadI32(offset: number): this {
    this.#bytes.push(0x28, 0, ...unsigned(offset))
    return this
  }

  loadByte(offset: number): this {
    this.#bytes.push(0x2d, 0, ...unsigned(offset))
    return this
  }

  loadI64(offset: number): this {
    this.#bytes.push(0x29, 0, ...unsigned(offset))
    return this
  }

  loadV128(offset: number): this {
    this.#bytes.push(0xfd, 0, 0, ...unsigned(offset))
    return this
  }

  storeI32(offset: number): this {
    this.#bytes.push(0x36, 0, ...unsigned(offset))
    return this
  }

  storeI64(offset: number): this {
    this.#bytes.push(0x37, 0, ...unsigned(offset))
    return this
  }

  storeV128(offset: number): this {
    this.#bytes.push(0xfd, 11, 0, ...unsigned(offset))
    return this
  }

  /** Four of the eight 32-bit numbers of the two vectors on the stack. */
  shuffle(words: readonly [number, number, number, number]): this {
    this.#bytes.push(0xfd, 13, ...words.flatMap((word) => [4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3]))
    return this
  }

  /** Repeats `body` while `condition` leaves something else than 0 on the stack. */
  while(condition: () => void, body: () => void): this {
    this.#bytes.push(0x02, 0x40, 0x03, 0x40)
    condition()
    this.i32('eqz')
    this.#bytes.push(0x0d, 1)
    body()
    this.#bytes.push(0x0c, 0, 0x0b, 0x0b)
    return this
  }

  /** Does `body` when what is on the stack is not 0. */
  if(body: () => void): this {
    this.#bytes.push(0x04, 0x40)
    body()
    this.#bytes.push(0x0b)
    return this
  }

  /** The function with its locals, as a module holds it. */
  encode(): number[] {
    const locals = list(this.#locals.map((type) => [1, TYPES[type]]))
    return [...unsigned(locals.length + this.#bytes.length + 1), ...locals, ...this.#bytes, 0x0b]
  }

  /** The type of the function. */
  encodeType(): number[] {
    const types = (all: readonly WasmType[]): number[] => list(all.map((type) => [TYPES[type]]))
    return [0x60, ...types(this.parameters), ...types(this.result === undefined ? [] : [this.result])]
  }
}

/** What every module begins with, and its version. */
const HEAD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/**
 * Makes functions that work on a shared memory.
 *
 * @param memory all of which is there from the beginning
 * @see https://webassembly.github.io/spec/core/binary/modules.html
 */
export const makeWasm = (
  functions: Readonly<Record<string, WasmCode>>,
  memory: WebAssembly.Memory,
): WebAssembly.Exports => {
  const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content]
  const all = Object.entries(functions)
  const pages = unsigned(memory.buffer.byteLength / 65_536)
  const bytes = Uint8Array.from([
    ...HEAD,
    ...section(1, list(all.map(([, code]) => code.encodeType()))),
    ...section(2, list([[...text('memory'), ...text('memory'), 2, 3, ...pages, ...pages]])),
    ...section(3, list(all.map((_, at) => unsigned(at)))),
    ...section(7, list(all.map(([name], at) => [...text(name), 0, ...unsigned(at)]))),
    ...section(10, list(all.map(([, code]) => code.encode()))),
  ])
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { memory: { memory } }).exports
}
