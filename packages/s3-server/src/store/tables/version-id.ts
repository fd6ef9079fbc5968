import { randomBytes } from 'node:crypto'

/** A version's id: its sequence in 12 hex digits, so that its place is known for ever, then 20 random ones. */
export const makeVersionId = (sequence: number): string =>
  sequence.toString(16).padStart(12, '0') + randomBytes(10).toString('hex')

/** Undefined for a text that is no version id of this server. */
export const versionIdSequence = (versionId: string): { readonly sequence: number } | undefined =>
  /^[0-9a-f]{32}$/.test(versionId) ? { sequence: Number.parseInt(versionId.slice(0, 12), 16) } : undefined
