import { hash } from 'node:crypto'
import { EMPTY_SHA256 } from './canonical.ts'
import type { ChunkSeed } from './chunk-seed.ts'
import { chunkSignature, trailerSignature } from './chunk-signature.ts'
import type { ChunkedMode } from './chunked.ts'

export interface ChunkedEncoderOptions {
  readonly mode: ChunkedMode
  /** From `signRequest`; needed for the signed modes. */
  readonly seed?: ChunkSeed
}

/**
 * Writes an aws-chunked body, chunk by chunk. S3 wants every chunk but the last to have at least 8 KiB.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export class ChunkedEncoder {
  readonly #mode: ChunkedMode
  readonly #seed: ChunkSeed | undefined
  #previous: string

  /** @throws TypeError for a signed mode without a seed */
  constructor({ mode, seed }: ChunkedEncoderOptions) {
    if (mode !== 'chunked-unsigned-trailer' && seed === undefined) throw new TypeError('signed chunks need a seed')
    this.#mode = mode
    this.#seed = mode === 'chunked-unsigned-trailer' ? undefined : seed
    this.#previous = seed?.signature ?? ''
  }

  /** @throws RangeError for an empty chunk, which would end the body */
  encode(data: Buffer): Buffer {
    if (data.length === 0) throw new RangeError('an empty chunk ends the body')
    return Buffer.concat([this.#header(data.length, data), data, Buffer.from('\r\n')])
  }

  /** @param trailers values by lower-case name; not for `chunked-signed` */
  end(trailers: ReadonlyMap<string, string> = new Map()): Buffer {
    const header = this.#header(0, undefined)
    if (this.#mode === 'chunked-signed') {
      if (trailers.size > 0) throw new RangeError('this mode has no trailers')
      return Buffer.concat([header, Buffer.from('\r\n')])
    }
    let lines = ''
    for (const [name, value] of trailers) lines += `${name}:${value}\r\n`
    if (this.#seed !== undefined) {
      lines += `x-amz-trailer-signature:${trailerSignature(this.#seed, this.#previous, trailers)}\r\n`
    }
    return Buffer.concat([header, Buffer.from(`${lines}\r\n`)])
  }

  #header(size: number, data: Buffer | undefined): Buffer {
    let extension = ''
    if (this.#seed !== undefined) {
      const sha256 = data === undefined ? EMPTY_SHA256 : hash('sha256', data, 'hex')
      this.#previous = chunkSignature(this.#seed, this.#previous, sha256)
      extension = `;chunk-signature=${this.#previous}`
    }
    return Buffer.from(`${size.toString(16)}${extension}\r\n`)
  }
}
