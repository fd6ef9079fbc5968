/** What an operator should know of deliveries. Names webhooks, never keys. */
export type DeliveryNote =
  /** Messages fail, after they did not; what waits is tried again. */
  | { readonly kind: 'failing'; readonly webhook: string; readonly reason: string }
  | { readonly kind: 'recovered'; readonly webhook: string }
  /** Events that no one will hear of: tried for too long, or given up for newer ones. */
  | { readonly kind: 'dropped'; readonly webhook: string; readonly reason: DropReason; readonly count: number }

export type DropReason = 'age' | 'room'
