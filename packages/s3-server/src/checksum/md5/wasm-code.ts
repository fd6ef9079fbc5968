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
const signed = (value: number): number[] => {
  const bytes: number[] = []
  let rest = value | 0
  while (rest < -64 || rest > 63) {
    bytes.push((rest & 127) | 128)
    rest >>= 7
  }
  return [...bytes, rest & 127]
}

const list = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()]

const text = (value: string): number[] => [...unsigned(value.length), ...Buffer.from(value)]

const I32 = 0x7f
const V128 = 0x7b

const I32_OPERATIONS = { add: 0x6a, sub: 0x6b, and: 0x71, or: 0x72, xor: 0x73, rotl: 0x77 } as const
/** Those on four 32-bit numbers at once are named as those on one. */
const V128_OPERATIONS = {
  not: 77,
  and: 78,
  andnot: 79,
  or: 80,
  xor: 81,
  shl: 171,
  shr: 173,
  add: 174,
} as const

/** The body of a function that takes 32-bit integers and gives nothing, as it is written instruction by instruction. */
export class WasmCode {
  readonly parameters: number
  readonly #integers: number
  #vectors = 0
  readonly #bytes: number[] = []

  /** @param integers 32-bit locals beside the parameters; they follow them */
  constructor(parameters: number, integers: number) {
    this.parameters = parameters
    this.#integers = integers
  }

  /** A new local of 128 bits. */
  vector(): number {
    this.#vectors += 1
    return this.parameters + this.#integers + this.#vectors - 1
  }

  get(...locals: readonly number[]): this {
    for (const local of locals) this.#bytes.push(0x20, ...unsigned(local))
    return this
  }

  set(local: number): this {
    this.#bytes.push(0x21, ...unsigned(local))
    return this
  }

  constant(value: number): this {
    this.#bytes.push(0x41, ...signed(value))
    return this
  }

  i32(...names: readonly (keyof typeof I32_OPERATIONS)[]): this {
    for (const name of names) this.#bytes.push(I32_OPERATIONS[name])
    return this
  }

  /** Of the address on the stack, and `offset` bytes on. */
  loadI32(offset: number): this {
    this.#bytes.push(0x28, 2, ...unsigned(offset))
    return this
  }

  storeI32(offset: number): this {
    this.#bytes.push(0x36, 2, ...unsigned(offset))
    return this
  }

  v128(...names: readonly (keyof typeof V128_OPERATIONS)[]): this {
    for (const name of names) this.#bytes.push(0xfd, ...unsigned(V128_OPERATIONS[name]))
    return this
  }

  loadV128(offset: number): this {
    this.#bytes.push(0xfd, 0, 0, ...unsigned(offset))
    return this
  }

  storeV128(offset: number): this {
    this.#bytes.push(0xfd, 11, 0, ...unsigned(offset))
    return this
  }

  /** The same number four times. */
  constantV128(value: number): this {
    const bytes = [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]
    this.#bytes.push(0xfd, 12, ...bytes, ...bytes, ...bytes, ...bytes)
    return this
  }

  /** Four of the eight numbers of the two vectors on the stack. */
  shuffle(words: readonly [number, number, number, number]): this {
    this.#bytes.push(0xfd, 13, ...words.flatMap((word) => [4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3]))
    return this
  }

  /** Repeats `body` until it leaves 0 on the stack. */
  repeat(body: () => void): this {
    this.#bytes.push(0x03, 0x40)
    body()
    this.#bytes.push(0x0d, 0, 0x0b)
    return this
  }

  /** The function with its locals, as a module holds it. */
  encode(): number[] {
    const locals = list([
      [...unsigned(this.#integers), I32],
      [...unsigned(this.#vectors), V128],
    ])
    const size = unsigned(locals.length + this.#bytes.length + 1)
    return [...size, ...locals, ...this.#bytes, 0x0b]
  }
}

/** What every module begins with, and its version. */
const HEAD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/**
 * A module of functions that work on a shared memory, which it imports as `memory.memory`.
 *
 * @param pages of 64 KiB that the memory has at most
 * @see https://webassembly.github.io/spec/core/binary/modules.html
 */
export const wasmModule = (functions: Readonly<Record<string, WasmCode>>, pages: number): Uint8Array<ArrayBuffer> => {
  const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content]
  const all = Object.entries(functions)
  const types = all.map(([, { parameters }]) => [0x60, ...list(Array.from({ length: parameters }, () => [I32])), 0])
  const memory = [...text('memory'), ...text('memory'), 2, 3, ...unsigned(1), ...unsigned(pages)]
  return Uint8Array.from([
    ...HEAD,
    ...section(1, list(types)),
    ...section(2, list([memory])),
    ...section(3, list(all.map((_, at) => unsigned(at)))),
    ...section(7, list(all.map(([name], at) => [...text(name), 0, ...unsigned(at)]))),
    ...section(10, list(all.map(([, code]) => code.encode()))),
  ])
}
