import type { Caller } from '@skycrate/core/access/permission'
import { type PermissionSet, permissionSet } from '@skycrate/core/access/permission-set'
import type { Database } from '../db/database.ts'
import { activeCaller } from '../users/groups-of-user.ts'
import type { Freshness } from './freshness.ts'
import { readPermissionsFor } from './permission-rows.ts'

/** Callers whose permissions are held at once. */
const MAX_CALLERS = 10_000

export interface PermissionCache extends AsyncDisposable {
  /** The caller's permissions when they are held and proven fresh: no I/O. */
  peek(caller: Caller): PermissionSet | undefined
  /** Whether a set is still what the caller has: no I/O. */
  isCurrent(caller: Caller, set: PermissionSet): boolean
  /** @throws AppError `database-unavailable` */
  permissionsOf(caller: Caller): Promise<PermissionSet>
}

/**
 * Each caller's permissions, indexed for `decide`. A change in the database is heard through NOTIFY and drops what it
 * touches; while notifications are not proven to arrive, nothing held is believed.
 */
export async function openPermissionCache(database: Database, freshness: Freshness): Promise<PermissionCache> {
  const held = new Map<string, PermissionSet>()
  const loading = new Map<string, Promise<PermissionSet>>()
  /** Counts changes, so that what was read before a change is not held after it. */
  let epoch = 0

  const clear = (): void => {
    epoch++
    held.clear()
    loading.clear()
  }
  const forget = (userId: string): void => {
    epoch++
    for (const map of [held, loading]) {
      for (const name of map.keys()) if (name === userId || name.startsWith(`${userId}\n`)) map.delete(name)
    }
  }
  // Who is suspended or deleted has no permissions, whatever is under way for them.
  const users = await database.listen('skycrate_users', forget, clear)
  const listener = await database.listen(
    'skycrate_permissions',
    (principal) => {
      // Only a user's own rows can be told apart; a group's or everyone's may be in every set.
      if (!principal.startsWith('user:')) return clear()
      forget(principal.slice('user:'.length))
    },
    clear,
  )

  async function load(name: string, caller: Caller): Promise<PermissionSet> {
    const before = epoch
    const whole = await activeCaller(database, caller)
    const set = whole ? permissionSet(await readPermissionsFor(database, whole), whole) : permissionSet([], caller)
    if (epoch === before) {
      if (held.size >= MAX_CALLERS) held.delete(held.keys().next().value!)
      held.set(name, set)
    }
    return set
  }

  return {
    peek: (caller) => (freshness.isFresh() ? held.get(nameOf(caller)) : undefined),
    permissionsOf(caller) {
      const name = nameOf(caller)
      const known = freshness.isFresh() ? held.get(name) : undefined
      if (known) return Promise.resolve(known)
      // While nothing is heard, what was begun before a change may be under way still.
      const running = freshness.isFresh() ? loading.get(name) : undefined
      if (running) return running
      const started = load(name, caller).finally(() => {
        if (loading.get(name) === started) loading.delete(name)
      })
      loading.set(name, started)
      return started
    },
    isCurrent: (caller, set) => freshness.isFresh() && held.get(nameOf(caller)) === set,
    async [Symbol.asyncDispose]() {
      await users[Symbol.asyncDispose]()
      await listener[Symbol.asyncDispose]()
    },
  }
}

const names = new WeakMap<Caller, string>()

/** Everything that the set depends on. Found once for each token: its caller is the same object at every request. */
function nameOf(caller: Caller): string {
  let name = names.get(caller)
  if (name === undefined) names.set(caller, (name = newNameOf(caller)))
  return name
}

function newNameOf(caller: Caller): string {
  if ('guest' in caller) return 'guest'
  const { userId, groups, verifiedEmail = null, scope = null } = caller
  if (groups.length === 0 && verifiedEmail === null && scope === null) return userId
  return `${userId}\n${JSON.stringify([verifiedEmail, groups.map(({ name, issuer }) => [name, issuer]), scope])}`
}
