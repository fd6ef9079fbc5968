import type { AuditDetails } from '@skycrate/contract/audit-actions'
import type { Operation } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { ObjectAction } from './gate.ts'

/** What the audit log says of a decision on an object, whatever it was. */
export type DecisionEvent = ReturnType<typeof decisionEvent>

export function decisionEvent(
  caller: Caller,
  { store, bucket, key }: Operation,
  action: ObjectAction,
  origin: RequestOrigin,
) {
  const userId = 'guest' in caller ? null : caller.userId
  const who = origin.shareId === undefined ? { userId } : { userId: null, targetUserId: userId }
  // A store may hold keys that PostgreSQL cannot.
  return { action, ...who, store, bucket, key: key.replaceAll('\0', '\ufffd'), origin }
}

/** Decisions on objects in the audit log. */
export interface DecisionRecord {
  allowed(of: DecisionEvent, detail: AuditDetails['object']): Promise<void>
  /** @throws AppError `forbidden` once the refusal is durable */
  refuse(of: DecisionEvent, operation: Operation, reason: string): Promise<never>
  /** Never rejects: the caller has an error to tell already. */
  failed(of: DecisionEvent, reason: string): Promise<void>
}

export function createDecisionRecord(audit: AuditLog): DecisionRecord {
  return {
    allowed: (of, detail) => audit.record({ ...of, outcome: 'allow', reason: null, detail }),
    async refuse(of, { action }, reason) {
      await audit.record({ ...of, outcome: 'deny', reason })
      throw refusalOf(action)
    },
    failed: (of, reason) => audit.record({ ...of, outcome: 'error', reason }).catch(() => undefined),
  }
}

/** One answer for what is not there, what is not theirs and what has ended: a refusal tells nothing. */
export const refusalOf = (action: string): AppError =>
  new AppError('forbidden', `No permission of yours allows ${action} there.`)
