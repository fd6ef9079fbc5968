import type { ObjectTag } from '@skycrate/contract/metadata/schemas'

/** What a store says of an object, beyond its bytes. */
export interface DescribedObject {
  /** Bytes. */
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  readonly lastModified: Date
  readonly storageClass: string
  readonly encryption: string | undefined
  /** Sent with its bytes, by their names in lower case. */
  readonly headers: readonly NamedValue[]
  /** Of the uploader, without a prefix. */
  readonly metadata: readonly NamedValue[]
}

export interface NamedValue {
  readonly name: string
  readonly value: string
}

export type TagResult =
  | { readonly ok: true; readonly tags: readonly ObjectTag[] }
  | { readonly ok: false; readonly reason: 'no-such-bucket' | 'no-such-key' | 'unsupported' }

/** Metadata and tags of objects. Throws as `Store` says. */
export interface TagStore {
  /** Undefined where there is no such object. */
  describeObject(bucket: string, key: string): Promise<DescribedObject | undefined>
  readObjectTags(bucket: string, key: string): Promise<TagResult>
  /** Replaces all tags. @returns those that the object has now */
  writeObjectTags(bucket: string, key: string, tags: readonly ObjectTag[]): Promise<TagResult>
}
