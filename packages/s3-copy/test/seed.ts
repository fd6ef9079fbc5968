import { randomBytes } from 'node:crypto'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { CreateMultipartUploadCommandInput, S3Client } from '@aws-sdk/client-s3'

const MEBIBYTE = 1024 ** 2

/** Keys that clients like to bend. */
export const ODD_KEYS = [
  'a folder/été 日本語 & +%2B.bin',
  'a/../b',
  'a//b',
  './c',
  'back\\slash',
  'tab\tand\u0001control',
  'trailing ',
  '🦀',
  "~tilde*(')!",
]

export const putMultipart = async (
  client: S3Client,
  input: CreateMultipartUploadCommandInput,
  sizes: readonly number[],
): Promise<void> => {
  const { Bucket, Key } = input
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(input))
  const Parts = []
  for (const [at, size] of sizes.entries()) {
    const part = { Bucket, Key, UploadId, PartNumber: at + 1, Body: randomBytes(size) }
    const { ETag, ChecksumCRC32, ChecksumSHA256, ChecksumCRC64NVME } = await client.send(
      new UploadPartCommand({
        ...part,
        ...(input.ChecksumAlgorithm === undefined ? {} : { ChecksumAlgorithm: input.ChecksumAlgorithm }),
      }),
    )
    Parts.push({ PartNumber: at + 1, ETag, ChecksumCRC32, ChecksumSHA256, ChecksumCRC64NVME })
  }
  await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }))
}

/** A bucket with versions and one of nearly everything that a version can have. */
export const seedVersions = async (client: S3Client, Bucket: string): Promise<void> => {
  await client.send(new CreateBucketCommand({ Bucket }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'history', Body: 'before versions' }))
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  for (const Body of ['one', 'two', 'two']) await client.send(new PutObjectCommand({ Bucket, Key: 'history', Body }))
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'history' }))
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'history' }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'history', Body: 'after' }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'deleted', Body: 'gone' }))
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'deleted' }))
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'never there' }))
  await client.send(
    new PutObjectCommand({
      Bucket,
      Key: 'attributes',
      Body: 'all of them',
      CacheControl: 'max-age=3',
      ContentDisposition: 'attachment; filename="x.txt"',
      ContentEncoding: 'identity',
      ContentLanguage: 'de',
      ContentType: 'text/plain; charset=utf-8',
      Expires: new Date('2031-01-02T03:04:05Z'),
      WebsiteRedirectLocation: '/elsewhere',
      Metadata: { colour: 'blue', 'with-dash': 'a b' },
      Tagging: 'a=1&b%20c=d%26e',
      StorageClass: 'STANDARD_IA',
      ServerSideEncryption: 'AES256',
      ChecksumAlgorithm: 'SHA256',
    }),
  )
  for (const Key of ODD_KEYS) await client.send(new PutObjectCommand({ Bucket, Key, Body: `the bytes of ${Key}` }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: Buffer.alloc(0) }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'big', Body: randomBytes(3 * MEBIBYTE + 5) }))
  const Metadata = { made: 'of parts' }
  const uneven = [5 * MEBIBYTE, 6 * MEBIBYTE + 1, 17]
  await putMultipart(client, { Bucket, Key: 'parts', Metadata, Tagging: 'p=q', ContentType: 'image/png' }, uneven)
  await putMultipart(client, { Bucket, Key: 'parts', ChecksumAlgorithm: 'SHA256' }, [5 * MEBIBYTE, 9])
  await putMultipart(
    client,
    { Bucket, Key: 'parts', ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'FULL_OBJECT', StorageClass: 'STANDARD_IA' },
    [5 * MEBIBYTE, 9],
  )
  await putMultipart(client, { Bucket, Key: 'one part', ChecksumAlgorithm: 'CRC32', ChecksumType: 'COMPOSITE' }, [100])
  await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'never completed' }))
}

/** Every setting of a bucket that is carried over. */
export const seedSettings = async (client: S3Client, Bucket: string): Promise<void> => {
  await client.send(
    new PutBucketCorsCommand({
      Bucket,
      CORSConfiguration: {
        CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['https://a.example'], MaxAgeSeconds: 9 }],
      },
    }),
  )
  await client.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    }),
  )
  await client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'team', Value: 'x y' }] } }))
  await client.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: {
        Rules: [
          { ID: 'old', Status: 'Enabled', Filter: { Prefix: 'old/' }, Expiration: { Days: 3 } },
          { ID: 'parts', Status: 'Enabled', Filter: {}, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
        ],
      },
    }),
  )
  const Statement = [
    { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/public/*` },
  ]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await client.send(new PutBucketPolicyCommand({ Bucket, Policy }))
  await client.send(
    new PutPublicAccessBlockCommand({
      Bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
    }),
  )
}

/** A bucket with object lock: a default retention, and versions with each kind of lock. */
export const seedLocks = async (client: S3Client, Bucket: string): Promise<void> => {
  await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }))
  const put = async (Key: string, lock: object): Promise<void> => {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...lock }))
  }
  const ObjectLockRetainUntilDate = new Date('2033-05-18T03:33:20Z')
  await put('free', {})
  await put('governance', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate })
  await put('compliance', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate })
  await put('held', { ObjectLockLegalHoldStatus: 'ON' })
  await client.send(
    new PutObjectLockConfigurationCommand({
      Bucket,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 2 } },
      },
    }),
  )
}
