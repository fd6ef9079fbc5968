import type { StoreId } from '../naming/store.ts'
import type { ActionSet } from './operation.ts'
import { type Caller, holds, isSamePrincipal, type Permission, type Principal } from './permission.ts'
import type { Scope } from './scope.ts'
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
 * whose prefix is then no prefix (a guest has no id; a damaged row) grants nothing. Of a token with a scope, only what lies
 * within that is kept.
 */
export function permissionSet(permissions: Iterable<Permission>, caller: Caller): PermissionSet {
  const whole = indexed(permissions, ({ principal, prefix }) =>
    holds(principal, caller) ? expandPattern(prefix, caller) : undefined,
  )
  return 'guest' in caller || !caller.scope ? whole : narrowed(whole, caller.scope)
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

/** What of the permissions lies within the scope: `decide` allows what both allow, and no longer than both do. */
function narrowed({ byStore }: PermissionSet, { places, expiresAt }: Scope): PermissionSet {
  const kept = new Map<StoreId, Map<string, Map<string, Grant[]>>>()
  for (const [store, byBucket] of byStore) {
    for (const [bucket, prefixes] of byBucket) {
      const ofBucket = new Map<string, Grant[]>()
      for (const place of places) {
        if (place.store !== store || (place.bucket !== null && place.bucket !== bucket)) continue
        for (const [prefix, grants] of prefixes) {
          const common = deeperOf(prefix, place.prefix)
          if (common === undefined) continue
          for (const grant of grants) {
            const actions = grant.actions & place.actions
            if (actions === 0) continue
            const end = Math.min(grant.expiresAt, expiresAt)
            const there = ofBucket.get(common)
            const narrower = { permissionId: grant.permissionId, actions, expiresAt: end }
            if (there) there.push(narrower)
            else ofBucket.set(common, [narrower])
          }
        }
      }
      if (ofBucket.size === 0) continue
      const buckets = kept.get(store)
      if (buckets) buckets.set(bucket, ofBucket)
      else kept.set(store, new Map([[bucket, ofBucket]]))
    }
  }
  return { byStore: kept }
}

/** Where two folders are one within the other, the inner one. */
function deeperOf(one: string, other: string): string | undefined {
  if (one.startsWith(other)) return one
  return other.startsWith(one) ? other : undefined
}
