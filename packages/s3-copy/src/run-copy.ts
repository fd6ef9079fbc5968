import { paginateListBuckets } from '@aws-sdk/client-s3'
import type { BucketCopy } from './bucket-copy.ts'
import { copyBucket } from './copy-bucket.ts'
import type { Endpoint } from './endpoint.ts'
import { sayFailure } from './s3-failure.ts'

export interface CopyOptions extends Pick<
  BucketCopy,
  'from' | 'to' | 'mode' | 'left' | 'restoreDays' | 'concurrency' | 'report' | 'tally'
> {
  /** Names of the source's buckets; empty for all. */
  readonly buckets: readonly string[]
  /** By the source's bucket: the target's, and what its keys get in front. */
  readonly renamed: ReadonlyMap<string, { readonly bucket: string; readonly prefix: string }>
}

const listBuckets = async ({ client }: Endpoint): Promise<string[]> => {
  const names: string[] = []
  for await (const { Buckets = [] } of paginateListBuckets({ client }, {})) {
    names.push(...Buckets.flatMap(({ Name }) => (Name === undefined ? [] : [Name])))
  }
  return names
}

/**
 * Copies buckets one after another; one that fails does not keep the others from their turn.
 *
 * @throws what the source says where its buckets can't be listed
 */
export const runCopy = async ({ buckets, renamed, ...options }: CopyOptions): Promise<void> => {
  const names = buckets.length > 0 ? buckets : await listBuckets(options.from)
  for (const bucket of names) {
    const { bucket: toBucket, prefix: toPrefix } = renamed.get(bucket) ?? { bucket, prefix: '' }
    try {
      await copyBucket({ ...options, bucket, toBucket, toPrefix })
    } catch (error) {
      const line = { kind: 'bucket', status: 'missing', bucket, reason: sayFailure(error) } as const
      options.report.write(line)
      options.tally.add(line)
    }
  }
}
