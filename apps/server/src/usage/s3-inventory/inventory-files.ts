import { bucketUpdated } from '../../buckets/bucket-updated.ts'
import type { InventoryFiles, InventoryFilesChange } from '@skycrate/contract/storage/inventory-schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import { changeRecorded } from '../../access/record-change.ts'
import type { AuditLog, RequestOrigin } from '../../audit/audit-event.ts'
import type { BucketRef } from '../../buckets/bucket-records.ts'
import type { Database, Sql } from '../../db/database.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Store } from '../../stores/store.ts'
import { requireReadyBucket } from '../ready-bucket.ts'
import { findRuns } from '../usage-rows.ts'
import { type Delivery, findDelivery, type InventoryPlace } from './find-delivery.ts'
import { findSource, noteLook, saveSource } from './inventory-sources.ts'

interface Use {
  readonly database: Database
  readonly audit: AuditLog
  readonly storeOf: (id: StoreId) => Store
}

/** Where the bucket has files, with a look at the latest. @throws AppError `not-found`, `conflict`, the store's */
export async function readInventoryFiles(use: Use, ref: BucketRef): Promise<InventoryFiles> {
  await requireReadyBucket(use.database, ref)
  const source = await findSource(use.database, ref)
  const counted = await countOf(use.database, ref)
  if (source === undefined) return { location: null, latest: null, problem: null, readManifest: null, counted }
  const { bucket, prefix, problem, manifest } = source
  const found = await look(use, ref, source)
  return {
    location: { bucket, prefix },
    latest: found.latest,
    problem: found.problem ?? problem,
    readManifest: manifest,
    counted,
  }
}

/** @throws AppError `not-found`, `conflict`, `invalid-request`, the store's */
export async function changeInventoryFiles(
  use: Use,
  ref: BucketRef,
  { location }: InventoryFilesChange,
  by: { readonly userId: UserId; readonly origin: RequestOrigin },
): Promise<InventoryFiles> {
  const { database } = use
  await requireReadyBucket(database, ref)
  if (location !== null && !location.prefix.endsWith('/')) {
    throw new AppError('invalid-request', undefined, {
      errors: [{ path: '/location/prefix', message: "must end in '/'" }],
    })
  }
  const found = location === null ? { latest: null, problem: null } : await look(use, ref, location)
  await changeRecorded(use, async (tx, record) => {
    const before = await findSource(tx, ref)
    await record(
      bucketUpdated(ref, by, {
        before: { inventory: before ? { bucket: before.bucket, prefix: before.prefix } : null },
        changed: { inventory: location },
      }),
    )
    await saveSource(tx, ref, location)
    if (found.problem !== null) await noteLook(tx, ref, { problem: found.problem })
  })
  return { location, ...found, readManifest: null, counted: await countOf(database, ref) }
}

async function countOf(sql: Sql, ref: BucketRef): Promise<InventoryFiles['counted']> {
  const [run] = await findRuns(sql, [ref])
  if (run === undefined) return null
  const { source, countedAt, objectsChanged: objects, bytesChanged: bytes } = run
  return { source, countedAt: countedAt.toISOString(), difference: { objects, bytes } }
}

async function look(
  use: Use,
  ref: BucketRef,
  place: InventoryPlace,
): Promise<Pick<InventoryFiles, 'latest' | 'problem'>> {
  try {
    const delivery = await findDelivery(use.storeOf(ref.store), place, ref.bucket)
    return { latest: delivery === undefined ? null : latestOf(delivery), problem: null }
  } catch (error) {
    if (!(error instanceof AppError && /^(inventory-unreadable|bucket-missing)$/.test(error.code))) throw error
    const problem =
      error.code === 'bucket-missing'
        ? `The store has no bucket ${place.bucket}, or SkyCrate may not see it.`
        : (error.detail ?? error.code)
    return { latest: null, problem }
  }
}

const latestOf = ({ manifest, createdAt, format, files }: Delivery): NonNullable<InventoryFiles['latest']> => ({
  manifest,
  createdAt: new Date(createdAt).toISOString(),
  format,
  files: files.length,
  bytes: files.reduce((sum, { size }) => sum + size, 0),
})
