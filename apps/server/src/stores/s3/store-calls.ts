/** What a call is about: the account, a bucket, or the objects of one. */
export type CallScope = 'account' | 'bucket' | 'object'

export interface StoreCall {
  readonly on: CallScope
  /** The IAM actions that AWS demands for it. */
  readonly actions: readonly string[]
}

const GET = ['s3:GetObject', 's3:GetObjectVersion']
/** A copy reads its source and takes its tags along. */
const COPY = [...GET, 's3:PutObject', 's3:GetObjectTagging', 's3:GetObjectVersionTagging', 's3:PutObjectTagging']

/**
 * Every operation of S3 that SkyCrate sends, by the name of its command in the SDK, with what it needs. The least IAM policy
 * is made from it.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export const STORE_CALLS = {
  ListBuckets: { on: 'account', actions: ['s3:ListAllMyBuckets'] },

  CreateBucket: { on: 'bucket', actions: ['s3:CreateBucket'] },
  DeleteBucket: { on: 'bucket', actions: ['s3:DeleteBucket'] },
  HeadBucket: { on: 'bucket', actions: ['s3:ListBucket'] },
  ListObjectsV2: { on: 'bucket', actions: ['s3:ListBucket'] },
  ListObjectVersions: { on: 'bucket', actions: ['s3:ListBucketVersions'] },
  ListMultipartUploads: { on: 'bucket', actions: ['s3:ListBucketMultipartUploads'] },
  GetBucketCors: { on: 'bucket', actions: ['s3:GetBucketCORS'] },
  PutBucketCors: { on: 'bucket', actions: ['s3:PutBucketCORS'] },
  GetBucketEncryption: { on: 'bucket', actions: ['s3:GetEncryptionConfiguration'] },
  PutBucketEncryption: { on: 'bucket', actions: ['s3:PutEncryptionConfiguration'] },
  GetBucketLifecycleConfiguration: { on: 'bucket', actions: ['s3:GetLifecycleConfiguration'] },
  PutBucketLifecycleConfiguration: { on: 'bucket', actions: ['s3:PutLifecycleConfiguration'] },
  DeleteBucketLifecycle: { on: 'bucket', actions: ['s3:PutLifecycleConfiguration'] },
  GetBucketOwnershipControls: { on: 'bucket', actions: ['s3:GetBucketOwnershipControls'] },
  PutBucketOwnershipControls: { on: 'bucket', actions: ['s3:PutBucketOwnershipControls'] },
  GetBucketPolicy: { on: 'bucket', actions: ['s3:GetBucketPolicy'] },
  PutBucketPolicy: { on: 'bucket', actions: ['s3:PutBucketPolicy'] },
  GetBucketTagging: { on: 'bucket', actions: ['s3:GetBucketTagging'] },
  PutBucketTagging: { on: 'bucket', actions: ['s3:PutBucketTagging'] },
  GetBucketVersioning: { on: 'bucket', actions: ['s3:GetBucketVersioning'] },
  PutBucketVersioning: { on: 'bucket', actions: ['s3:PutBucketVersioning'] },
  GetPublicAccessBlock: { on: 'bucket', actions: ['s3:GetBucketPublicAccessBlock'] },
  PutPublicAccessBlock: { on: 'bucket', actions: ['s3:PutBucketPublicAccessBlock'] },

  HeadObject: { on: 'object', actions: GET },
  GetObject: { on: 'object', actions: GET },
  GetObjectTagging: { on: 'object', actions: ['s3:GetObjectTagging', 's3:GetObjectVersionTagging'] },
  PutObjectTagging: { on: 'object', actions: ['s3:PutObjectTagging'] },
  PutObject: { on: 'object', actions: ['s3:PutObject'] },
  CopyObject: { on: 'object', actions: COPY },
  DeleteObject: { on: 'object', actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'] },
  DeleteObjects: { on: 'object', actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'] },
  RestoreObject: { on: 'object', actions: ['s3:RestoreObject'] },
  CreateMultipartUpload: { on: 'object', actions: ['s3:PutObject', 's3:PutObjectTagging'] },
  UploadPartCopy: { on: 'object', actions: COPY },
  ListParts: { on: 'object', actions: ['s3:ListMultipartUploadParts'] },
  CompleteMultipartUpload: { on: 'object', actions: ['s3:PutObject'] },
  AbortMultipartUpload: { on: 'object', actions: ['s3:AbortMultipartUpload'] },
} as const satisfies Record<string, StoreCall>

/** What URLs and forms allow that SkyCrate signs and clients send: AWS holds them to the signer's own permissions. */
export const SIGNED_CALLS: readonly StoreCall[] = [
  { on: 'object', actions: GET },
  { on: 'object', actions: ['s3:PutObject'] },
  { on: 'object', actions: ['s3:DeleteObject'] },
]

/** The same for STS: sent with the role that temporary credentials assume. */
export const STS_CALLS = { AssumeRole: { actions: ['sts:AssumeRole'] } } as const satisfies Record<
  string,
  Pick<StoreCall, 'actions'>
>
