/** Longer waits are the caller's to decide on. */
export const LONGEST_WAIT_MS = 10_000

/**
 * How long a `Retry-After` asks to wait, in milliseconds.
 * @returns undefined where there is none, it cannot be read, or it asks for more than LONGEST_WAIT_MS
 * @see RFC 9110 section 10.2.3
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const at = /^\d+$/.test(header.trim()) ? now + Number(header) * 1000 : Date.parse(header)
  if (Number.isNaN(at)) return undefined
  const wait = Math.max(0, at - now)
  return wait <= LONGEST_WAIT_MS ? wait : undefined
}
