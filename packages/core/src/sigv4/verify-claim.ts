import type { ParsedCredential } from './credential-scope.ts'
import type { QueryParameter } from './query.ts'

/** Header values by lower-case name, one char a byte, as Node's `req.headersDistinct` has them. */
export type WireHeaders = Readonly<Record<string, readonly string[] | undefined>>

/** What a request says of its own signature, taken from the query or from the Authorization header; nothing is proven. */
export interface SignatureClaim {
  readonly kind: 'header' | 'presigned'
  readonly credential: ParsedCredential
  /** Lower-case names in order, each once, `host` among them. */
  readonly signedHeaders: readonly string[]
  /** 64 lower-case hex digits. */
  readonly signature: string
  /** `YYYYMMDDTHHMMSSZ` */
  readonly amzDate: string
  /** `amzDate` in milliseconds since the epoch. */
  readonly signedAt: number
  /** Seconds, 1 to 604,800; a header has none. */
  readonly expiresIn?: number
  readonly sessionToken?: string
  readonly payloadHash: string
  /** The query that is covered: without the signature itself. */
  readonly query: readonly QueryParameter[]
}

/** The values of one header; none for a name that isn't there, whatever the record's prototype holds. */
export function headerValues(headers: WireHeaders, name: string): readonly string[] {
  return (Object.hasOwn(headers, name) ? headers[name] : undefined) ?? []
}

const SIGNATURE = /^[0-9a-f]{64}$/
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/

export function isSignature(text: string): boolean {
  return SIGNATURE.test(text)
}

/** @returns undefined unless the names are lower-case, strictly ascending and hold `host` */
export function parseSignedHeaders(text: string): string[] | undefined {
  const names = text.split(';')
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? ''
    const before = names[i - 1]
    if (!HEADER_NAME.test(name) || (before !== undefined && before >= name)) return undefined
  }
  return names.includes('host') ? names : undefined
}
