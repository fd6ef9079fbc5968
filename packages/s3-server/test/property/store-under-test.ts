import { send } from '../raw-request.ts'
import type { RawAnswer, RawRequest } from '../raw-request.ts'
import { startServerProcess, startServerUnder } from '../server-process.ts'
import type { ServerProcess } from '../server-process.ts'
import { Difference } from './difference.ts'
import { losePower } from './lose-power.ts'
import type { Random } from './random.ts'

export interface Exchange {
  /** Milliseconds; comparable among all exchanges. */
  readonly start: number
  readonly end: number
  /** Undefined when the server was killed before it had answered. */
  readonly answer: RawAnswer | undefined
}

/** Up to here the server reads what it has refused, so that the connection can go on. */
const DRAINED_BYTES = 1024 ** 2

const RECORDER = new URL('record-syncs.ts', import.meta.url).href

/** A copy whose source was overwritten under way may simply be tried again: the line of such an answer is no error. */
const TRY_AGAIN = /^\{"id".*"operation":"CopyObject",.*"status":503,/

/** The server as a process of its own on one directory, which may be killed and started again. */
export class StoreUnderTest implements AsyncDisposable {
  readonly dataDir: string
  readonly #power: Random | undefined
  #server: ServerProcess | undefined
  #death: Promise<number> | undefined

  /** @param power where there is one, each kill is a loss of power too, and this says what is lost */
  constructor(dataDir: string, power?: Random) {
    this.dataDir = dataDir
    this.#power = power
  }

  /** @throws Difference when it does not start, as after a crash that it can't deal with */
  async start(): Promise<void> {
    const log = `${this.dataDir}.syncs`
    if (this.#power !== undefined && this.#death !== undefined) losePower(this.#power, this.dataDir, log)
    try {
      this.#server =
        this.#power === undefined
          ? await startServerProcess(this.dataDir)
          : await startServerUnder(['--import', RECORDER], { SYNC_LOG: log }, this.dataDir)
    } catch (error) {
      throw new Difference(`the server did not start: ${String(error)}`)
    }
    this.#death = undefined
  }

  get #running(): ServerProcess {
    if (this.#server === undefined) throw new Error('not started')
    return this.#server
  }

  get url(): string {
    return this.#running.url
  }

  get isKilled(): boolean {
    return this.#death !== undefined
  }

  /** Kill -9. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#death ??= this.#running.stop('SIGKILL').then(() => performance.now())
    await this.#death
  }

  /** @throws Difference when the server does not answer though nobody killed it, or answers InternalError */
  async send(request: RawRequest): Promise<Exchange> {
    const start = performance.now()
    const server = this.#running
    try {
      const answer = await send(server.url, request)
      if (answer.status === 500) {
        throw new Difference(`${request.method} ${request.path}: ${answer.text}\n${server.errors()}`)
      }
      return { start, end: performance.now(), answer }
    } catch (error) {
      if (error instanceof Difference) throw error
      // A large body that is refused is not read to its end, and then the answer may be lost on the way.
      const isHungUpOn = Buffer.byteLength(request.body ?? '') > DRAINED_BYTES
      if (this.#death === undefined && isHungUpOn) return { start, end: performance.now(), answer: undefined }
      if (this.#death === undefined) {
        throw new Difference(`${request.method} ${request.path}: ${String(error)}, and nobody killed the server.
${server.errors()}`)
      }
      return { start, end: await this.#death, answer: undefined }
    }
  }

  /** Stops it as an operator does. @throws Difference when it does not end well */
  async stop(): Promise<void> {
    const server = this.#running
    const code = await server.stop('SIGTERM')
    const errors = server
      .errors()
      .split('\n')
      .filter((line) => line !== '' && !TRY_AGAIN.test(line))
    if (code !== 0 || errors.length > 0) throw new Difference(`the server ended with ${code}: ${errors.join('\n')}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.stop('SIGKILL')
  }
}
