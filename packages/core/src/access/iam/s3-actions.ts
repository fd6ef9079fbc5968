const OF_OBJECTS =
  'AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectTagging DeleteObjectVersion DeleteObjectVersionTagging ' +
  'GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent ' +
  'GetObjectVersion GetObjectVersionAcl GetObjectVersionAttributes GetObjectVersionForReplication ' +
  'GetObjectVersionTagging GetObjectVersionTorrent InitiateReplication ListMultipartUploadParts ObjectOwnerOverrideToBucketOwner ' +
  'PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionAcl ' +
  'PutObjectVersionTagging ReplicateDelete ReplicateObject ReplicateTags RestoreObject UpdateObjectEncryption'

const OF_BUCKETS =
  'CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket DeleteBucketMetadataTableConfiguration ' +
  'DeleteBucketOwnershipControls DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetAnalyticsConfiguration ' +
  'GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging GetBucketMetadataTableConfiguration GetBucketNotification ' +
  'GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus ' +
  'GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite ' +
  'GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration ' +
  'GetMetricsConfiguration GetReplicationConfiguration ListBucket ListBucketMultipartUploads ListBucketVersions ' +
  'ListTagsForResource PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAcl PutBucketCORS PutBucketLogging ' +
  'PutBucketNotification PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy ' +
  'PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite ' +
  'PutEncryptionConfiguration PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration ' +
  'PutMetricsConfiguration PutReplicationConfiguration TagResource UntagResource'

const names = (text: string): [name: string, kind: 'object' | 'bucket'][] =>
  text.split(' ').map((name) => [`s3:${name.toLowerCase()}`, text === OF_OBJECTS ? 'object' : 'bucket'])

/**
 * The actions that a bucket policy may name, in lower case, and what they are done to.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export const S3_ACTIONS: ReadonlyMap<string, 'object' | 'bucket'> = new Map([
  ...names(OF_OBJECTS),
  ...names(OF_BUCKETS),
])
