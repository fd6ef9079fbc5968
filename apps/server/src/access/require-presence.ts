import type { Operation } from '@skycrate/core/access/operation'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { BucketPresences } from '../stores/bucket-presences.ts'

/**
 * Nothing is given out for a bucket that its store does not have: whoever has a permission is told the truth.
 * @throws AppError `bucket-missing`
 */
export async function requirePresence(
  presences: BucketPresences,
  { store, bucket }: Pick<Operation, 'store' | 'bucket'>,
): Promise<void> {
  if (!presences.isKnown(store, bucket) && (await presences.isMissing(store, bucket))) throw bucketMissing(bucket)
}
