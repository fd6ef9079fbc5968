import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { DigestName } from './digest-set.ts'

const WORKER = new URL(`./digest-worker${extname(import.meta.url)}`, import.meta.url)

/** Each is answered, in order. */
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
   * @param piece in the shared memory
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

/** A thread that runs, or has ended. */
class Run {
  readonly #worker: Worker
  readonly #onEnd: () => void
  /** In the order in which they asked. */
  readonly #waiting: Waiting[] = []
  #failure: Error | undefined

  constructor(memory: WebAssembly.Memory, onEnd: () => void) {
    this.#onEnd = onEnd
    this.#worker = new Worker(WORKER, {
      workerData: memory,
      // What it works on lies outside: there is nothing to grow for.
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
    })
    this.#worker.unref()
    this.#worker.on('message', (results: DigestResults) => this.#waiting.shift()?.resolve(results))
    this.#worker.on('error', (cause) => {
      this.#fail(cause)
    })
    this.#worker.on('exit', () => {
      this.#fail(undefined)
    })
  }

  ask(request: DigestRequest): Promise<DigestResults> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(request)
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #fail(cause: unknown): void {
    this.#failure ??= new Error('the thread that digests has ended', { cause })
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
    this.#onEnd()
  }
}

/**
 * Digests large streams in a thread of its own: MD5, which every object's ETag needs, costs as much as all else that is done
 * with its bytes. When the thread fails its streams fail too, and the next one starts another.
 */
export class DigestThread {
  readonly #memory: WebAssembly.Memory
  #run: Run | undefined
  #streams = 0

  /** @param memory where all pieces lie */
  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
  }

  begin(names: readonly DigestName[]): RemoteDigests {
    this.#streams += 1
    const stream = this.#streams
    const run = (this.#run ??= this.#start())
    // If it fails, so does what comes next.
    run.ask({ kind: 'begin', stream, names }).catch(() => undefined)
    return {
      update: async (piece) => {
        if (piece.buffer !== this.#memory.buffer) throw new Error('a piece must lie in the shared memory')
        if (piece.length > 0) await run.ask({ kind: 'update', stream, address: piece.byteOffset, bytes: piece.length })
      },
      end: () => run.ask({ kind: 'end', stream }),
      abandon: async () => {
        // A thread that has ended looks at nothing.
        await run.ask({ kind: 'abandon', stream }).catch(() => undefined)
      },
    }
  }

  async close(): Promise<void> {
    await this.#run?.end()
  }

  #start(): Run {
    const run = new Run(this.#memory, () => {
      if (this.#run === run) this.#run = undefined
    })
    return run
  }
}
