import { isLoopback } from '../loopback.ts'

/** Milliseconds that an issuer has to answer. */
const TIMEOUT_MS = 5000
/** Bytes that an answer may have: the largest key sets seen have tens of kilobytes. */
const MAX_BYTES = 512 * 1024

/**
 * A JSON object from an issuer: over https (or, where that is allowed, http on loopback), without redirects, within
 * bounds of time and size.
 * @throws Error that says what was wrong
 */
export async function fetchJson(url: string, allowInsecureLoopback: boolean): Promise<Record<string, unknown>> {
  const { protocol } = new URL(url)
  if (protocol !== 'https:' && !(protocol === 'http:' && allowInsecureLoopback && isLoopback(url))) {
    throw new Error(`${url} is not https`)
  }
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`${url} answered ${response.status}`)
  }
  const value: unknown = JSON.parse(await readBounded(response, url))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${url} is no JSON object`)
  return value as Record<string, unknown>
}

async function readBounded(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_BYTES) throw new Error(`${url} answered more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
