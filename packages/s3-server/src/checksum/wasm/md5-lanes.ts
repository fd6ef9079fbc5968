import { BLOCK_BYTES, md5Alone, md5Lanes } from './md5-code.ts'
import { makeWasm } from './wasm-code.ts'

/** Streams that can be digested at once. */
export const LANES = 8
const GROUP = 4

/** @see https://www.rfc-editor.org/rfc/rfc1321 section 3.3 */
const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476] as const

// Where in the memory what lies: from its beginning on, in a part that nobody else uses.
const TABLE = 64
const STATES = 128
const LAST_BLOCKS = 512

type Kernel = (table: number, states: number, blocks: number) => void

/** How far one stream is digested. */
export class Md5Stream {
  readonly state = Uint32Array.from(INITIAL)
  /** Bytes that were digested. */
  size = 0
}

interface Md5Input {
  readonly stream: Md5Stream
  /** Of its next bytes, in the memory. */
  readonly address: number
}

/** MD5 of several streams at once, whose bytes lie in a shared WebAssembly memory. The first 1 KiB of it is for this. */
export class Md5Lanes {
  readonly #words: Uint32Array
  readonly #bytes: Buffer
  readonly #alone: Kernel
  readonly #four: Kernel
  readonly #eight: Kernel

  constructor(memory: WebAssembly.Memory) {
    const { buffer } = memory
    this.#bytes = Buffer.from(buffer)
    this.#words = new Uint32Array(buffer)
    const exports = makeWasm({ alone: md5Alone(), four: md5Lanes(1), eight: md5Lanes(2) }, memory)
    this.#alone = exports['alone'] as Kernel
    this.#four = exports['four'] as Kernel
    this.#eight = exports['eight'] as Kernel
  }

  /**
   * Takes as many blocks of 64 bytes of each stream.
   *
   * @param inputs 1 to 8
   * @param blocks 1 or more
   */
  update(inputs: readonly Md5Input[], blocks: number): void {
    const lanes = inputs.length === 1 ? 1 : inputs.length <= GROUP ? GROUP : LANES
    for (let lane = 0; lane < lanes; lane++) {
      // Lanes that are left over compute what is not looked at.
      const { stream, address } = inputs[lane % inputs.length] as Md5Input
      this.#words[TABLE / 4 + lane] = address
      for (const [at, word] of stream.state.entries()) this.#words[this.#place(lanes, lane, at)] = word
    }
    const kernel = lanes === 1 ? this.#alone : lanes === GROUP ? this.#four : this.#eight
    kernel(TABLE, STATES, blocks)
    for (const [lane, { stream }] of inputs.entries()) {
      for (const at of INITIAL.keys()) stream.state[at] = this.#words[this.#place(lanes, lane, at)] ?? 0
      stream.size += blocks * BLOCK_BYTES
    }
  }

  /** @param rest bytes after the last block, fewer than 64 */
  end(stream: Md5Stream, rest: Uint8Array): Buffer {
    const bits = BigInt(stream.size + rest.length) * 8n
    const last = Buffer.alloc(rest.length < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES)
    last.set(rest)
    last[rest.length] = 0x80
    last.writeBigUInt64LE(bits & 0xffff_ffff_ffff_ffffn, last.length - 8)
    this.#bytes.set(last, LAST_BLOCKS)
    this.update([{ stream, address: LAST_BLOCKS }], last.length / BLOCK_BYTES)
    const digest = Buffer.alloc(16)
    for (const [at, word] of stream.state.entries()) digest.writeUInt32LE(word, 4 * at)
    return digest
  }

  /** Where a number of a stream's state lies, in words. */
  #place(lanes: number, lane: number, at: number): number {
    return STATES / 4 + (lanes === 1 ? at : Math.floor(lane / GROUP) * 16 + at * GROUP + (lane % GROUP))
  }
}
