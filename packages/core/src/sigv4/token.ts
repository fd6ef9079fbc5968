import { hash, timingSafeEqual } from 'node:crypto'

/** Compares session tokens in a time that tells nothing of where they differ. Both absent is the same. */
export function sameToken(known: string | undefined, given: string | undefined): boolean {
  if (known === undefined || given === undefined) return known === given
  return timingSafeEqual(hash('sha256', known, 'buffer'), hash('sha256', given, 'buffer'))
}
