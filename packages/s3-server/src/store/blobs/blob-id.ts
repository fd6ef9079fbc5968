import { randomHex } from '../../random-text.ts'

/**
 * The name of a blob's file: 12 hex digits of milliseconds, then 20 random ones. Never made from a key. Rising ids keep
 * the index append-only, and tell a sweep which files are older than this run.
 */
export type BlobId = string & { readonly __brand: 'BlobId' }

export const makeBlobId = (now: number): BlobId => (now.toString(16).padStart(12, '0') + randomHex(10)) as BlobId

export const isBlobId = (text: string): text is BlobId => /^[0-9a-f]{32}$/.test(text)

/** Milliseconds since 1970 at which the id was made. */
export const blobIdTime = (id: BlobId): number => Number.parseInt(id.slice(0, 12), 16)

/** The fan-out directory, two hex digits of the random part. */
export const blobFolder = (id: BlobId): string => id.slice(-2)
