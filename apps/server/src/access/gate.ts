import type { AuditActionOf, AuditDetails } from '@skycrate/contract/audit-actions'
import { decide, type Decision } from '@skycrate/core/access/decide'
import { type Action, type Operation } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { StoreId } from '@skycrate/core/naming/store'
import { KEY_PROBLEMS, parseKey } from '@skycrate/core/naming/key'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import { AppError } from '../errors/app-error.ts'
import type { PermissionCache } from './permission-cache.ts'

export interface Passage {
  readonly permissionId: string
  /** Milliseconds since the epoch at which the permission ends, or Infinity. */
  readonly expiresAt: number
}

/** What the events of an operation on objects are called. */
export type ObjectAction = AuditActionOf<'object'>

/** What was prepared for the caller, and what the audit log says of it beyond the permission. */
export interface Prepared<T> {
  readonly released: T
  readonly detail: Omit<AuditDetails['object'], 'permissionId'>
}

/** A place for which credentials are asked, and what they are to allow there. */
export interface LocationRequest {
  readonly store: StoreId
  readonly bucket: string
  /** '' or a folder that ends in '/'. */
  readonly prefix: string
  readonly actions: readonly Action[]
  /** `any`: those of the actions that are allowed, at least one. */
  readonly needed: 'all' | 'any'
}

/** What of a location is allowed. */
export interface AllowedLocation {
  readonly actions: readonly Action[]
  /** Milliseconds since the epoch at which the first of the permissions ends, or Infinity. */
  readonly expiresAt: number
}

/** Decides and records, in this order and before anything is released: every door's way to S3 leads through here. */
export interface Gate {
  /**
   * Resolves once the decision to allow is durable.
   * @throws AppError `forbidden` once the refusal is durable; `audit-unavailable`, `database-unavailable`
   */
  pass(
    caller: Caller,
    operation: Operation,
    auditAs: ObjectAction,
    origin: RequestOrigin,
    /** What is asked beyond the operation. */
    asked?: Omit<AuditDetails['object'], 'permissionId'>,
  ): Promise<Passage>
  /**
   * As `pass`, for what is handed out: prepared once the decision is to allow, so that its record says what was given, and
   * released once that is durable. What could not be prepared is recorded as an error.
   * @throws AppError as `pass`, and whatever `prepare` throws
   */
  vend<T>(
    caller: Caller,
    operation: Operation,
    auditAs: ObjectAction,
    origin: RequestOrigin,
    prepare: (passage: Passage) => Promise<Prepared<T>>,
  ): Promise<T>
  /**
   * As `vend`, for credentials that reach everything below a prefix: each action is decided on, and one event records
   * what was given.
   */
  vendLocation<T>(
    caller: Caller,
    location: LocationRequest,
    origin: RequestOrigin,
    prepare: (allowed: AllowedLocation) => Promise<{
      readonly released: T
      readonly detail: Pick<AuditDetails['credentials'], 'expiresAt' | 'accessKeyId'>
    }>,
  ): Promise<T>
  /** Records that something allowed came to nothing; never rejects, for the caller has an error to tell already. */
  failed(
    caller: Caller,
    operation: Operation,
    auditAs: ObjectAction,
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

  async function decideFor(caller: Caller, operation: Operation): Promise<{ decision: Decision; set: PermissionSet }> {
    const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
    return { decision: decide(set, operation, now()), set }
  }

  /**
   * Once the event is durable, just before anything is released: what allowed it may have been taken away meanwhile.
   * @throws AppError `forbidden` once that refusal is durable too
   */
  async function stillAllowed(
    caller: Caller,
    set: PermissionSet,
    operations: readonly Operation[],
    refused: (operation: Operation, reason: string) => Promise<never>,
  ): Promise<void> {
    if (permissions.isCurrent(caller, set)) return
    const latest = await permissions.permissionsOf(caller)
    for (const operation of operations) {
      const decision = decide(latest, operation, now())
      if (decision.outcome === 'deny') await refused(operation, decision.reason)
    }
  }

  function event(caller: Caller, { store, bucket, key }: Operation, action: ObjectAction, origin: RequestOrigin) {
    return { action, userId: 'guest' in caller ? null : caller.userId, store, bucket, key, origin }
  }

  async function allowed(of: ReturnType<typeof event>, detail: AuditDetails['object']): Promise<void> {
    await audit.record({ ...of, outcome: 'allow', reason: null, detail })
  }

  async function refuse(of: ReturnType<typeof event>, operation: Operation, reason: string): Promise<never> {
    await audit.record({ ...of, outcome: 'deny', reason })
    // One answer for what is not there, what is not theirs and what has ended: a refusal tells nothing.
    throw new AppError('forbidden', `No permission of yours allows ${operation.action} there.`)
  }

  async function failed(of: ReturnType<typeof event>, reason: string): Promise<void> {
    await audit.record({ ...of, outcome: 'error', reason }).catch(() => undefined)
  }

  return {
    async pass(caller, operation, auditAs, origin, asked = {}) {
      const { decision, set } = await decideFor(caller, operation)
      const of = event(caller, operation, auditAs, origin)
      if (decision.outcome === 'deny') return refuse(of, operation, decision.reason)
      const { permissionId, expiresAt } = decision
      await allowed(of, { permissionId, ...asked })
      await stillAllowed(caller, set, [operation], (each, reason) => refuse(of, each, reason))
      return { permissionId, expiresAt }
    },

    async vend(caller, operation, auditAs, origin, prepare) {
      const { decision, set } = await decideFor(caller, operation)
      const of = event(caller, operation, auditAs, origin)
      if (decision.outcome === 'deny') return refuse(of, operation, decision.reason)
      const { permissionId } = decision
      const { released, detail } = await prepare(decision).catch(async (error: unknown) => {
        await failed(of, failureOf(error))
        throw error
      })
      await allowed(of, { permissionId, ...detail })
      await stillAllowed(caller, set, [operation], (each, reason) => refuse(of, each, reason))
      return released
    },

    async vendLocation(caller, { actions, needed, ...place }, origin, prepare) {
      const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
      const { store, bucket, prefix } = place
      const time = now()
      const passed: { action: Action; permissionId: string; expiresAt: number }[] = []
      let refusal: { action: Action; reason: string } | undefined
      for (const action of actions) {
        const decision = decide(set, { action, store, bucket, key: prefix }, time)
        if (decision.outcome === 'allow') passed.push({ action, ...decision })
        else refusal ??= { action, reason: decision.reason }
      }
      const userId = 'guest' in caller ? null : caller.userId
      const of = { action: 'credentials.create' as const, userId, store, bucket, key: prefix, origin }
      const refused = async (action: Action, reason: string): Promise<never> => {
        await audit.record({ ...of, outcome: 'deny', reason, detail: { actions } })
        throw new AppError('forbidden', `No permission of yours allows ${action} there.`)
      }
      if (refusal && (needed === 'all' || passed.length === 0)) return refused(refusal.action, refusal.reason)
      const allowedActions = passed.map(({ action }) => action)
      const detail = { actions: allowedActions, permissionIds: [...new Set(passed.map((each) => each.permissionId))] }
      const expiresAt = Math.min(...passed.map((each) => each.expiresAt))
      const prepared = await prepare({ actions: allowedActions, expiresAt }).catch(async (error: unknown) => {
        await audit.record({ ...of, outcome: 'error', reason: failureOf(error), detail }).catch(() => undefined)
        throw error
      })
      await audit.record({ ...of, outcome: 'allow', reason: null, detail: { ...detail, ...prepared.detail } })
      const operations = allowedActions.map((action) => ({ action, store, bucket, key: prefix }))
      await stillAllowed(caller, set, operations, (operation, reason) => refused(operation.action, reason))
      return prepared.released
    },

    failed: (caller, operation, auditAs, origin, reason) => failed(event(caller, operation, auditAs, origin), reason),
  }
}

/** The code of a failure for the audit log: its cause, where that is a code itself. */
export function failureOf(error: unknown): string {
  if (!(error instanceof AppError)) return 'internal'
  return typeof error.cause === 'string' ? error.cause : error.code
}

/** @throws AppError `invalid-key` that names the broken rule */
export function requireKey(text: string): string {
  const verdict = parseKey(text)
  if (!verdict.ok) throw new AppError('invalid-key', KEY_PROBLEMS[verdict.problem])
  return verdict.key
}
