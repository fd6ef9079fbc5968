import { failureOf, type Gate } from '../access/gate.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { StarPlaces } from '../starred/star-places.ts'
import type { Store } from '../stores/store.ts'
import type { AskedBy } from './object-jobs.ts'

/**
 * Deletes objects for somebody: each is decided on, their events are durable together, then they go in one request.
 * @param keys at most 1,000
 * @throws AppError `forbidden`, `bucket-missing`, and the store's
 */
export async function deleteBatch(
  use: { readonly gate: Gate; readonly store: Store; readonly stars: StarPlaces },
  by: AskedBy & { readonly jobId?: string },
  bucket: string,
  keys: readonly string[],
): Promise<void> {
  const { gate, store, stars } = use
  const { caller, origin, jobId } = by
  const operations = keys.map((key) => ({ action: 'delete', store: store.id, bucket, key }) as const)
  const detail = jobId === undefined ? {} : { jobId }
  const passed = await Promise.allSettled(
    operations.map((operation) => gate.pass(caller, operation, 'object.delete', origin, detail)),
  )
  const refusal = passed.find((each) => each.status === 'rejected')
  const allowed = operations.filter((_, i) => passed[i]?.status === 'fulfilled')
  try {
    // What is recorded as deleted is deleted, also beside a refusal.
    const result = await store.deleteObjects(
      bucket,
      allowed.map(({ key }) => key),
    )
    if (!result.ok) throw bucketMissing(bucket)
    await stars.deleted(
      { store: store.id, bucket },
      allowed.map(({ key }) => key),
    )
  } catch (error) {
    const reason = failureOf(error)
    await Promise.all(allowed.map((each) => gate.failed(caller, each, 'object.delete', origin, reason)))
    throw error
  }
  if (refusal) throw refusal.reason
}

/** When the store says that an object was deleted just now, or our own time where it can't: the earlier one. */
export async function deletionTime(store: Store, bucket: string, key: string, before: number): Promise<string> {
  const listed = await store.listVersions(bucket, key, undefined, 1).catch(() => undefined)
  const latest = listed?.ok === true ? listed.value.versions[0] : undefined
  const at = latest?.isDeleteMarker === true ? latest.lastModified.getTime() : before
  return new Date(Math.min(at, before)).toISOString()
}
