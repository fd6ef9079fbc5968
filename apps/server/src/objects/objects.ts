import type { Buckets, ObjectList } from '@skycrate/contract/objects/schemas'
import type { Operation } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import { parseKey } from '@skycrate/core/naming/key'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { failureOf, type Gate, type ObjectAction, requireKey } from '../access/gate.ts'
import type { PermissionCache } from '../access/permission-cache.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { Meter } from '../quotas/meter.ts'
import type { StarPlaces } from '../starred/star-places.ts'
import type { KeepsVersions } from '../stores/bucket-versioning.ts'
import type { ObjectPage, ObjectStore, StoreResult } from '../stores/object-store.ts'
import { RESERVED_PREFIX } from '../thumbnails/thumbnail-rows.ts'
import { accessibleBuckets } from './accessible-buckets.ts'

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
  /**
   * A page of the locations where the caller may do something now, by bucket.
   * @throws AppError `invalid-cursor`
   */
  buckets(caller: Caller, limit: number, cursor: string | undefined): Promise<Buckets>
}

/** What SkyCrate itself does at the store for a caller: to list, and to delete. */
export function createObjects(options: {
  readonly gate: Gate
  readonly meter: Meter
  readonly permissions: PermissionCache
  readonly storeOf: (id: StoreId) => ObjectStore
  readonly keepsVersions: KeepsVersions
  readonly stars: StarPlaces
  readonly now: () => number
}): Objects {
  const { gate, meter, permissions, storeOf, keepsVersions, stars, now } = options

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
      // A permission matched, so the caller is told the truth; all others were refused before.
      throw bucketMissing(operation.bucket)
    } catch (error) {
      await gate.failed(caller, operation, auditAs, origin, failureOf(error))
      throw error
    }
  }

  return {
    async list(caller, request, origin) {
      const { bucket, prefix } = request
      if (prefix !== '') requirePrefix(prefix)
      const operation = { action: 'list', store: DEFAULT_STORE, bucket, key: prefix } as const
      const page = await run(caller, operation, 'object.list', origin, () =>
        storeOf(DEFAULT_STORE).listObjects(request),
      )
      return { ...withoutReserved(page), keepsVersions: await keepsVersions(DEFAULT_STORE, bucket) }
    },

    async remove(caller, bucket, text, origin) {
      const key = requireKey(text)
      const place = { store: DEFAULT_STORE, bucket, key }
      await run(caller, { action: 'delete', store: DEFAULT_STORE, bucket, key }, 'object.delete', origin, async () => {
        if (meter.isOn()) await meter.watch(place, now())
        return storeOf(DEFAULT_STORE).deleteObject(bucket, key)
      })
      await meter.settle(place)
      await stars.deleted(place, [key])
    },

    async buckets(caller, limit, cursor) {
      return accessibleBuckets(await permissions.permissionsOf(caller), limit, cursor, now())
    },
  }
}

/** Without what SkyCrate itself keeps in the bucket. */
function withoutReserved(page: ObjectPage): ObjectPage {
  return {
    ...page,
    objects: page.objects.filter(({ key }) => !key.startsWith(RESERVED_PREFIX)),
    prefixes: page.prefixes.filter((prefix) => !prefix.startsWith(RESERVED_PREFIX)),
  }
}

/** A listed prefix may be cut anywhere, but holds no more than a key may. */
function requirePrefix(prefix: string): void {
  const verdict = parseKey(prefix)
  if (!verdict.ok && verdict.problem !== 'dot-segment') requireKey(prefix)
}
