import { isTrustworthy } from './trustworthy-url.ts'

/** Bytes that an issuer's answer may have: the largest key sets seen have tens of kilobytes. */
const MAX_BYTES = 512 * 1024

export interface FetchJsonOptions {
  /** Milliseconds for the whole answer, its body too; at least 1. */
  readonly timeout: number
  /** Whether http will do for what is on this machine. */
  readonly allowInsecureLoopback: boolean
}

/** Without what may be secret in it. */
const shown = (url: string): string => {
  if (!URL.canParse(url)) return 'what is no URL'
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

const readBounded = async (response: Response, name: string): Promise<string> => {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of response.body ?? []) {
    size += piece.length
    if (size > MAX_BYTES) throw new Error(`${name} answered more than ${MAX_BYTES} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/**
 * A JSON object, without following redirects and within bounds of time and size.
 *
 * @throws Error that says what was wrong
 */
export const fetchJson = async (url: string, options: FetchJsonOptions): Promise<Readonly<Record<string, unknown>>> => {
  const name = shown(url)
  if (!isTrustworthy(url, options.allowInsecureLoopback)) throw new Error(`${name} is not https`)
  const response = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'error',
    signal: AbortSignal.timeout(options.timeout),
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`${name} answered ${response.status}`)
  }
  const value: unknown = JSON.parse(await readBounded(response, name))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name} is no JSON object`)
  return value as Record<string, unknown>
}
