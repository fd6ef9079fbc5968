import { RestoreObjectCommand } from '@aws-sdk/client-s3'
import type { CopyPlace } from './copy-place.ts'
import { atPlace } from './object-description.ts'
import { describeFailure } from './s3-failure.ts'

/**
 * Asks the source to make an archived version readable, where that was wished. Some stores do it at once; AWS takes hours, and a
 * later run finds it done.
 *
 * @param error what the reading ended with
 * @returns whether it may be read now
 */
export const restoreArchived = async (
  { from, bucket, key, restoreDays }: CopyPlace,
  versionId: string | undefined,
  error: unknown,
): Promise<boolean> => {
  if (describeFailure(error).code !== 'InvalidObjectState' || restoreDays === undefined) return false
  const RestoreRequest = { Days: restoreDays, GlacierJobParameters: { Tier: 'Standard' } } as const
  try {
    await from.client.send(new RestoreObjectCommand({ ...atPlace({ bucket, key, versionId }), RestoreRequest }))
  } catch (refusal) {
    if (describeFailure(refusal).code !== 'RestoreAlreadyInProgress') throw refusal
  }
  return true
}
