import { BlobDamageError } from './blob-damage-error.ts'
import type { BlobDamage } from './blob-damage-error.ts'
import type { Blob, BlobStore } from './blob-store.ts'

/**
 * Looks at one blob's file: its size, and with `bytes` every byte. Undefined when it is as it was written.
 *
 * @param bytes called with each piece's length after it was verified; what it returns is awaited, to bound the pace
 */
export const verifyBlob = async (
  blobs: BlobStore,
  blob: Blob,
  bytes?: (count: number) => Promise<void> | void,
): Promise<BlobDamage | undefined> => {
  try {
    await blobs.checkSize(blob)
    if (bytes !== undefined) for await (const piece of blobs.verify(blob)) await bytes(piece.length)
    return undefined
  } catch (error) {
    if (error instanceof BlobDamageError) return error.damage
    throw error
  }
}
