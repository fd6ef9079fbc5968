/** What is known of an object without its bytes. */
export interface ObjectHead {
  /** Bytes. */
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  readonly lastModified: Date
  readonly contentType: string | undefined
  readonly storageClass: string
  /** Whether the ETag tells the bytes: an MD5 sum. Not of what was uploaded in parts, nor under a key of KMS. */
  readonly etagIsSum: boolean
}

/** Why a copy came to nothing. */
export type CopyFailure =
  | 'no-such-bucket'
  /** The source is gone. */
  | 'no-such-key'
  /** The target's key is taken, and was not to be replaced. */
  | 'exists'
  /** The source was written anew. */
  | 'source-changed'
  /** The source is in an archive, from which it has to be restored first. */
  | 'archived'

export type CopyResult =
  | { readonly ok: true; readonly value: { readonly etag: string; readonly versionId: string | undefined } }
  | { readonly ok: false; readonly reason: CopyFailure }

export interface CopyRequest {
  readonly from: {
    readonly bucket: string
    readonly key: string
    readonly versionId?: string | undefined
    /** Only this is copied. */
    readonly etag: string
    /** Bytes. */
    readonly size: number
    readonly storageClass: string
  }
  readonly to: { readonly bucket: string; readonly key: string }
  /** Not to replace an object that has the key. */
  readonly ifAbsent: boolean
  /** For an object that S3 copies in parts only: what an earlier try began, and where to note what this one begins. */
  readonly parts?: {
    readonly uploadId: string | undefined
    readonly started: (uploadId: string) => Promise<void>
    readonly signal: AbortSignal
  }
}

/** What comes of asking for an archived object: it can be read now, or hours later, or this store restores nothing. */
export type Restoring = 'ready' | 'under-way' | 'missing' | 'unsupported'

/** Copies inside the store, so that no byte travels. Throws as `Store` says. */
export interface CopyStore {
  /** Undefined where there is no such object. */
  headObject(bucket: string, key: string): Promise<ObjectHead | undefined>
  /** The first bytes of an object, at most so many; none where there is no such object. */
  readStart(bucket: string, key: string, bytes: number): Promise<Buffer>
  /** With its content type, metadata, tags and storage class; its ETag may be another. */
  copyObject(request: CopyRequest): Promise<CopyResult>
  /** Asks that an archived object can be read for some days. Asked again, it tells how far that is. */
  restoreArchived(bucket: string, key: string, days: number): Promise<Restoring>
  /** Bytes that SkyCrate has made itself; replaces what has the key. */
  putObject(bucket: string, key: string, body: Uint8Array, contentType: string): Promise<CopyResult>
  /** An object without bytes. */
  putEmptyObject(bucket: string, key: string): Promise<CopyResult>
}
