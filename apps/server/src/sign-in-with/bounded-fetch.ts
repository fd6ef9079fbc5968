import { isTrustworthy } from '@skycrate/issuer-keys/trustworthy-url'
import { readBounded } from '@skycrate/issuer-keys/read-bounded'

/** Milliseconds for one answer of an issuer, its body too. */
const TIMEOUT_MS = 8_000

/**
 * Asks an issuer without following redirects, and within bounds of time and size: an issuer that hangs, drips or answers
 * without end fails like one that is away.
 */
export function boundedFetch(allowInsecureLoopback: boolean) {
  return async (url: string, init: object): Promise<Response> => {
    if (!isTrustworthy(url, allowInsecureLoopback)) throw new Error('an endpoint of the issuer is not https')
    const response = await fetch(url, {
      ...(init as RequestInit),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const body = await readBounded(response, new URL(url).pathname)
    const { status, headers } = response
    // A redirect has a status that an answer without a body may not have here.
    return new Response(body === '' ? null : body, {
      status: status === 0 ? 502 : status,
      headers: withoutLength(headers),
    })
  }
}

/** The body is read and decoded already. */
function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers)
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) kept.delete(name)
  return kept
}
