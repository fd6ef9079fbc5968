import type { UserId } from '@skycrate/core/naming/id'
import type { NewAuditEvent, RequestOrigin } from '../audit/audit-event.ts'
import type { BucketRef } from './bucket-records.ts'

/** The event of a change of a bucket, with what it was and what it is to be. */
export const bucketUpdated = (
  { store, bucket }: BucketRef,
  { userId, origin }: { readonly userId: UserId; readonly origin: RequestOrigin },
  detail: {
    readonly before: Readonly<Record<string, unknown>>
    readonly changed: Readonly<Record<string, unknown>>
  },
): NewAuditEvent => ({
  action: 'bucket.update',
  outcome: 'allow',
  userId,
  store,
  bucket,
  key: null,
  reason: null,
  detail,
  origin,
})
