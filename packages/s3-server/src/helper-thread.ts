import { Worker } from 'node:worker_threads'

/** Milliseconds that a thread outlives its last use: starting one takes some 50, and each takes 10 MB and more. */
const IDLE = 2000

/** How requests go to the thread, and answers come back. */
export interface Numbered<Content> {
  readonly number: number
  readonly content: Content
}

/** A use of a thread. */
export interface HeldThread<Request, Answer> extends Disposable {
  /**
   * Requests arrive in their order; the thread may answer in another.
   *
   * @throws Error when the thread has failed, or was closed
   */
  ask(request: Request): Promise<Answer>
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

/** A thread that runs, or has ended. */
class Run<Request, Answer> {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting<Answer>>()
  readonly #onEnd: () => void
  #numbers = 0
  #failure: Error | undefined
  holds = 0

  constructor(file: URL, data: unknown, onEnd: () => void) {
    this.#onEnd = onEnd
    this.#worker = new Worker(file, {
      workerData: data,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      // What they work on lies outside: there is nothing to grow for.
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
    })
    this.#worker.unref()
    this.#worker.on('message', ({ number, content }: Numbered<Answer>) => {
      this.#waiting.get(number)?.resolve(content)
      this.#waiting.delete(number)
    })
    this.#worker.on('error', (cause) => {
      this.#fail(cause)
    })
    this.#worker.on('exit', () => {
      this.#fail(undefined)
    })
  }

  ask(content: Request): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    this.#numbers += 1
    const number = this.#numbers
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject })
      this.#worker.postMessage({ number, content } satisfies Numbered<Request>)
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #fail(cause: unknown): void {
    this.#failure ??= new Error('a helper thread has ended', { cause })
    for (const { reject } of this.#waiting.values()) reject(this.#failure)
    this.#waiting.clear()
    this.#onEnd()
  }
}

/**
 * A thread beside the server's, which is started when it is needed and ends when it was not for a while. When it fails, what
 * was asked of it fails too, and the next use starts another.
 */
export class HelperThread<Request, Answer> {
  readonly #file: URL
  readonly #data: unknown
  #run: Run<Request, Answer> | undefined
  #idle: NodeJS.Timeout | undefined

  /** @param file answers each `Numbered<Request>` with one `Numbered<Answer>` of the same number */
  constructor(file: URL, data?: unknown) {
    this.#file = file
    this.#data = data
  }

  /** Uses that have not ended. */
  get holds(): number {
    return this.#run?.holds ?? 0
  }

  /** The thread lives until this is disposed. */
  hold(): HeldThread<Request, Answer> {
    clearTimeout(this.#idle)
    const run = (this.#run ??= this.#start())
    run.holds += 1
    let isHeld = true
    return {
      ask: (request) => run.ask(request),
      [Symbol.dispose]: () => {
        if (!isHeld) return
        isHeld = false
        run.holds -= 1
        if (this.holds > 0) return
        clearTimeout(this.#idle)
        this.#idle = setTimeout(() => void this.close(), IDLE).unref()
      },
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const run = this.#run
    this.#run = undefined
    await run?.end()
  }

  #start(): Run<Request, Answer> {
    const run = new Run<Request, Answer>(this.#file, this.#data, () => {
      if (this.#run === run) this.#run = undefined
    })
    return run
  }
}
