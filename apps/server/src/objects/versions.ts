import type { Restored, RestoreRequest, Versions as VersionList } from '@skycrate/contract/versions/schemas'
import type { Operation } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { failureOf, type Gate, type ObjectAction, requireKey } from '../access/gate.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { CopyStore } from '../stores/copy-store.ts'
import type { StoreResult } from '../stores/object-store.ts'
import type { StarPlaces } from '../starred/star-places.ts'
import type { Meter } from '../quotas/meter.ts'
import type { VersionStore } from '../stores/version-store.ts'
import { restoreVersion } from './restore-version.ts'

type Person = Exclude<Caller, { readonly guest: true }>

export interface Versions {
  /** Newest first. @throws AppError `invalid-key`, `invalid-cursor`, `forbidden`, `bucket-missing` and the store's */
  list(
    caller: Caller,
    request: {
      readonly bucket: string
      readonly key: string
      readonly cursor: string | undefined
      readonly limit: number
    },
    origin: RequestOrigin,
  ): Promise<VersionList>
  /**
   * Makes an earlier version the current one. What is current until then stays as a version.
   * @throws AppError `invalid-key`, `invalid-request`, `not-found`, `conflict`, `forbidden`, `bucket-missing` and the
   * store's
   */
  restore(caller: Person, request: RestoreRequest, origin: RequestOrigin): Promise<Restored>
}

export function createVersions(options: {
  readonly gate: Gate
  readonly meter: Meter
  readonly storeOf: (id: StoreId) => VersionStore & CopyStore
  readonly stars: StarPlaces
}): Versions {
  const { gate, meter, storeOf, stars } = options
  const store = DEFAULT_STORE

  /** Decides and records, then does it; what comes to nothing is recorded as an error. */
  async function run<T>(
    caller: Caller,
    operation: Operation,
    auditAs: ObjectAction,
    origin: RequestOrigin,
    versionId: string | undefined,
    work: () => Promise<StoreResult<T>>,
  ): Promise<T> {
    await gate.pass(caller, operation, auditAs, origin, versionId === undefined ? {} : { versionId })
    try {
      const result = await work()
      if (result.ok) return result.value
      throw bucketMissing(operation.bucket)
    } catch (error) {
      await gate.failed(caller, operation, auditAs, origin, failureOf(error))
      throw error
    }
  }

  return {
    async list(caller, { bucket, cursor, limit, ...request }, origin) {
      const key = requireKey(request.key)
      const after = cursor === undefined ? undefined : readCursor(cursor)
      const operation = { action: 'read', store, bucket, key } as const
      const page = await run(caller, operation, 'object.list-versions', origin, undefined, () =>
        storeOf(store).listVersions(bucket, key, after, limit),
      )
      return {
        versions: page.versions.map((each) => ({ ...each, lastModified: each.lastModified.toISOString() })),
        nextCursor: page.next === undefined ? null : Buffer.from(page.next).toString('base64url'),
      }
    },

    async restore(caller, { bucket, versionId, ...request }, origin) {
      const key = requireKey(request.key)
      const operation = { action: 'write', store, bucket, key } as const
      const restored = await run(caller, operation, 'object.restore', origin, versionId, async () => {
        // What comes back is counted, and never refused: it was theirs.
        if (meter.isOn()) await meter.watch(operation, Date.now())
        const result = await restoreVersion(storeOf(store), bucket, key, versionId)
        return result.ok ? { ok: true, value: { bucket, key, ...result.value } } : result
      })
      await meter.settle(operation)
      await stars.restored({ store, bucket }, [key])
      return restored
    },
  }
}

function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  if (!/^[\x21-\x7e]{1,1024}$/.test(text)) throw new AppError('invalid-cursor')
  return text
}
