import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import type { Store } from '../store/store.ts'

/** @throws S3Error NoSuchBucket */
export const findBucket = (store: Store, name: string): Bucket => {
  const bucket = store.buckets.find(name)
  if (bucket === undefined) throw new S3Error('NoSuchBucket', { fields: { BucketName: name } })
  return bucket
}

/** The bucket as it is now, inside a change: it may have been deleted, or its versioning set, since the request began. */
export const refreshBucket = (store: Store, bucket: Bucket): Bucket => {
  const fresh = findBucket(store, bucket.name)
  if (fresh.id !== bucket.id) throw new S3Error('NoSuchBucket', { fields: { BucketName: bucket.name } })
  return fresh
}
