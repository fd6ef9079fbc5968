import type { Timed } from './linearize.ts'

export type Versioning = 'Unversioned' | 'Enabled' | 'Suspended'

/** What a write gives to the version it makes. */
export interface Value {
  /** Kept as metadata, so that each version tells who made it. */
  readonly writer: string
  /** `UNKNOWN_TAG` for a copy whose answer never came. */
  readonly etag: string
  readonly encrypted: boolean
  /** As in a query. */
  readonly tags: string
  /** Mode and date, or ''. */
  readonly retention: string
  readonly hold: '' | 'ON' | 'OFF'
}

export const UNKNOWN_TAG = '?'

/** Conditions by their entity tag, `*` or nothing. */
export interface Conditions {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
}

export interface ListedVersion {
  readonly id: string
  readonly isMarker: boolean
  readonly isLatest: boolean
  readonly etag: string
  readonly size: number
}

export interface NamedPart {
  readonly number: number
  readonly etag: string
}

/** What was asked of one key. An operation on two keys is an action on each. */
export type Action =
  | { readonly kind: 'put'; readonly value: Value; readonly conditions: Conditions }
  | {
      readonly kind: 'read'
      readonly isHead: boolean
      readonly versionId: string | undefined
      readonly range: string | undefined
      readonly partNumber: number | undefined
      readonly conditions: Conditions
    }
  | {
      readonly kind: 'delete'
      readonly versionId: string | undefined
      readonly bypass: boolean
      readonly ifMatch: string | undefined
    }
  /** `tags`: what to set; undefined: asks for them. */
  | { readonly kind: 'tag'; readonly versionId: string | undefined; readonly tags: string | undefined }
  | {
      readonly kind: 'retain'
      readonly versionId: string | undefined
      readonly retention: string
      readonly bypass: boolean
    }
  | { readonly kind: 'hold'; readonly versionId: string | undefined; readonly hold: 'ON' | 'OFF' }
  /** What a listing shows of the key's current version. */
  | { readonly kind: 'listed' }
  | { readonly kind: 'versions-listed'; readonly versions: readonly ListedVersion[] }
  | { readonly kind: 'uploads-listed'; readonly ids: readonly string[] }
  | { readonly kind: 'create-upload'; readonly value: Omit<Value, 'etag'> }
  | { readonly kind: 'part'; readonly uploadId: string; readonly part: NamedPart }
  | { readonly kind: 'parts-listed'; readonly uploadId: string }
  | {
      readonly kind: 'complete'
      readonly uploadId: string
      readonly parts: readonly NamedPart[]
      readonly ifNoneMatch: string | undefined
    }
  | { readonly kind: 'abort'; readonly uploadId: string }
  /** A copy read the key: what it gave has this tag. */
  | {
      readonly kind: 'copied'
      readonly versionId: string | undefined
      readonly etag: string | undefined
    }
  /** A part copy read these bytes of the key, `end` exclusive. */
  | {
      readonly kind: 'slice-copied'
      readonly versionId: string | undefined
      readonly start: number
      readonly end: number
      readonly etag: string | undefined
    }

/** What was seen of an answer; what is undefined was not there. */
export type Outcome = { readonly status: number } & Readonly<Record<string, string | number | boolean | undefined>>

export interface KeyEvent extends Timed {
  /** Unique, for reports. */
  readonly name: string
  /** Of the bucket, at the time. */
  readonly versioning: Versioning
  readonly action: Action
  /** Undefined when the answer never came. */
  readonly outcome: Outcome | undefined
}
