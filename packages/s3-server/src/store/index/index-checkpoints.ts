import { once } from 'node:events'
import { statfsSync, statSync } from 'node:fs'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

const WORKER = new URL(`./checkpoint-worker${extname(import.meta.url)}`, import.meta.url)

const MIB = 1024 * 1024
/** Bytes by which SQLite's log has grown when they are copied into the index; fewer on a small disk. */
const STEP_BYTES = 4 * MIB
/**
 * How many steps the log grows by before it begins anew: all of it must have been copied, so that a short stop of the writer is
 * needed.
 */
const RESET_STEPS = 8
/** Groups of changes between two looks at the log. */
const LOOK_EVERY = 16

/**
 * Copies what SQLite's log has into the index, where it is synced, in a thread: done by the commit that finds the log full,
 * as SQLite does by itself, everybody would wait for it.
 */
export class IndexCheckpoints {
  readonly #path: string
  readonly #reset: () => Promise<void>
  readonly #step: number
  #worker: Worker | undefined
  #running: Promise<void> | undefined
  #groups = 0
  /** Bytes of the log that were copied. */
  #copied = 0

  /** @param reset copies the little that is left while nothing is written, so that the log can begin anew */
  constructor(path: string, reset: () => Promise<void>) {
    this.#path = path
    this.#reset = reset
    const { blocks, bsize } = statfsSync(path)
    this.#step = Math.min(STEP_BYTES, (blocks * bsize) / 128)
  }

  /** To be called after each group of changes. */
  consider(): void {
    this.#groups += 1
    if (this.#running !== undefined || this.#groups % LOOK_EVERY !== 0) return
    const { size } = statSync(`${this.#path}-wal`)
    if (size < this.#copied) this.#copied = 0
    if (size - this.#copied < this.#step) return
    this.#running = this.#run(size)
      .catch(() => {
        // The thread has ended, which would never answer again. Till the next one, SQLite's own checkpoint stays behind.
        this.#worker = undefined
      })
      .finally(() => {
        this.#running = undefined
      })
  }

  async close(): Promise<void> {
    await this.#running
    await this.#worker?.terminate()
  }

  async #run(size: number): Promise<void> {
    this.#worker ??= new Worker(WORKER, { workerData: this.#path })
    this.#worker.unref()
    const answered = once(this.#worker, 'message')
    this.#worker.postMessage(undefined)
    const [failure] = (await answered) as [string | undefined]
    if (failure !== undefined) return
    this.#copied = size
    if (size < this.#step * RESET_STEPS) return
    await this.#reset()
    this.#copied = 0
  }
}
