import { createHash } from 'node:crypto'
import { Readable, Transform } from 'node:stream'
import type { TransformCallback } from 'node:stream'

/** The bytes of an answer on their way into a request. */
export interface Transfer {
  readonly body: Readable
  readonly signal: AbortSignal
  /** Hex; of what has passed so far. */
  readonly md5: () => string
}

/** A body that breaks off before anybody reads it would else end the program. */
export const holdErrors = <T extends { readonly Body?: unknown }>(answer: T): T => {
  if (answer.Body instanceof Readable) answer.Body.on('error', () => undefined)
  return answer
}

/**
 * Lets a body pass from an answer into a request, a few buffers at a time. A body that breaks ends the request too, with
 * the error of the body.
 *
 * @param source the body of an answer that went through `holdErrors`
 */
export const transfer = async <T>(source: unknown, send: (transfer: Transfer) => Promise<T>): Promise<T> => {
  if (!(source instanceof Readable)) throw new Error('an answer without a body')
  const hash = createHash('md5')
  const body = new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const abort = new AbortController()
  let broken: Error | undefined
  source.once('error', (error) => {
    broken = error
    abort.abort()
    body.destroy()
  })
  body.on('error', () => undefined)
  source.pipe(body)
  try {
    if (source.errored !== null) throw source.errored
    return await send({ body, signal: abort.signal, md5: () => hash.copy().digest('hex') })
  } catch (error) {
    throw broken ?? error
  } finally {
    source.destroy()
    body.destroy()
  }
}
