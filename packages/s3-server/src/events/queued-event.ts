import type { EventName } from './event-name.ts'

/** Who and what brought a change about, for the events that it raises. */
export interface EventOrigin {
  readonly by: 'request' | 'lifecycle'
  /** Milliseconds since 1970. */
  readonly at: number
  readonly requestId: string
  readonly principalId: string
  readonly address: string
}

/** What happened to an object. */
export interface ChangeEvent {
  readonly name: EventName
  readonly key: string
  readonly versionId?: string | undefined
  readonly size?: number
  readonly etag?: string
  /** The class that a transition led to, or that a restored object has. */
  readonly storageClass?: string
  /** Until when an object is restored, in milliseconds since 1970. */
  readonly restoredUntil?: number
}

interface Raised {
  readonly bucket: string
  readonly origin: EventOrigin
}

/** An event on its way to a webhook. */
export type EventDetails =
  | (Raised & { readonly kind: 'change'; readonly configurationId: string; readonly event: ChangeEvent })
  | (Raised & { readonly kind: 'test' })

export interface QueuedEvent {
  /** Unique, and higher for what happened later. */
  readonly sequence: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly details: EventDetails
}
