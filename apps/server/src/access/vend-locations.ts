import { decide } from '@skycrate/core/access/decide'
import type { Action } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Meter } from '../quotas/meter.ts'
import { refusalOf } from './decision-record.ts'
import { failureOf, type Gate, type LocationRequest } from './gate.ts'
import type { LastLook } from './last-look.ts'
import type { PermissionCache } from './permission-cache.ts'

/** The event of credentials, before anything is known of their place. */
export function credentialsEvent(caller: Caller, origin: RequestOrigin) {
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

export function createVendLocations(parts: {
  readonly permissions: PermissionCache
  readonly audit: AuditLog
  readonly lastLook: LastLook
  readonly now: () => number
  readonly meter: Pick<Meter, 'requireRoom'> | undefined
}): Gate['vendLocations'] {
  const { permissions, audit, lastLook, now, meter } = parts

  /** What writes by credentials is not counted: none are given where a quota is used up. */
  async function requireRoom(locations: readonly LocationRequest[]): Promise<void> {
    if (meter === undefined) return
    for (const { store, bucket, prefix, actions } of locations) {
      if (actions.includes('write')) await meter.requireRoom({ store, bucket, key: prefix })
    }
  }

  return async (caller, locations, origin, prepare) => {
    const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
    const time = now()
    const eventAt = ({ store, bucket, prefix }: LocationRequest) => ({
      ...credentialsEvent(caller, origin),
      store,
      bucket,
      key: prefix,
    })
    const refuse = async (location: LocationRequest, action: Action, reason: string): Promise<never> => {
      await audit.record({ ...eventAt(location), outcome: 'deny', reason, detail: { actions: location.actions } })
      throw refusalOf(action)
    }
    const decided = locations.map((location) => ({ location, ...decideAt(set, location, time) }))
    for (const { location, refusal } of decided) {
      if (refusal) return refuse(location, refusal.action, refusal.reason)
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
    const refusedSince = await lastLook(caller, set)
    for (const { location, actions } of allowed) {
      const { store, bucket, prefix } = location
      for (const action of actions) {
        const reason = refusedSince({ action, store, bucket, key: prefix })
        if (reason !== undefined) return refuse(location, action, reason)
      }
    }
    return prepared.released
  }
}
