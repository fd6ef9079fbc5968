import type { Checksums } from '../../checksum/checksum-algorithm.ts'
import type { BlobId } from '../blobs/blob-id.ts'
import type { Encryption } from '../keys/encryption.ts'
import type { VersionLock } from './object-lock.ts'

/** The version id of objects written while versioning was off or suspended. */
export const NULL_VERSION = 'null'

/** `FULL_OBJECT`: over all bytes; `COMPOSITE`: over the checksums of the parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'

/** What a version carries beside its bytes. */
export interface ObjectAttributes extends VersionLock {
  /** Content-Type, Cache-Control and their like, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** User metadata by lower-case name, without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: readonly (readonly [key: string, value: string])[]
  readonly checksums: Checksums
  readonly checksumType?: ChecksumType
  /** Until when an archived object can be read; milliseconds since 1970. */
  readonly restoredUntil?: number
  /** How many parts a multipart upload made it of. */
  readonly partCount?: number
}

export interface ObjectVersion {
  readonly bucketId: number
  readonly key: string
  /** Rises with every change in the store. */
  readonly sequence: number
  readonly versionId: string
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  readonly storageClass: string
  /** Undefined: the bytes are those of the parts. */
  readonly blobId: BlobId | undefined
  readonly encryption: Encryption | undefined
  readonly attributes: ObjectAttributes
}

export interface DeleteMarker {
  readonly key: string
  readonly versionId: string
  readonly modifiedAt: number
}

/** One part of an object: its place in the object, and its bytes. */
export interface ObjectPart {
  readonly number: number
  readonly size: number
  readonly blobId: BlobId
  readonly checksums: Checksums
}
