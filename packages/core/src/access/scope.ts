import type { StoreId } from '../naming/store.ts'
import type { ActionSet } from './operation.ts'

/** A place that a scope names, and what may be done there. */
export interface ScopePlace {
  readonly store: StoreId
  /** Null: every bucket. */
  readonly bucket: string | null
  /** `''` or ending in `/`, as it stands: variables are text here. */
  readonly prefix: string
  readonly actions: ActionSet
}

/** What somebody has handed on of what they may do themselves, and until when. It gives nothing by itself. */
export interface Scope {
  readonly places: readonly ScopePlace[]
  /** Milliseconds since the epoch from which on nothing of it holds. */
  readonly expiresAt: number
}
