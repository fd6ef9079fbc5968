import { HeadBucketCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import type { ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3'
import type { BucketCopy } from './bucket-copy.ts'
import { copyKey } from './copy-key.ts'
import { finishBucket, prepareBucket } from './copy-settings.ts'
import { forEachConcurrently } from './for-each-concurrently.ts'
import { listKeys } from './list-keys.ts'
import { mergeKeys } from './merge-keys.ts'
import { isUnsupported } from './s3-failure.ts'
import type { KeyVersions } from './version.ts'

async function* nothing(): AsyncGenerator<KeyVersions> {
  // A bucket that is not there yet.
}

/** Uploads that nobody has completed are no objects: they stay behind, and are told. */
const reportUploads = async ({ from, bucket, report, tally }: BucketCopy): Promise<void> => {
  let marker: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}
  while (marker !== undefined) {
    const page: ListMultipartUploadsCommandOutput | void = await from.client
      .send(new ListMultipartUploadsCommand({ Bucket: bucket, ...marker }))
      .catch((error: unknown) => {
        if (!isUnsupported(error)) throw error
      })
    for (const { Key = '', UploadId = '' } of page?.Uploads ?? []) {
      const line = { kind: 'unfinished upload', bucket, key: Key, uploadId: UploadId } as const
      report.write(line)
      tally.add(line)
    }
    marker =
      page?.IsTruncated === true && page.NextKeyMarker !== undefined
        ? {
            KeyMarker: page.NextKeyMarker,
            ...(page.NextUploadIdMarker === undefined ? {} : { UploadIdMarker: page.NextUploadIdMarker }),
          }
        : undefined
  }
}

/** Brings a bucket over: its settings, then key by key what the target lacks, then the settings that had to wait. */
export const copyBucket = async (copy: BucketCopy): Promise<void> => {
  const { from, to, bucket, toBucket, toPrefix, concurrency, tally } = copy
  // Else an empty bucket would be made in the name of one that was mistyped.
  await from.client.send(new HeadBucketCommand({ Bucket: bucket }))
  tally.counts.buckets++
  const { exists, keepsHistory } = await prepareBucket(copy)
  await reportUploads(copy)
  const there = exists ? listKeys(to.client, toBucket, toPrefix) : nothing()
  const pairs = mergeKeys(listKeys(from.client, bucket, ''), there, toPrefix)
  const keyCopy = { ...copy, keepsHistory, refused: new Set<string>() }
  await forEachConcurrently(pairs, concurrency, (pair) => copyKey(keyCopy, pair))
  await finishBucket(copy)
}
