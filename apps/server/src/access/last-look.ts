import { decide } from '@skycrate/core/access/decide'
import type { Operation } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import type { PermissionCache } from './permission-cache.ts'

/** Why an operation that was allowed is refused by now, or undefined. */
type RefusedSince = (operation: Operation) => string | undefined

const nothing: RefusedSince = () => undefined

/**
 * The last look, once the record is durable and before anything is released: what allowed an operation may have been taken
 * away while its event was written.
 */
export type LastLook = (caller: Caller, set: PermissionSet) => Promise<RefusedSince>

export function createLastLook(permissions: PermissionCache, now: () => number): LastLook {
  return async (caller, set) => {
    if (permissions.isCurrent(caller, set)) return nothing
    const latest = await permissions.permissionsOf(caller)
    const time = now()
    return (operation) => {
      const decision = decide(latest, operation, time)
      return decision.outcome === 'deny' ? decision.reason : undefined
    }
  }
}
