import { createHash, timingSafeEqual, type Hash } from 'node:crypto'
import { canonicalHeaderValue, EMPTY_SHA256 } from './canonical.ts'
import type { ChunkSeed } from './chunk-seed.ts'
import { chunkSignature, trailerSignature } from './chunk-signature.ts'

/** The forms of an aws-chunked body, named as in `Verified.payload`. */
export type ChunkedMode = 'chunked-signed' | 'chunked-signed-trailer' | 'chunked-unsigned-trailer'

export type ChunkedErrorCode = 'IncompleteBody' | 'InvalidRequest' | 'MalformedTrailerError' | 'SignatureDoesNotMatch'

export class ChunkedError extends Error {
  /** S3's error code. */
  readonly code: ChunkedErrorCode

  constructor(code: ChunkedErrorCode, message: string) {
    super(message)
    this.name = 'ChunkedError'
    this.code = code
  }
}

export interface ChunkedDecoderOptions {
  readonly mode: ChunkedMode
  /** Needed for the signed modes. */
  readonly seed?: ChunkSeed
  /** Bytes, from `x-amz-decoded-content-length`. */
  readonly decodedLength: number
  /** Lower-case names from `x-amz-trailer`: these must come and no others may. */
  readonly trailers?: readonly string[]
}

const CRLF = Buffer.from('\r\n')
/** Bytes. A size of ten digits, the extension's name and a signature need 91. */
const MAX_CHUNK_HEADER = 128
/** Bytes of all trailers together. */
const MAX_TRAILERS = 8192
/** Bytes: what one PUT may carry at most. */
const MAX_CHUNK = 5 * 1024 ** 3

/**
 * Decodes an aws-chunked body as it arrives. Data passes straight through, without a copy; what is held is one unfinished
 * line at most.
 *
 * A chunk's signature can only be checked at its end, when its data has already been handed out. So nothing may be
 * committed before `end()` has returned. After an error the decoder is of no further use.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export class ChunkedDecoder {
  readonly #mode: ChunkedMode
  readonly #seed: ChunkSeed | undefined
  readonly #decodedLength: number
  readonly #declared: ReadonlySet<string>
  readonly #trailers = new Map<string, string>()
  #state: 'chunk-header' | 'data' | 'chunk-end' | 'last-end' | 'trailer' | 'done' = 'chunk-header'
  #line = Buffer.alloc(0)
  #trailerBytes = 0
  #remaining = 0
  #received = 0
  #hash: Hash | undefined
  #claimed = ''
  #previous: string

  /** @throws TypeError for a signed mode without a seed */
  constructor({ mode, seed, decodedLength, trailers = [] }: ChunkedDecoderOptions) {
    if (mode !== 'chunked-unsigned-trailer' && seed === undefined) throw new TypeError('signed chunks need a seed')
    this.#mode = mode
    this.#seed = mode === 'chunked-unsigned-trailer' ? undefined : seed
    this.#decodedLength = decodedLength
    this.#declared = new Set(trailers)
    this.#previous = seed?.signature ?? ''
  }

  /**
   * @returns the decoded pieces, which share the memory of `chunk`
   * @throws ChunkedError
   */
  push(chunk: Buffer): Buffer[] {
    const pieces: Buffer[] = []
    let rest = chunk
    while (rest.length > 0) {
      if (this.#state === 'data') {
        const piece = rest.subarray(0, this.#remaining)
        rest = rest.subarray(piece.length)
        this.#remaining -= piece.length
        this.#hash?.update(piece)
        pieces.push(piece)
        if (this.#remaining === 0) this.#state = 'chunk-end'
        continue
      }
      if (this.#state === 'done') throw malformed('there is more after its end')
      const line = this.#takeLine(rest)
      if (line === undefined) break
      rest = line.rest
      this.#readLine(line.text)
    }
    return pieces
  }

  /**
   * Says that the body has ended.
   *
   * @returns the trailers by lower-case name
   * @throws ChunkedError when something is missing
   */
  end(): { readonly trailers: ReadonlyMap<string, string> } {
    if (this.#state !== 'done' || this.#received !== this.#decodedLength) {
      throw new ChunkedError('IncompleteBody', 'The body is not as long as x-amz-decoded-content-length says.')
    }
    return { trailers: this.#trailers }
  }

  #takeLine(chunk: Buffer): { text: string; rest: Buffer } | undefined {
    const limit = this.#state === 'trailer' ? MAX_TRAILERS - this.#trailerBytes : MAX_CHUNK_HEADER
    const held = this.#line.length
    // One byte more than fits, so that a line that is too long shows.
    const window = chunk.subarray(0, Math.max(limit - held, 0) + 1)
    const line = held === 0 ? window : Buffer.concat([this.#line, window])
    const end = line.indexOf(CRLF)
    if (end === -1) {
      if (line.length > limit) throw malformed('a line is too long')
      this.#line = Buffer.from(line)
      return undefined
    }
    this.#line = Buffer.alloc(0)
    if (this.#state === 'trailer') this.#trailerBytes += end + 2
    return { text: line.toString('latin1', 0, end), rest: chunk.subarray(end + 2 - held) }
  }

  #readLine(text: string): void {
    switch (this.#state) {
      case 'chunk-header':
        return this.#startChunk(text)
      case 'chunk-end':
        if (text !== '') throw malformed('a chunk is longer than it says')
        this.#checkChunk(this.#hash?.digest('hex') ?? '')
        this.#state = 'chunk-header'
        return
      case 'last-end':
        if (text !== '') throw malformed('there is more after the last chunk')
        this.#state = 'done'
        return
      case 'trailer':
        return this.#readTrailer(text)
      case 'data':
      case 'done':
        throw malformed('a line is out of place')
    }
  }

  #startChunk(text: string): void {
    const pattern =
      this.#seed === undefined ? /^([0-9a-f]{1,10})$/i : /^([0-9a-f]{1,10});chunk-signature=([0-9a-f]{64})$/i
    const [, digits, signature = ''] = pattern.exec(text) ?? []
    if (digits === undefined) throw malformed('a chunk header is not in its form')
    const size = Number.parseInt(digits, 16)
    if (size > MAX_CHUNK) throw malformed('a chunk is too large')
    this.#received += size
    if (this.#received > this.#decodedLength) {
      throw new ChunkedError('IncompleteBody', 'The body is longer than x-amz-decoded-content-length says.')
    }
    this.#claimed = signature
    if (size === 0) {
      this.#checkChunk(EMPTY_SHA256)
      this.#state = this.#mode === 'chunked-signed' ? 'last-end' : 'trailer'
      return
    }
    this.#remaining = size
    this.#hash = this.#seed === undefined ? undefined : createHash('sha256')
    this.#state = 'data'
  }

  #checkChunk(sha256: string): void {
    if (this.#seed === undefined) return
    const expected = chunkSignature(this.#seed, this.#previous, sha256)
    if (!sameSignature(expected, this.#claimed)) throw mismatch('A chunk')
    this.#previous = expected
  }

  #readTrailer(text: string): void {
    if (text === '') return this.#endTrailers()
    // Some clients end each trailer with a line feed of its own.
    for (const line of text.split('\n')) {
      if (line === '') continue
      const colon = line.indexOf(':')
      const name = line.slice(0, Math.max(colon, 0)).toLowerCase()
      const known = this.#declared.has(name) || (this.#seed !== undefined && name === SIGNATURE)
      if (!known || this.#trailers.has(name)) throw badTrailers()
      this.#trailers.set(name, canonicalHeaderValue(line.slice(colon + 1)))
    }
  }

  #endTrailers(): void {
    if (this.#seed !== undefined) {
      const claimed = this.#trailers.get(SIGNATURE)
      if (claimed === undefined) throw badTrailers()
      this.#trailers.delete(SIGNATURE)
      const expected = trailerSignature(this.#seed, this.#previous, this.#trailers)
      if (!sameSignature(expected, claimed)) throw mismatch('The trailer')
    }
    if (this.#trailers.size !== this.#declared.size) throw badTrailers()
    this.#state = 'done'
  }
}

const SIGNATURE = 'x-amz-trailer-signature'

function sameSignature(expected: string, claimed: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(claimed)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function malformed(why: string): ChunkedError {
  return new ChunkedError('InvalidRequest', `The body is not in the aws-chunked form: ${why}.`)
}

function mismatch(what: string): ChunkedError {
  return new ChunkedError('SignatureDoesNotMatch', `${what} signature we calculated does not match the one provided.`)
}

function badTrailers(): ChunkedError {
  return new ChunkedError('MalformedTrailerError', 'The trailers are not the ones that x-amz-trailer names.')
}
