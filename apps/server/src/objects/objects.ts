import type { Buckets, ObjectList } from '@skycrate/contract/objects/schemas'
import { actionsOf, type Operation } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { GrantsByBucket } from '@skycrate/core/access/permission-set'
import { parseKey } from '@skycrate/core/naming/key'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { failureOf, type Gate, type ObjectAction, requireKey } from '../access/gate.ts'
import type { PermissionCache } from '../access/permission-cache.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { ObjectStore, StoreResult } from '../stores/object-store.ts'

/** Locations of one bucket that one answer names at most. */
const MAX_LOCATIONS = 100

export interface ListRequest {
  readonly bucket: string
  readonly prefix: string
  readonly delimiter: string | undefined
  readonly cursor: string | undefined
  readonly limit: number
}

export interface Objects {
  list(caller: Caller, request: ListRequest, origin: RequestOrigin): Promise<ObjectList>
  remove(caller: Caller, bucket: string, key: string, origin: RequestOrigin): Promise<void>
  /** The buckets where the caller may do something now, by name, from the one after `cursor` on. */
  buckets(caller: Caller, limit: number, cursor: string | undefined): Promise<Buckets>
}

/** What SkyCrate itself does at the store for a caller: to list, and to delete. */
export function createObjects(options: {
  readonly gate: Gate
  readonly permissions: PermissionCache
  readonly storeOf: (id: StoreId) => ObjectStore
  readonly now: () => number
}): Objects {
  const { gate, permissions, storeOf, now } = options

  /** Runs what was allowed, and records it when it comes to nothing. */
  async function run<T>(
    caller: Caller,
    operation: Operation & { action: 'list' | 'delete' },
    auditAs: ObjectAction,
    origin: RequestOrigin,
    work: () => Promise<StoreResult<T>>,
  ): Promise<T> {
    await gate.pass(caller, operation, auditAs, origin)
    try {
      const result = await work()
      if (result.ok) return result.value
      // Permissions may name buckets that are gone: told apart from no permission only in the audit log.
      throw new AppError('forbidden', `No permission of yours allows ${operation.action} there.`, {
        cause: result.reason,
      })
    } catch (error) {
      await gate.failed(caller, operation, auditAs, origin, failureOf(error))
      throw error
    }
  }

  return {
    list(caller, request, origin) {
      const { bucket, prefix } = request
      if (prefix !== '') requirePrefix(prefix)
      return run(caller, { action: 'list', store: DEFAULT_STORE, bucket, key: prefix }, 'object.list', origin, () =>
        storeOf(DEFAULT_STORE).listObjects(request),
      )
    },

    remove(caller, bucket, text, origin) {
      const key = requireKey(text)
      return run(caller, { action: 'delete', store: DEFAULT_STORE, bucket, key }, 'object.delete', origin, () =>
        storeOf(DEFAULT_STORE).deleteObject(bucket, key),
      )
    },

    async buckets(caller, limit, cursor) {
      const byBucket: GrantsByBucket = (await permissions.permissionsOf(caller)).byStore.get(DEFAULT_STORE) ?? new Map()
      const time = now()
      const names = [...byBucket.keys()].filter((name) => cursor === undefined || name > cursor).toSorted()
      const buckets: Buckets['buckets'] = []
      let more = false
      for (const bucket of names) {
        const locations = []
        for (const [prefix, grants] of byBucket.get(bucket)!) {
          let actions = 0
          for (const grant of grants) if (grant.expiresAt > time) actions |= grant.actions
          if (actions !== 0) locations.push({ prefix, actions: actionsOf(actions) })
        }
        if (locations.length === 0) continue
        if (buckets.length === limit) {
          more = true
          break
        }
        locations.sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
        buckets.push({
          bucket,
          locations: locations.slice(0, MAX_LOCATIONS),
          moreLocations: locations.length > MAX_LOCATIONS,
        })
      }
      return { buckets, nextCursor: more ? buckets.at(-1)!.bucket : null }
    },
  }
}

/** A listed prefix may be cut anywhere, but holds no more than a key may. */
function requirePrefix(prefix: string): void {
  const verdict = parseKey(prefix)
  if (!verdict.ok && verdict.problem !== 'dot-segment') requireKey(prefix)
}
