import type { Operation } from './operation.ts'
import { abortMultipartUpload } from './operations/abort-multipart-upload.ts'
import { accessControlList } from './operations/access-control-list.ts'
import { bucketCors } from './operations/bucket-cors.ts'
import { bucketEncryption } from './operations/bucket-encryption.ts'
import { bucketLifecycle } from './operations/bucket-lifecycle.ts'
import { bucketNotification } from './operations/bucket-notification.ts'
import { bucketObjectLock } from './operations/bucket-object-lock.ts'
import { bucketOwnershipControls } from './operations/bucket-ownership-controls.ts'
import { bucketPolicy } from './operations/bucket-policy.ts'
import { bucketTagging } from './operations/bucket-tagging.ts'
import { bucketVersioning } from './operations/bucket-versioning.ts'
import { completeMultipartUpload } from './operations/complete-multipart-upload.ts'
import { copyObject } from './operations/copy-object.ts'
import { createBucket } from './operations/create-bucket.ts'
import { createMultipartUpload } from './operations/create-multipart-upload.ts'
import { deleteBucket } from './operations/delete-bucket.ts'
import { deleteObject } from './operations/delete-object.ts'
import { deleteObjects } from './operations/delete-objects.ts'
import { getBucketLocation } from './operations/get-bucket-location.ts'
import { getObjectAttributes } from './operations/get-object-attributes.ts'
import { getObject } from './operations/get-object.ts'
import { headBucket } from './operations/head-bucket.ts'
import { headObject } from './operations/head-object.ts'
import { listBuckets } from './operations/list-buckets.ts'
import { listMultipartUploads } from './operations/list-multipart-uploads.ts'
import { listObjectVersions } from './operations/list-object-versions.ts'
import { listObjects } from './operations/list-objects.ts'
import { listObjectsV2 } from './operations/list-objects-v2.ts'
import { listParts } from './operations/list-parts.ts'
import { objectLegalHold } from './operations/object-legal-hold.ts'
import { objectRetention } from './operations/object-retention.ts'
import { objectTagging } from './operations/object-tagging.ts'
import { postObject } from './operations/post-object.ts'
import { preflight } from './operations/preflight.ts'
import { publicAccessBlock } from './operations/public-access-block.ts'
import { putObject } from './operations/put-object.ts'
import { restoreObject } from './operations/restore-object.ts'
import { securityTokenService } from './operations/security-token-service.ts'
import { unsetBucketSettings } from './operations/unset-bucket-settings.ts'
import { uploadPart } from './operations/upload-part.ts'
import { uploadPartCopy } from './operations/upload-part-copy.ts'

/** Every operation there is. What matches none of these is refused. */
export const OPERATIONS: readonly Operation[] = [
  abortMultipartUpload,
  ...accessControlList,
  ...bucketCors,
  ...bucketEncryption,
  ...bucketLifecycle,
  ...bucketNotification,
  ...bucketObjectLock,
  ...bucketOwnershipControls,
  ...bucketPolicy,
  ...bucketTagging,
  ...bucketVersioning,
  completeMultipartUpload,
  copyObject,
  createBucket,
  createMultipartUpload,
  deleteBucket,
  deleteObject,
  deleteObjects,
  getBucketLocation,
  getObject,
  getObjectAttributes,
  headBucket,
  headObject,
  listBuckets,
  listMultipartUploads,
  listObjectVersions,
  listObjects,
  listObjectsV2,
  listParts,
  ...objectLegalHold,
  ...objectRetention,
  ...objectTagging,
  postObject,
  preflight,
  ...publicAccessBlock,
  putObject,
  restoreObject,
  ...securityTokenService,
  ...unsetBucketSettings,
  uploadPart,
  uploadPartCopy,
]
