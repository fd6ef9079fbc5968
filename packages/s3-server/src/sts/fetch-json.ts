/** Bytes that an issuer's answer may have: the largest key sets seen have tens of kilobytes. */
const MAX_BYTES = 512 * 1024
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** Whether a URL leads to this very machine. */
export const isLoopback = (url: string): boolean => LOOPBACK.test(new URL(url).hostname)

/** Whether nobody between here and there can change what is answered: https, or http on this machine. */
export const isTrustworthy = (url: string): boolean => {
  if (!URL.canParse(url)) return false
  const { protocol, username, password, hash } = new URL(url)
  if (username !== '' || password !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(url))
}

const readBounded = async (response: Response, url: string): Promise<string> => {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of response.body ?? []) {
    size += piece.length
    if (size > MAX_BYTES) throw new Error(`${url} answered more than ${MAX_BYTES} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/**
 * A JSON object, without following redirects and within bounds of time and size.
 *
 * @param timeout milliseconds for the whole answer
 * @throws Error that says what was wrong
 */
export const fetchJson = async (url: string, timeout: number): Promise<Readonly<Record<string, unknown>>> => {
  if (!isTrustworthy(url)) throw new Error(`${url} is not https`)
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeout),
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`${url} answered ${response.status}`)
  }
  const value: unknown = JSON.parse(await readBounded(response, url))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${url} is no JSON object`)
  return value as Record<string, unknown>
}
