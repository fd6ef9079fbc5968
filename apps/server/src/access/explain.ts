import type { Explanation } from '@skycrate/contract/permissions/schemas'
import { decide } from '@skycrate/core/access/decide'
import { ACTIONS, actionSet, type Operation } from '@skycrate/core/access/operation'
import type { Caller, Permission } from '@skycrate/core/access/permission'
import { permissionSet } from '@skycrate/core/access/permission-set'
import { type PermissionRow, toPermission, toPermissionBody } from './permission-rows.ts'

/** Near misses that one answer names at most. */
const MAX_NEAR_MISSES = 20

type Why = Explanation['nearMisses'][number]['why']

/** Tells why `decide` says what it says: by asking it again, with each permission alone and with parts of it waived. */
export function explain(
  rows: readonly PermissionRow[],
  operation: Operation,
  caller: Caller,
  now: number,
): Explanation {
  const permissions = rows.map(toPermission)
  const decision = decide(permissionSet(permissions, caller), operation, now)
  if (decision.outcome === 'allow') {
    const matched = rows.find((row) => row.id === decision.permissionId)!
    return { outcome: 'allow', permission: toPermissionBody(matched), nearMisses: [] }
  }
  const nearMisses = rows
    .filter((row) => row.store === operation.store && row.bucket === operation.bucket)
    .slice(0, MAX_NEAR_MISSES)
    .map((row) => ({ why: lackOf(toPermission(row), operation, caller, now), permission: toPermissionBody(row) }))
  return { outcome: 'deny', permission: null, nearMisses }
}

function lackOf(permission: Permission, operation: Operation, caller: Caller, now: number): Why {
  const allows = (waived: Partial<Permission>): boolean =>
    decide(permissionSet([{ ...permission, ...waived }], caller), operation, now).outcome === 'allow'
  if (!allows({ actions: actionSet(ACTIONS), expiresAt: undefined })) return 'other-prefix'
  return allows({ expiresAt: undefined }) ? 'expired' : 'other-action'
}
