import type { BlobId } from './blob-id.ts'

/** `missing`: there is no file; `cut`: it is shorter or longer than was written; `changed`: its bytes are others. */
export type BlobDamage = 'missing' | 'cut' | 'changed'

/** The disk did not give back what was written. */
export class BlobDamageError extends Error {
  readonly blobId: BlobId
  readonly damage: BlobDamage

  constructor(blobId: BlobId, damage: BlobDamage, cause?: unknown) {
    super(`Blob ${blobId} is damaged on the disk: ${damage}.`, cause === undefined ? undefined : { cause })
    this.name = 'BlobDamageError'
    this.blobId = blobId
    this.damage = damage
  }
}
