import { extname } from 'node:path'
import { HelperThread } from '../helper-thread.ts'
import type { DigestName } from './digest-set.ts'

const WORKER = new URL(`./digest-worker${extname(import.meta.url)}`, import.meta.url)

/** Requests of one stream are answered in their order. */
export type DigestRequest =
  | { readonly kind: 'begin'; readonly stream: number; readonly names: readonly DigestName[] }
  | { readonly kind: 'update'; readonly stream: number; readonly address: number; readonly bytes: number }
  | { readonly kind: 'end' | 'abandon'; readonly stream: number }

/** Empty but for `end`. */
export type DigestResults = readonly (readonly [DigestName, Uint8Array])[]

/** One stream that is digested in the thread. */
export interface RemoteDigests {
  /**
   * Resolves when the piece was digested, whose memory may then be used again. Others may come before.
   *
   * @param piece in the shared memory; 64 bytes or a multiple, but for the last
   */
  update(piece: Uint8Array): Promise<void>
  end(): Promise<DigestResults>
  /** Resolves when the thread does not look at its pieces any more. */
  abandon(): Promise<void>
}

/**
 * Digests large streams in a thread of its own: MD5, which every object's ETag needs, costs as much as all else that is done
 * with its bytes. Those of several streams that wait are digested side by side.
 */
export class DigestThread {
  readonly #memory: WebAssembly.Memory
  readonly #thread: HelperThread<DigestRequest, DigestResults>
  #streams = 0

  /** @param memory where all pieces lie; its first page is the thread's own */
  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
    this.#thread = new HelperThread(WORKER, memory)
  }

  begin(names: readonly DigestName[]): RemoteDigests {
    this.#streams += 1
    const stream = this.#streams
    const held = this.#thread.hold()
    // If it fails, so does what comes next.
    held.ask({ kind: 'begin', stream, names }).catch(() => undefined)
    return {
      update: async (piece) => {
        if (piece.buffer !== this.#memory.buffer) throw new Error('a piece must lie in the shared memory')
        if (piece.length > 0) await held.ask({ kind: 'update', stream, address: piece.byteOffset, bytes: piece.length })
      },
      end: async () => {
        const results = await held.ask({ kind: 'end', stream })
        held[Symbol.dispose]()
        return results
      },
      abandon: async () => {
        // A thread that has ended looks at nothing.
        await held.ask({ kind: 'abandon', stream }).catch(() => undefined)
        held[Symbol.dispose]()
      },
    }
  }

  async close(): Promise<void> {
    await this.#thread.close()
  }
}
