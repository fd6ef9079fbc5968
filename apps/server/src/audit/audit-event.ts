import type { AuditActionOf, AuditDetailKind, AuditDetails, Door } from '@skycrate/contract/audit-actions'
import type { ShareId, TokenId, UserId } from '@skycrate/core/naming/id'

/** Where a request came from. */
export interface RequestOrigin {
  readonly requestId: string
  readonly ip: string | null
  readonly userAgent: string | null
  readonly door: Door
  /** The access token that was used, where it is one. */
  readonly tokenId?: TokenId | null
  /** The link that let a stranger in: what is done is decided as its owner's, and recorded as nobody's. */
  readonly shareId?: ShareId
}

/** The origin of what SkyCrate does by itself. @param requestId what it was, such as `start` or a job's id */
export const byProcess = (requestId: string): RequestOrigin => ({
  requestId,
  ip: null,
  userAgent: null,
  door: 'process',
})

interface AnyEvent {
  readonly outcome: 'allow' | 'deny' | 'error'
  /** Who did it; null for a guest or for SkyCrate itself. */
  readonly userId: UserId | null
  /** The user that it was done to. */
  readonly targetUserId?: UserId | null
  /** Null without a bucket; absent for the default store. */
  readonly store?: string | null
  readonly bucket: string | null
  readonly key: string | null
  /** A short code that says why it was refused or failed, such as `no-permission`; null when allowed. */
  readonly reason: string | null
  /** The requests that it stands for; 1 when absent. */
  readonly count?: number
  readonly origin: RequestOrigin
}

/** An event as use cases record it: its detail follows from its action. */
export type NewAuditEvent = {
  [K in AuditDetailKind]: AnyEvent & { readonly action: AuditActionOf<K>; readonly detail?: AuditDetails[K] }
}[AuditDetailKind]

/** The door to the audit log that use cases get. */
export interface AuditLog {
  /**
   * Resolves once the event is durable: nothing may be released before. Repeats of a denial within a minute are counted
   * and recorded together at the end of it.
   * @throws AppError `audit-unavailable`; for a denial also `too-many-requests`, when its caller has had too many
   */
  record(event: NewAuditEvent): Promise<void>
}
