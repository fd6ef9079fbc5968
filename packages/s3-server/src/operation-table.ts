import type { Operation } from './operation.ts'
import { createBucket } from './operations/create-bucket.ts'
import { deleteBucket } from './operations/delete-bucket.ts'
import { deleteObject } from './operations/delete-object.ts'
import { getBucketLocation } from './operations/get-bucket-location.ts'
import { getObject } from './operations/get-object.ts'
import { headBucket } from './operations/head-bucket.ts'
import { headObject } from './operations/head-object.ts'
import { listBuckets } from './operations/list-buckets.ts'
import { listObjectsV2 } from './operations/list-objects-v2.ts'
import { putObject } from './operations/put-object.ts'

/** Every operation there is. What matches none of these is refused. */
export const OPERATIONS: readonly Operation[] = [
  createBucket,
  deleteBucket,
  deleteObject,
  getBucketLocation,
  getObject,
  headBucket,
  headObject,
  listBuckets,
  listObjectsV2,
  putObject,
]
