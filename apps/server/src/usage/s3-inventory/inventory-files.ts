import { bucketUpdated } from '../../buckets/bucket-updated.ts'
import type { InventoryFiles, InventoryFilesChange } from '@skycrate/contract/storage/inventory-schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import { changeRecorded } from '../../access/record-change.ts'
import type { AuditLog, RequestOrigin } from '../../audit/audit-event.ts'
import type { BucketRef } from '../../buckets/bucket-records.ts'
import type { Database } from '../../db/database.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Store } from '../../stores/store.ts'
import { requireReadyBucket } from '../ready-bucket.ts'
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
  if (source === undefined) return { location: null, latest: null, problem: null }
  const { bucket, prefix, problem } = source
  const found = await look(use, ref, source)
  return { location: { bucket, prefix }, latest: found.latest, problem: found.problem ?? problem }
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
  return { location, ...found }
}

async function look(use: Use, ref: BucketRef, place: InventoryPlace): Promise<Omit<InventoryFiles, 'location'>> {
  try {
    const delivery = await findDelivery(use.storeOf(ref.store), place, ref.bucket)
    return { latest: delivery === undefined ? null : latestOf(delivery), problem: null }
  } catch (error) {
    if (!(error instanceof AppError && /^(inventory-unreadable|bucket-missing)$/.test(error.code))) throw error
    return { latest: null, problem: error.detail ?? error.code }
  }
}

const latestOf = ({ manifest, createdAt, format, files }: Delivery): NonNullable<InventoryFiles['latest']> => ({
  manifest,
  createdAt: new Date(createdAt).toISOString(),
  format,
  files: files.length,
  bytes: files.reduce((sum, { size }) => sum + size, 0),
})
