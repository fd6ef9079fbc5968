import { PutObjectLegalHoldCommand, PutObjectRetentionCommand, PutObjectTaggingCommand } from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import type { Attribute } from './attributes.ts'
import { atPlace } from './object-description.ts'
import type { ObjectDescription, ObjectPlace } from './object-description.ts'
import { isRefusal } from './s3-failure.ts'

/**
 * Gives a version at the target what it did not take with the write but may take by a request of its own: some stores pass
 * over the tags of a multipart upload. Resolves with whether anything was done.
 */
export const mendCopy = async (
  client: S3Client,
  place: ObjectPlace,
  source: ObjectDescription,
  lost: readonly Attribute[],
): Promise<boolean> => {
  const at = atPlace(place)
  const { tags, retention, hasLegalHold } = source
  const requests: (() => Promise<unknown>)[] = []
  if (lost.includes('tags') && tags.length > 0) {
    const TagSet = tags.map(([Key, Value]) => ({ Key, Value }))
    requests.push(() => client.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet } })))
  }
  if (lost.includes('retention') && retention !== undefined) {
    const Retention = { Mode: retention.mode, RetainUntilDate: retention.until }
    requests.push(() => client.send(new PutObjectRetentionCommand({ ...at, Retention })))
  }
  if (lost.includes('legal hold') && hasLegalHold) {
    requests.push(() => client.send(new PutObjectLegalHoldCommand({ ...at, LegalHold: { Status: 'ON' } })))
  }
  for (const request of requests) {
    await request().catch((error: unknown) => {
      if (!isRefusal(error)) throw error
    })
  }
  return requests.length > 0
}
