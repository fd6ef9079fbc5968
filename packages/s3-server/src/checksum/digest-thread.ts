import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { DigestName } from './digest-set.ts'

const WORKER = new URL(`./digest-worker${extname(import.meta.url)}`, import.meta.url)

/** Bytes handed over at once. */
export const SLOT_BYTES = 262_144
/** How many of those may wait for the thread, of all streams together. */
const SLOTS = 16
const ALL_SLOTS: readonly number[] = Array.from({ length: SLOTS }, (_, slot) => slot)

export type DigestRequest =
  | { readonly kind: 'begin'; readonly stream: number; readonly names: readonly DigestName[] }
  | { readonly kind: 'update'; readonly stream: number; readonly slot: number; readonly bytes: number }
  | { readonly kind: 'end' | 'abandon'; readonly stream: number }

export type DigestResults = readonly (readonly [DigestName, Uint8Array])[]

export type DigestReply =
  | { readonly kind: 'free'; readonly slot: number }
  | { readonly kind: 'results'; readonly stream: number; readonly results: DigestResults }

/** One stream that is digested in the thread. */
export interface RemoteDigests {
  /** Resolves when the chunk was taken, whose memory may then be used again. Large chunks cost less. */
  update(chunk: Uint8Array): Promise<void>
  end(): Promise<DigestResults>
  abandon(): void
}

interface Waiting<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

/**
 * Digests large streams in a thread of its own: MD5, which every object's ETag needs, costs as much as all else that is done
 * with its bytes.
 */
export class DigestThread {
  readonly #memory = new SharedArrayBuffer(SLOT_BYTES * SLOTS)
  readonly #bytes = new Uint8Array(this.#memory)
  #free = [...ALL_SLOTS]
  readonly #waiting: Waiting<number>[] = []
  readonly #results = new Map<number, Waiting<DigestResults>>()
  #worker: Worker | undefined
  #streams = 0

  begin(names: readonly DigestName[]): RemoteDigests {
    this.#streams += 1
    const stream = this.#streams
    this.#post({ kind: 'begin', stream, names })
    return {
      update: async (chunk) => {
        for (let at = 0; at < chunk.length; at += SLOT_BYTES) {
          const part = chunk.subarray(at, at + SLOT_BYTES)
          const slot = this.#free.pop() ?? (await this.#waitForSlot())
          this.#bytes.set(part, slot * SLOT_BYTES)
          this.#post({ kind: 'update', stream, slot, bytes: part.length })
        }
      },
      end: () =>
        new Promise<DigestResults>((resolve, reject) => {
          this.#results.set(stream, { resolve, reject })
          this.#post({ kind: 'end', stream })
        }),
      abandon: () => {
        this.#post({ kind: 'abandon', stream })
      },
    }
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #waitForSlot(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
    })
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
    worker.on('message', (reply: DigestReply) => {
      if (reply.kind === 'free') {
        const next = this.#waiting.shift()
        if (next === undefined) this.#free.push(reply.slot)
        else next.resolve(reply.slot)
        return
      }
      this.#results.get(reply.stream)?.resolve(reply.results)
      this.#results.delete(reply.stream)
    })
    worker.on('error', (cause) => {
      // Streams under way are lost; the next one starts another thread.
      const failure = new Error('the thread that digests has ended', { cause })
      for (const { reject } of [...this.#waiting.splice(0), ...this.#results.values()]) reject(failure)
      this.#results.clear()
      this.#free = [...ALL_SLOTS]
      this.#worker = undefined
    })
    return worker
  }
}
