import { bucketUpdated } from './bucket-updated.ts'
import type { BucketChange } from '@skycrate/contract/buckets/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { Precondition } from '../precondition.ts'
import { type Aim, settingFor } from './bucket-aims.ts'
import { checkAcceleration } from './check-acceleration.ts'
import { checkDelivery, deliveryOf } from './bucket-delivery.ts'
import { type BucketContext, lockedBucket } from './bucket-context.ts'
import { type BucketRef, findBucket, recordStep } from './bucket-records.ts'

/**
 * Sets how long old versions are kept, and applies the aims that were asked for, and these alone. In a bucket that
 * SkyCrate created, a new retention is applied with it.
 *
 * @throws AppError `invalid-request`, `not-found`, `precondition-failed`; `conflict` for a bucket that is not ready; `store-unavailable`,
 * `store-refused`, `audit-unavailable`
 */
export async function changeBucket(
  ref: BucketRef,
  change: BucketChange,
  by: { readonly userId: UserId; readonly origin: RequestOrigin; readonly precondition: Precondition },
  context: BucketContext,
): Promise<void> {
  const { audit, config, storeOf } = context
  await lockedBucket(context, ref, async (sql) => {
    const record = await findBucket(sql, ref)
    if (record === undefined || record.state === 'deleted') {
      throw new AppError('not-found', 'There is no bucket of this name in the list.')
    }
    by.precondition(record.updatedAt)
    if (record.state !== 'ready') throw new AppError('conflict', 'This bucket is not ready.')
    const { retentionDays } = change
    const delivery = change.delivery === undefined ? deliveryOf(record) : change.delivery
    if (delivery !== null) checkDelivery(delivery, config.delivery)
    const { accelerated = record.accelerated } = change
    if (accelerated) checkAcceleration(ref.bucket, config.accelerates ?? false)
    const aims = new Set<Aim>(change.apply)
    if (retentionDays !== record.retentionDays && !record.adopted) aims.add('lifecycle')
    await audit.record(
      bucketUpdated(ref, by, {
        before: { retentionDays: record.retentionDays, delivery: deliveryOf(record), accelerated: record.accelerated },
        changed: { retentionDays, delivery, accelerated, ...(aims.size > 0 ? { applied: [...aims] } : {}) },
      }),
    )
    // Before the store: a try again after a failure then finds nothing left to record, and applies it all the same.
    await sql.query(
      `update buckets set retention_days = $3, delivery_url = $4, delivery_key_id = $5, delivery_cookie_domain = $6, accelerated = $7,
         updated_at = now()
       where store = $1 and name = $2`,
      [
        ref.store,
        ref.bucket,
        retentionDays,
        delivery?.url ?? null,
        delivery?.keyId ?? null,
        delivery?.cookieDomain ?? null,
        accelerated,
      ],
    )
    for (const aim of aims) {
      const setting = settingFor(aim, { ...record, retentionDays }, config)
      if (setting === undefined) continue
      const outcome = await storeOf(ref.store).applySetting(ref.bucket, setting)
      await recordStep(sql, ref, setting.kind, outcome, JSON.stringify(setting))
    }
  })
}
