import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { DigestName } from './digest-set.ts'

const WORKER = new URL(`./digest-worker${extname(import.meta.url)}`, import.meta.url)

export type DigestRequest =
  | { readonly kind: 'begin'; readonly stream: number; readonly names: readonly DigestName[] }
  | { readonly kind: 'update'; readonly stream: number; readonly address: number; readonly bytes: number }
  | { readonly kind: 'end' | 'abandon'; readonly stream: number }

export type DigestResults = readonly (readonly [DigestName, Uint8Array])[]

/** Requests of one stream are answered in their order, `begin` not at all. */
export interface DigestReply {
  readonly stream: number
  /** Of `end`. */
  readonly results?: DigestResults
}

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

interface Waiting {
  readonly resolve: (results: DigestResults) => void
  readonly reject: (error: Error) => void
}

/**
 * Digests large streams in a thread of its own: MD5, which every object's ETag needs, costs as much as all else that is done
 * with its bytes. Those of several streams that wait are digested side by side.
 */
export class DigestThread {
  readonly #memory: WebAssembly.Memory
  readonly #waiting = new Map<number, Waiting[]>()
  #worker: Worker | undefined
  #streams = 0

  /** @param memory where all pieces lie; its first page is the thread's own */
  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
  }

  begin(names: readonly DigestName[]): RemoteDigests {
    this.#streams += 1
    const stream = this.#streams
    const ask = (request: DigestRequest): Promise<DigestResults> =>
      new Promise((resolve, reject) => {
        const waiting = this.#waiting.get(stream)
        if (waiting === undefined) {
          reject(new Error('the thread that digests has ended'))
          return
        }
        waiting.push({ resolve, reject })
        this.#post(request)
      })
    this.#waiting.set(stream, [])
    this.#post({ kind: 'begin', stream, names })
    return {
      update: async (piece) => {
        if (piece.buffer !== this.#memory.buffer) throw new Error('a piece must lie in the shared memory')
        if (piece.length > 0) await ask({ kind: 'update', stream, address: piece.byteOffset, bytes: piece.length })
      },
      end: async () => {
        const results = await ask({ kind: 'end', stream })
        this.#waiting.delete(stream)
        return results
      },
      abandon: async () => {
        // A thread that has ended looks at nothing.
        await ask({ kind: 'abandon', stream }).catch(() => undefined)
        this.#waiting.delete(stream)
      },
    }
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #post(request: DigestRequest): void {
    this.#worker ??= this.#start()
    this.#worker.postMessage(request)
  }

  #start(): Worker {
    const worker = new Worker(WORKER, {
      workerData: this.#memory,
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    worker.unref()
    worker.on('message', ({ stream, results }: DigestReply) => {
      this.#waiting
        .get(stream)
        ?.shift()
        ?.resolve(results ?? [])
    })
    worker.on('error', (cause) => {
      // Streams under way are lost; the next one starts another thread.
      const failure = new Error('the thread that digests has ended', { cause })
      const lost = [...this.#waiting.values()].flat()
      this.#waiting.clear()
      this.#worker = undefined
      for (const { reject } of lost) reject(failure)
    })
    return worker
  }
}
