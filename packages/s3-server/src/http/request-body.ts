import type { IncomingMessage, ServerResponse } from 'node:http'
import { freeMemory } from '../memory/free-memory.ts'
import { MinimumRate } from './minimum-rate.ts'
import type { RateLimit } from './minimum-rate.ts'
import { S3Error } from '../s3-error.ts'

/** Bytes of an unread body that are worth reading so that the connection can go on. */
const DRAIN_BYTES = 1_048_576

/** The bytes of a request as they come; nothing is read, and no `100 Continue` sent, before someone asks. */
export class RequestBody {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #expectsContinue: boolean
  readonly #rate: MinimumRate
  #started = false
  #ended = false
  #received = 0
  #isTooSlow = false
  /** Since when the client is waited for, in the process's milliseconds. */
  #waitingSince: number | undefined
  /** From Content-Length; undefined with Transfer-Encoding or when there is no body. */
  readonly length: number | undefined
  readonly isChunkedTransfer: boolean

  constructor(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean, rate: RateLimit) {
    this.#request = request
    this.#response = response
    this.#expectsContinue = expectsContinue
    this.#rate = new MinimumRate(rate)
    const length = request.headers['content-length']
    this.length = length === undefined ? undefined : Number(length)
    this.isChunkedTransfer = request.headers['transfer-encoding'] !== undefined
  }

  /**
   * @param memory 'lent': a piece is good only until the next one is asked for
   * @throws S3Error IncompleteBody when the client goes away before the end, RequestTimeout when it is too slow
   */
  async *read(memory: 'own' | 'lent' = 'own'): AsyncGenerator<Buffer, void, undefined> {
    if (this.#started) throw new Error('a body is read once')
    this.#started = true
    if (this.#expectsContinue) this.#response.writeContinue()
    try {
      // A consumer that stops early must not take the connection with it: the error still has to be answered.
      let since = (this.#waitingSince = performance.now())
      for await (const piece of this.#request.iterator({ destroyOnReturn: false })) {
        const chunk = piece as Buffer
        this.#received += chunk.length
        this.#waitingSince = undefined
        if (!this.#rate.take(performance.now() - since, chunk.length)) {
          this.#isTooSlow = true
          throw new S3Error('RequestTimeout')
        }
        yield chunk
        if (memory === 'lent') freeMemory(chunk)
        since = this.#waitingSince = performance.now()
      }
    } catch (error) {
      if (error instanceof S3Error) throw error
      throw new S3Error('IncompleteBody', { cause: error })
    } finally {
      this.#waitingSince = undefined
    }
    this.#ended = true
  }

  /** Bytes that were read so far. */
  get received(): number {
    return this.#received
  }

  /** Milliseconds for which a reader has been waiting for the next bytes; 0 when none is. Framing is not counted as bytes. */
  silentFor(now: number): number {
    return this.#waitingSince === undefined ? 0 : now - this.#waitingSince
  }

  /** Whether all of it has come, read or dropped. */
  get isComplete(): boolean {
    return this.#request.complete
  }

  /** Whether the connection can be used again once what is left of the body has been read and dropped. */
  get canDrain(): boolean {
    if (this.#ended || this.#request.complete) return true
    if (this.#isTooSlow) return false
    if (this.#expectsContinue && !this.#started) return false
    return !this.isChunkedTransfer && (this.length ?? 0) <= DRAIN_BYTES
  }
}
