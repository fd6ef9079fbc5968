import type { DeliveryNote } from './notifications/delivery-note.ts'
import type { ScrubFinding } from './scrub.ts'

/** What the server noticed by itself and an operator should know of. */
export type S3Notice =
  | { readonly kind: 'damage'; readonly finding: ScrubFinding }
  /** The keys of an issuer could not be had. */
  | { readonly kind: 'issuer'; readonly reason: string; readonly cause: string }
  | { readonly kind: 'delivery'; readonly note: DeliveryNote }
