import type { AuditActionOf, AuditDetails } from '@skycrate/contract/audit-actions'
import { decide } from '@skycrate/core/access/decide'
import { type Action, type Operation } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { StoreId } from '@skycrate/core/naming/store'
import { KEY_PROBLEMS, parseKey } from '@skycrate/core/naming/key'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import { AppError } from '../errors/app-error.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { Meter } from '../quotas/meter.ts'
import type { BucketPresences } from '../stores/bucket-presences.ts'
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
  /** Called once its record is durable: what is signed here does not exist before. */
  readonly release: () => T
  readonly detail: Omit<AuditDetails['object'], 'permissionId'>
}

/** Something of an object that a caller wants handed out. */
export interface Wish<T> {
  readonly operation: Operation
  readonly auditAs: ObjectAction
  readonly prepare: (passage: Passage) => Prepared<T> | Promise<Prepared<T>>
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
   * As `pass`, for what takes several permissions at once: one event, of the first operation. A refusal is recorded of the
   * operation that is refused.
   */
  passAll(
    caller: Caller,
    operations: readonly [Operation, ...Operation[]],
    auditAs: ObjectAction,
    origin: RequestOrigin,
    asked?: Omit<AuditDetails['object'], 'permissionId'>,
  ): Promise<void>
  /**
   * Decides before work begins whose steps are decided on and recorded one by one: only a refusal is recorded.
   * @throws AppError as `pass`
   */
  foresee(caller: Caller, operations: readonly Operation[], auditAs: ObjectAction, origin: RequestOrigin): Promise<void>
  /**
   * As `pass`, for what is handed out: prepared once the decision is to allow, so that its record says what was given, and
   * released once that is durable. What could not be prepared is recorded as an error.
   * @throws AppError as `pass`, `bucket-missing`, and whatever `prepare` throws
   */
  vend<T>(
    caller: Caller,
    operation: Operation,
    auditAs: ObjectAction,
    origin: RequestOrigin,
    prepare: (passage: Passage) => Prepared<T> | Promise<Prepared<T>>,
  ): Promise<T>
  /**
   * As `vend` for each wish by itself, in their order, with one commit for all: what is many pays for what is its own alone.
   * @throws AppError `audit-unavailable`, `database-unavailable`, for all of them
   */
  vendEach<T>(
    caller: Caller,
    wishes: readonly Wish<T>[],
    origin: RequestOrigin,
  ): Promise<readonly PromiseSettledResult<T>[]>
  /**
   * As `vend`, for credentials that reach everything below a prefix: each action is decided on, and one event records
   * what was given. @throws AppError as `vend`
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
  /**
   * As `vendLocation`, for credentials that reach several places of one store: allowed when each of them is. An event for
   * each records what was given there, and all share one commit. A bucket that is missing does not keep the others away.
   */
  vendLocations<T>(
    caller: Caller,
    locations: readonly LocationRequest[],
    origin: RequestOrigin,
    prepare: (allowed: readonly AllowedLocation[]) => Promise<{
      readonly released: T
      readonly detail: Pick<AuditDetails['credentials'], 'expiresAt' | 'accessKeyId'>
    }>,
  ): Promise<T>
  /** Records that credentials without a place came to nothing, and throws the error. */
  refuseCredentials(caller: Caller, error: AppError, reason: string, origin: RequestOrigin): Promise<never>
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
  readonly presences: BucketPresences
  readonly now: () => number
  /** Absent: there are no quotas. */
  readonly meter?: Pick<Meter, 'requireRoom'>
}): Gate {
  const { permissions, audit, presences, now, meter } = options

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
    const userId = 'guest' in caller ? null : caller.userId
    const who = origin.shareId === undefined ? { userId } : { userId: null, targetUserId: userId }
    // A store may hold keys that PostgreSQL cannot.
    return { action, ...who, store, bucket, key: key.replaceAll('\0', '\ufffd'), origin }
  }

  const allowed = (of: ReturnType<typeof event>, detail: AuditDetails['object']): Promise<void> =>
    audit.record({ ...of, outcome: 'allow', reason: null, detail })

  async function refuse(of: ReturnType<typeof event>, operation: Operation, reason: string): Promise<never> {
    await audit.record({ ...of, outcome: 'deny', reason })
    // One answer for what is not there, what is not theirs and what has ended: a refusal tells nothing.
    throw new AppError('forbidden', `No permission of yours allows ${operation.action} there.`)
  }

  async function failed(of: ReturnType<typeof event>, reason: string): Promise<void> {
    await audit.record({ ...of, outcome: 'error', reason }).catch(() => undefined)
  }

  /** Nothing is given out for a bucket that its store does not have: whoever has a permission is told the truth. */
  async function requirePresence({ store, bucket }: Pick<Operation, 'store' | 'bucket'>): Promise<void> {
    if (!presences.isKnown(store, bucket) && (await presences.isMissing(store, bucket))) throw bucketMissing(bucket)
  }

  function credentialsEvent(caller: Caller, origin: RequestOrigin) {
    return { action: 'credentials.create' as const, userId: 'guest' in caller ? null : caller.userId, origin }
  }

  /** Each action that is asked for at a place, decided on. */
  function decideAt(set: PermissionSet, { store, bucket, prefix, actions, needed }: LocationRequest, time: number) {
    const passed: { action: Action; permissionId: string; expiresAt: number }[] = []
    let refusal: { action: Action; reason: string } | undefined
    for (const action of actions) {
      const decision = decide(set, { action, store, bucket, key: prefix }, time)
      if (decision.outcome === 'allow') passed.push({ action, ...decision })
      else refusal ??= { action, reason: decision.reason }
    }
    return { passed, refusal: needed === 'all' || passed.length === 0 ? refusal : undefined }
  }

  /** What writes by credentials is not counted: none are given where a quota is used up. */
  async function requireRoom(locations: readonly LocationRequest[]): Promise<void> {
    if (meter === undefined) return
    for (const { store, bucket, prefix, actions } of locations) {
      if (actions.includes('write')) await meter.requireRoom({ store, bucket, key: prefix })
    }
  }

  const vendLocations: Gate['vendLocations'] = async (caller, locations, origin, prepare) => {
    const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
    const time = now()
    const eventAt = ({ store, bucket, prefix }: LocationRequest) => ({
      ...credentialsEvent(caller, origin),
      store,
      bucket,
      key: prefix,
    })
    const refused = async (location: LocationRequest, action: Action, reason: string): Promise<never> => {
      await audit.record({ ...eventAt(location), outcome: 'deny', reason, detail: { actions: location.actions } })
      throw new AppError('forbidden', `No permission of yours allows ${action} there.`)
    }
    const decided = locations.map((location) => ({ location, ...decideAt(set, location, time) }))
    for (const { location, refusal } of decided) {
      if (refusal) return refused(location, refusal.action, refusal.reason)
    }
    const allowed = decided.map(({ location, passed }) => ({
      of: eventAt(location),
      location,
      actions: passed.map(({ action }) => action),
      permissionIds: [...new Set(passed.map(({ permissionId }) => permissionId))],
      expiresAt: Math.min(...passed.map((each) => each.expiresAt)),
    }))
    const prepared = await requireRoom(allowed.map(({ location, actions }) => ({ ...location, actions })))
      .then(() => prepare(allowed))
      .catch(async (error: unknown) => {
        const reason = failureOf(error)
        const events = allowed.map(({ of, actions, permissionIds }) =>
          audit.record({ ...of, outcome: 'error', reason, detail: { actions, permissionIds } }),
        )
        await Promise.allSettled(events)
        throw error
      })
    // Handed over in one turn, so that they share one commit.
    await Promise.all(
      allowed.map(({ of, actions, permissionIds }) =>
        audit.record({ ...of, outcome: 'allow', reason: null, detail: { actions, permissionIds, ...prepared.detail } }),
      ),
    )
    for (const { location, actions } of allowed) {
      const { store, bucket, prefix } = location
      const operations = actions.map((action) => ({ action, store, bucket, key: prefix }))
      await stillAllowed(caller, set, operations, ({ action }, reason) => refused(location, action, reason))
    }
    return prepared.released
  }

  const vend: Gate['vend'] = async (caller, operation, auditAs, origin, prepare) => {
    const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
    const decision = decide(set, operation, now())
    const of = event(caller, operation, auditAs, origin)
    if (decision.outcome === 'deny') return refuse(of, operation, decision.reason)
    const { permissionId } = decision
    let prepared
    try {
      if (!presences.isKnown(operation.store, operation.bucket)) await requirePresence(operation)
      const preparing = prepare(decision)
      prepared = preparing instanceof Promise ? await preparing : preparing
    } catch (error) {
      await failed(of, failureOf(error))
      throw error
    }
    await allowed(of, { permissionId, ...prepared.detail })
    await stillAllowed(caller, set, [operation], (each, reason) => refuse(of, each, reason))
    return prepared.release()
  }

  async function vendEach<T>(
    caller: Caller,
    wishes: readonly Wish<T>[],
    origin: RequestOrigin,
  ): Promise<readonly PromiseSettledResult<T>[]> {
    const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
    const time = now()
    const results: PromiseSettledResult<T>[] = []
    /** Of those that are allowed and need nothing more than to be recorded. */
    const ready: { readonly index: number; readonly release: () => T }[] = []
    const durable = new Set<Promise<void>>()
    /** Wishes that are alike have one detail, and so one text in the log. */
    let given: { of: object; permissionId: string; detail: AuditDetails['object'] } | undefined
    const others: Promise<void>[] = []
    const settle = async (index: number, work: Promise<T>): Promise<void> => {
      results[index] = await work.then(
        (value) => ({ status: 'fulfilled', value }),
        (reason: unknown) => ({ status: 'rejected', reason }),
      )
    }
    for (let index = 0; index < wishes.length; index++) {
      const { operation, auditAs, prepare } = wishes[index]!
      const decision = decide(set, operation, time)
      let prepared: Prepared<T> | undefined
      let other = prepare
      if (decision.outcome === 'allow' && presences.isKnown(operation.store, operation.bucket)) {
        try {
          const preparing = prepare(decision)
          if (preparing instanceof Promise) other = () => preparing
          else prepared = preparing
        } catch (error) {
          other = () => Promise.reject(error)
        }
      }
      if (prepared === undefined || decision.outcome === 'deny') {
        others.push(settle(index, vend(caller, operation, auditAs, origin, other)))
        continue
      }
      const { permissionId } = decision
      if (given?.of !== prepared.detail || given.permissionId !== permissionId) {
        given = { of: prepared.detail, permissionId, detail: { permissionId, ...prepared.detail } }
      }
      durable.add(allowed(event(caller, operation, auditAs, origin), given.detail))
      ready.push({ index, release: prepared.release })
    }
    await Promise.all(durable)
    const latest = permissions.isCurrent(caller, set) ? undefined : await permissions.permissionsOf(caller)
    for (const { index, release } of ready) {
      const { operation, auditAs } = wishes[index]!
      const decision = latest && decide(latest, operation, now())
      if (decision?.outcome === 'deny') {
        const of = event(caller, operation, auditAs, origin)
        others.push(settle(index, refuse(of, operation, decision.reason)))
      } else {
        results[index] = { status: 'fulfilled', value: release() }
      }
    }
    await Promise.all(others)
    return results
  }

  return {
    async pass(caller, operation, auditAs, origin, asked = {}) {
      const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
      const decision = decide(set, operation, now())
      const of = event(caller, operation, auditAs, origin)
      if (decision.outcome === 'deny') return refuse(of, operation, decision.reason)
      const { permissionId, expiresAt } = decision
      await allowed(of, { permissionId, ...asked })
      await stillAllowed(caller, set, [operation], (each, reason) => refuse(of, each, reason))
      return { permissionId, expiresAt }
    },

    async passAll(caller, operations, auditAs, origin, asked = {}) {
      const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
      const time = now()
      const decisions = operations.map((operation) => decide(set, operation, time))
      const refused = (operation: Operation, reason: string): Promise<never> =>
        refuse(event(caller, operation, auditAs, origin), operation, reason)
      for (const [i, decision] of decisions.entries()) {
        if (decision.outcome === 'deny') return refused(operations[i]!, decision.reason)
      }
      const [first] = decisions
      const permissionId = first?.outcome === 'allow' ? { permissionId: first.permissionId } : {}
      await allowed(event(caller, operations[0], auditAs, origin), { ...permissionId, ...asked })
      await stillAllowed(caller, set, operations, refused)
    },

    async foresee(caller, operations, auditAs, origin) {
      const set = await permissions.permissionsOf(caller)
      for (const operation of operations) {
        const decision = decide(set, operation, now())
        if (decision.outcome === 'deny') {
          await refuse(event(caller, operation, auditAs, origin), operation, decision.reason)
        }
      }
    },

    vend,
    vendEach,

    vendLocation: (caller, location, origin, prepare) =>
      vendLocations(caller, [location], origin, async ([allowed]) => {
        await requirePresence(location)
        return prepare(allowed!)
      }),

    vendLocations,

    async refuseCredentials(caller, error, reason, origin) {
      const of = { ...credentialsEvent(caller, origin), bucket: null, key: null }
      const outcome = error.code === 'forbidden' ? 'deny' : 'error'
      await audit.record({ ...of, outcome, reason, detail: { actions: [] } })
      throw error
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
