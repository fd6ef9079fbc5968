import { decide } from '@skycrate/core/access/decide'
import type { Operation } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import { KEY_PROBLEMS, parseKey } from '@skycrate/core/naming/key'
import type { AuditAction, AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { PermissionCache } from './permission-cache.ts'

export interface Passage {
  readonly permissionId: string
  /** Milliseconds since the epoch at which the permission ends, or Infinity. */
  readonly expiresAt: number
}

/** Decides and records, in this order and before anything is released: every door's way to S3 leads through here. */
export interface Gate {
  /**
   * Resolves once the decision to allow is durable.
   * @throws AppError `forbidden` once the refusal is durable; `audit-unavailable`, `database-unavailable`
   */
  pass(caller: Caller, operation: Operation, auditAs: AuditAction, origin: RequestOrigin): Promise<Passage>
  /** Records that something allowed came to nothing; never rejects, for the caller has an error to tell already. */
  failed(
    caller: Caller,
    operation: Operation,
    auditAs: AuditAction,
    origin: RequestOrigin,
    reason: string,
  ): Promise<void>
}

export function createGate(options: {
  readonly permissions: PermissionCache
  readonly audit: AuditLog
  readonly now: () => number
}): Gate {
  const { permissions, audit, now } = options
  return {
    async pass(caller, operation, auditAs, origin) {
      const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
      const decision = decide(set, operation, now())
      const allowed = decision.outcome === 'allow'
      await audit.record({
        action: auditAs,
        outcome: decision.outcome,
        userId: 'guest' in caller ? null : caller.userId,
        bucket: operation.bucket,
        key: operation.key,
        reason: allowed ? decision.permissionId : decision.reason,
        origin,
      })
      // One answer for what is not there, what is not theirs and what has ended: a refusal tells nothing.
      if (!allowed) throw new AppError('forbidden', `No permission of yours allows ${operation.action} there.`)
      return { permissionId: decision.permissionId, expiresAt: decision.expiresAt }
    },

    async failed(caller, operation, auditAs, origin, reason) {
      const userId = 'guest' in caller ? null : caller.userId
      const { bucket, key } = operation
      await audit
        .record({ action: auditAs, outcome: 'error', userId, bucket, key, reason, origin })
        .catch(() => undefined)
    },
  }
}

/** @throws AppError `invalid-key` that names the broken rule */
export function requireKey(text: string): string {
  const verdict = parseKey(text)
  if (!verdict.ok) throw new AppError('invalid-key', KEY_PROBLEMS[verdict.problem])
  return verdict.key
}
