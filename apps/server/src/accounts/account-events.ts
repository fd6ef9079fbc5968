import type { AuditActionOf, AuditDetails } from '@skycrate/contract/audit-actions'
import type { UserId } from '@skycrate/core/naming/id'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'

/** What the audit log says of sign-ins and sessions. */
export interface AccountEvents {
  allowed(
    action: AuditActionOf<'session'>,
    userId: UserId,
    detail: AuditDetails['session'],
    origin: RequestOrigin,
  ): Promise<void>
  denied(
    action: AuditActionOf<'session'> | 'auth.confirm' | 'auth.delete-account',
    userId: UserId | null,
    reason: string,
    origin: RequestOrigin,
  ): Promise<void>
  /** Rethrows; an attempt that was not even checked is in the log too. */
  throttled(
    action: AuditActionOf<'session'>,
    userId: UserId | null,
    error: unknown,
    origin: RequestOrigin,
  ): Promise<never>
}

export function createAccountEvents(audit: AuditLog): AccountEvents {
  const denied: AccountEvents['denied'] = (action, userId, reason, origin) =>
    audit.record({ action, outcome: 'deny', userId, bucket: null, key: null, reason, origin })

  return {
    allowed: (action, userId, detail, origin) =>
      audit.record({ action, outcome: 'allow', userId, bucket: null, key: null, reason: null, detail, origin }),
    denied,
    async throttled(action, userId, error, origin) {
      if (error instanceof AppError && error.code === 'too-many-requests') {
        await denied(action, userId, 'throttled', origin)
      }
      throw error
    },
  }
}
