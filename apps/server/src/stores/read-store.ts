/** An object as it comes. Disposing ends the download. */
export interface OpenObject extends Disposable {
  /** Bytes of the whole object. */
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  /** Throws AppError `store-unavailable` where the connection breaks, or nothing comes for a minute. */
  readonly chunks: AsyncIterable<Uint8Array>
}

export interface ReadOptions {
  /** The first byte; 0 when absent. */
  readonly from?: number
  /** The byte before which it ends; the end of the object when absent. */
  readonly to?: number
  /** Only while the object has this one. */
  readonly etag?: string
  /** Ends the reading. */
  readonly signal?: AbortSignal
}

/** Reads objects of any size. Throws as `Store` says. */
export interface ReadStore {
  /** Undefined where there is no such object or bucket, it was written anew, or the bytes are beyond its end. */
  openObject(bucket: string, key: string, options?: ReadOptions): Promise<OpenObject | undefined>
}
