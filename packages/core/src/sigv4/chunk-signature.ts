import { hash } from 'node:crypto'
import { EMPTY_SHA256, signText } from './canonical.ts'
import type { ChunkSeed } from './chunk-seed.ts'

/**
 * One link of the chain of signatures over an aws-chunked body.
 *
 * @param previous the chunk's before, or the seed's own for the first
 * @param sha256 of the chunk's data, in hex
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function chunkSignature(seed: ChunkSeed, previous: string, sha256: string): string {
  const { amzDate, scope, signingKey } = seed
  return signText(signingKey, `AWS4-HMAC-SHA256-PAYLOAD\n${amzDate}\n${scope}\n${previous}\n${EMPTY_SHA256}\n${sha256}`)
}

/**
 * The last link, over the trailers.
 *
 * @param previous the empty last chunk's
 * @param trailers values by lower-case name
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function trailerSignature(seed: ChunkSeed, previous: string, trailers: ReadonlyMap<string, string>): string {
  const { amzDate, scope, signingKey } = seed
  const lines = [...trailers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}:${value}\n`)
  const sha256 = hash('sha256', lines.join(''), 'hex')
  return signText(signingKey, `AWS4-HMAC-SHA256-TRAILER\n${amzDate}\n${scope}\n${previous}\n${sha256}`)
}
