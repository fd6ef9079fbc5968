import type { Explanation } from '@skycrate/contract/permissions/schemas'
import { decide } from '@skycrate/core/access/decide'
import { ACTIONS, actionSet, type Operation } from '@skycrate/core/access/operation'
import type { Caller, Permission } from '@skycrate/core/access/permission'
import { permissionSet } from '@skycrate/core/access/permission-set'
import { type NamedRow, toPermission, toPermissionBody } from './permission-rows.ts'

/** Near misses that one answer names at most. */
const MAX_NEAR_MISSES = 20

type Why = Explanation['nearMisses'][number]['why']

/** Tells why `decide` says what it says: by asking it again, with each permission alone and with parts of it waived. */
export function explain(rows: readonly NamedRow[], operation: Operation, caller: Caller, now: number): Explanation {
  const permissions = rows.map(toPermission)
  const decision = decide(permissionSet(permissions, caller), operation, now)
  if (decision.outcome === 'allow') {
    const matched = rows.find((row) => row.id === decision.permissionId)!
    return { outcome: 'allow', reason: null, permission: toPermissionBody(matched), nearMisses: [] }
  }
  const nearMisses = rows
    .filter((row) => row.store === operation.store && row.bucket === operation.bucket)
    .map((row) => ({ why: lackOf(toPermission(row), operation, caller, now), row }))
    .toSorted((a, b) => NEARNESS[a.why] - NEARNESS[b.why])
    .slice(0, MAX_NEAR_MISSES)
    .map(({ why, row }) => ({ why, permission: toPermissionBody(row) }))
  return { outcome: 'deny', reason: decision.reason, permission: null, nearMisses }
}

/** The nearest come first, since not all of very many are named. */
const NEARNESS: Readonly<Record<Why, number>> = { expired: 0, 'other-action': 1, 'other-prefix': 2 }

function lackOf(permission: Permission, operation: Operation, caller: Caller, now: number): Why {
  const allows = (waived: Partial<Permission>): boolean =>
    decide(permissionSet([{ ...permission, ...waived }], caller), operation, now).outcome === 'allow'
  if (!allows({ actions: actionSet(ACTIONS), expiresAt: undefined })) return 'other-prefix'
  return allows({ expiresAt: undefined }) ? 'expired' : 'other-action'
}
