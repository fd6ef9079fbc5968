import {
  CreateBucketCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import type { BucketLocationConstraint, S3Client } from '@aws-sdk/client-s3'
import type { BucketCopy } from './bucket-copy.ts'
import { BUCKET_SETTINGS } from './bucket-settings.ts'
import type { BucketSetting } from './bucket-settings.ts'
import type { ReportLine } from './report.ts'
import { isNotFound, sayFailure } from './s3-failure.ts'
import { sameSetting } from './same-setting.ts'

/** Whether the bucket is there, and ours. */
const bucketExists = async (client: S3Client, bucket: string): Promise<boolean> => {
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }))
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

const readVersioning = async (client: S3Client, bucket: string): Promise<string | undefined> =>
  (await client.send(new GetBucketVersioningCommand({ Bucket: bucket })).catch(() => undefined))?.Status

const readLock = async (client: S3Client, bucket: string) =>
  (await client.send(new GetObjectLockConfigurationCommand({ Bucket: bucket })).catch(() => undefined))
    ?.ObjectLockConfiguration

/** Brings one setting over, looks whether it is there, and says so. */
const copySetting = async (copy: BucketCopy, setting: BucketSetting): Promise<void> => {
  const { from, to, bucket, toBucket, toPrefix, mode, report, tally } = copy
  const say = (line: Pick<ReportLine & { kind: 'setting' }, 'status' | 'reason' | 'source' | 'target'>): void => {
    const whole: ReportLine = { kind: 'setting', bucket, toBucket, setting: setting.name, ...line }
    report.write(whole)
    tally.add(whole)
  }
  try {
    const value = await setting.read(from.client, bucket)
    if (value === undefined) return
    if (toPrefix !== '' || copy.left.has(setting.name)) return say({ status: 'left out' })
    const wanted =
      bucket === toBucket || setting.rename === undefined ? value : setting.rename(value as never, bucket, toBucket)
    const readBack = (): Promise<unknown> => setting.read(to.client, toBucket)
    const before = mode === 'dry-run' && !(await bucketExists(to.client, toBucket)) ? undefined : await readBack()
    if (sameSetting(wanted, before)) return say({ status: 'present' })
    if (setting.write === undefined) return say({ status: 'missing', reason: 'it is not carried over', source: value })
    if (mode === 'dry-run') return say({ status: 'would apply' })
    if (mode === 'copy') {
      try {
        await setting.write(to.client, toBucket, wanted as never)
      } catch (error) {
        return say({ status: 'missing', reason: sayFailure(error), source: value })
      }
    }
    const after = await readBack()
    if (sameSetting(wanted, after)) return say({ status: 'applied' })
    say({ status: after === undefined ? 'missing' : 'differs', source: wanted, target: after })
  } catch (error) {
    say({ status: 'missing', reason: sayFailure(error) })
  }
}

/**
 * Makes the target's bucket and gives it what has to be there before the objects are. In the modes that change nothing it
 * only looks.
 *
 * @throws what the store says where there can be no such bucket
 */
export const prepareBucket = async (copy: BucketCopy): Promise<{ exists: boolean; keepsHistory: boolean }> => {
  const { from, to, bucket, toBucket, mode } = copy
  const exists = await bucketExists(to.client, toBucket)
  const versioning = await readVersioning(from.client, bucket)
  if (mode === 'copy') {
    const lock = await readLock(from.client, bucket)
    if (!exists) {
      await to.client.send(
        new CreateBucketCommand({
          Bucket: toBucket,
          ...(lock === undefined ? {} : { ObjectLockEnabledForBucket: true }),
          ...(to.region === 'us-east-1'
            ? {}
            : { CreateBucketConfiguration: { LocationConstraint: to.region as BucketLocationConstraint } }),
        }),
      )
    }
    // What fails here shows in what is read back, now and when the settings are compared.
    if (versioning !== undefined && (await readVersioning(to.client, toBucket)) !== 'Enabled') {
      const VersioningConfiguration = { Status: 'Enabled' } as const
      await to.client
        .send(new PutBucketVersioningCommand({ Bucket: toBucket, VersioningConfiguration }))
        .catch(() => undefined)
    }
    if (lock !== undefined && copy.toPrefix === '') {
      const there = await readLock(to.client, toBucket)
      if (there === undefined || there.Rule !== undefined) {
        const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' } as const
        await to.client
          .send(new PutObjectLockConfigurationCommand({ Bucket: toBucket, ObjectLockConfiguration }))
          .catch(() => undefined)
      }
    }
  }
  for (const setting of BUCKET_SETTINGS) if (setting.when === 'before') await copySetting(copy, setting)
  const keepsHistory = mode === 'dry-run' && !exists ? true : (await readVersioning(to.client, toBucket)) !== undefined
  return { exists: exists || mode === 'copy', keepsHistory }
}

const readBlock = async (client: S3Client, bucket: string) =>
  (await client.send(new GetPublicAccessBlockCommand({ Bucket: bucket })).catch(() => undefined))
    ?.PublicAccessBlockConfiguration

/**
 * A bucket may have a public policy that is older than its block of such; to put both in that order, the target's own block
 * has to stand back for a moment. Only where the source's block comes after it.
 */
const admitPolicy = async ({ from, to, bucket, toBucket }: BucketCopy): Promise<void> => {
  const block = await readBlock(to.client, toBucket)
  if (block?.BlockPublicPolicy !== true || (await readBlock(from.client, bucket)) === undefined) return
  const PublicAccessBlockConfiguration = { ...block, BlockPublicPolicy: false }
  await to.client
    .send(new PutPublicAccessBlockCommand({ Bucket: toBucket, PublicAccessBlockConfiguration }))
    .catch(() => undefined)
}

/** Gives the bucket what would have been in the objects' way. */
export const finishBucket = async (copy: BucketCopy): Promise<void> => {
  const leaves = copy.left.has('policy') || copy.left.has('public access block')
  if (copy.mode === 'copy' && copy.toPrefix === '' && !leaves) await admitPolicy(copy)
  for (const setting of BUCKET_SETTINGS) if (setting.when === 'after') await copySetting(copy, setting)
}
