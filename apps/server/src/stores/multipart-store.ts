import type { StoreResult } from './object-store.ts'

/** A part that the store has. */
export interface StoredPart {
  readonly partNumber: number
  readonly etag: string
  /** Bytes. */
  readonly size: number
}

/** Why a multipart upload could not go on. */
export type UploadFailure =
  | 'no-such-bucket'
  | 'no-such-upload'
  /** An object has the key already, and was not to be replaced. */
  | 'exists'
  /** A part is missing, has another ETag or is too small. */
  | 'invalid-parts'

export type UploadResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: UploadFailure }

/** What came of an upload. */
export interface UploadedObject {
  /** Bytes. */
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  /** Base64; only of what was uploaded with it. */
  readonly checksumSha256: string | undefined
  readonly versionId: string | undefined
  readonly lastModified: Date
}

/** Multipart uploads. Throws as `Store` says. */
export interface MultipartStore {
  /** @param storageClass STANDARD when absent */
  createUpload(
    bucket: string,
    key: string,
    contentType: string | undefined,
    storageClass?: string,
  ): Promise<StoreResult<string>>
  /** Undefined where there is no such object. */
  uploadedObject(bucket: string, key: string): Promise<UploadedObject | undefined>
  /** Every part, by number. */
  listParts(bucket: string, key: string, uploadId: string): Promise<UploadResult<StoredPart[]>>
  completeUpload(request: {
    readonly bucket: string
    readonly key: string
    readonly uploadId: string
    readonly parts: readonly { readonly partNumber: number; readonly etag: string }[]
    /** Not to replace an object that has the key. Some stores pass over it. */
    readonly ifAbsent: boolean
  }): Promise<UploadResult<{ readonly etag: string; readonly versionId: string | undefined }>>
  /** An upload that is gone is fine. */
  abortUpload(bucket: string, key: string, uploadId: string): Promise<UploadResult<undefined>>
}
