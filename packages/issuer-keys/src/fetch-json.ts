import { readBounded } from './read-bounded.ts'
import { isTrustworthy } from './trustworthy-url.ts'

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
