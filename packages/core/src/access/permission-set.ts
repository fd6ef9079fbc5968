import type { StoreId } from '../naming/store.ts'
import type { ActionSet } from './operation.ts'
import { type Caller, holds, isSamePrincipal, type Permission, type Principal } from './permission.ts'
import { expandPattern, hasVariable, parsePattern } from './variables.ts'

/** One caller's grant on one prefix, already expanded. */
export interface Grant {
  readonly permissionId: string
  readonly actions: ActionSet
  readonly expiresAt: number
}

/**
 * A caller's permissions, indexed by store, bucket and prefix, so that a decision costs one look-up a path segment however many
 * permissions there are. Immutable: made anew when a permission changes.
 */
export interface PermissionSet {
  readonly byStore: ReadonlyMap<StoreId, GrantsByBucket>
}

/** Grants of one store, by bucket and then by prefix. */
export type GrantsByBucket = ReadonlyMap<string, ReadonlyMap<string, readonly Grant[]>>

/**
 * Keeps what is for this caller and puts the caller's id and verified e-mail address in place of the variables. A row
 * whose prefix is then no prefix (a guest has no id; a damaged row) grants nothing.
 */
export function permissionSet(permissions: Iterable<Permission>, caller: Caller): PermissionSet {
  return indexed(permissions, ({ principal, prefix }) =>
    holds(principal, caller) ? expandPattern(prefix, caller) : undefined,
  )
}

/**
 * What somebody has by being of this principal, and by nothing else; variables stay as they are written. So it holds for
 * each user of the principal whose own folder no prefix names.
 */
export function principalSet(permissions: Iterable<Permission>, principal: Principal): PermissionSet {
  return indexed(permissions, (permission) => {
    const isTheirs =
      isSamePrincipal(permission.principal, principal) ||
      (permission.principal.kind === 'everyone' && principal.kind !== 'guest')
    const isVoid = principal.kind === 'guest' && hasVariable(permission.prefix)
    return isTheirs && !isVoid && parsePattern(permission.prefix).ok ? permission.prefix : undefined
  })
}

function indexed(
  permissions: Iterable<Permission>,
  prefixOf: (permission: Permission) => string | undefined,
): PermissionSet {
  const byStore = new Map<StoreId, Map<string, Map<string, Grant[]>>>()
  for (const permission of permissions) {
    const prefix = prefixOf(permission)
    if (prefix === undefined) continue
    let byBucket = byStore.get(permission.store)
    if (!byBucket) byStore.set(permission.store, (byBucket = new Map()))
    let prefixes = byBucket.get(permission.bucket)
    if (!prefixes) byBucket.set(permission.bucket, (prefixes = new Map()))
    const grant: Grant = {
      permissionId: permission.id,
      actions: permission.actions,
      expiresAt: permission.expiresAt ?? Number.POSITIVE_INFINITY,
    }
    const grants = prefixes.get(prefix)
    if (grants) grants.push(grant)
    else prefixes.set(prefix, [grant])
  }
  return { byStore }
}
