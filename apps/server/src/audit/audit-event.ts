import type { UserId } from '@skycrate/core/naming/id'

/** What the audit log can tell of; one name for each thing a person or SkyCrate itself did. */
export type AuditAction =
  | 'object.get'
  | 'object.put'
  | 'object.head'
  | 'object.delete'
  | 'object.list'
  | 'home.create'
  | 'auth.login'
  | 'auth.refresh'
  | 'auth.logout'
  | 'auth.change-password'
  | 'user.create'
  | 'permission.create'
  | 'permission.delete'

/** Where a request came from. */
export interface RequestOrigin {
  readonly requestId: string
  readonly ip: string | null
  readonly userAgent: string | null
}

export interface NewAuditEvent {
  readonly action: AuditAction
  readonly outcome: 'allow' | 'deny' | 'error'
  readonly userId: UserId | null
  readonly bucket: string | null
  readonly key: string | null
  /** The permission that allowed it, or why it was refused or failed. */
  readonly reason: string | null
  readonly origin: RequestOrigin
}

/** The door to the audit log that use cases get. */
export interface AuditLog {
  /**
   * Resolves once the event is durable: nothing may be released before.
   * @throws AppError `audit-unavailable`
   */
  record(event: NewAuditEvent): Promise<void>
}
