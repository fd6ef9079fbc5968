import {
  DeleteObjectCommand,
  GetPublicAccessBlockCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import { type ApplyOptions, applySetting } from './apply-setting.ts'
import type { SettingOutcome } from '../bucket-admin.ts'
import { isUnavailable, storeFailure } from './store-failure.ts'

/** Removed at once; under a name that says whose it was, should we die in between. */
const PROBE_KEY = '.skycrate-probe'

const WITHOUT_BLOCK_ACLS = {
  BlockPublicAcls: false,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
}

export type ApplyAccessBlock = (options: ApplyOptions) => Promise<SettingOutcome>

/**
 * The public access block on a store that is not known to mean it: Ceph 16 takes BlockPublicAcls for "refuse every
 * PutObject". So an object is put and removed once a process; where that is refused, public ACLs are ignored but not
 * blocked, and the outcome says so.
 */
export function accessBlockForUnknownStore(): ApplyAccessBlock {
  let stopsUploads: boolean | undefined

  return async (options) => {
    if (stopsUploads !== true) {
      const outcome = await applySetting({ kind: 'public-access-block' }, options)
      if (outcome.outcome !== 'applied') return outcome
      stopsUploads ??= !(await canUpload(options))
      if (!stopsUploads) return outcome
    }
    return applyWithoutBlockAcls(options)
  }
}

async function canUpload({ call }: ApplyOptions): Promise<boolean> {
  const { client, bucket, options } = call()
  let version: string | undefined
  try {
    const put = await client.send(
      new PutObjectCommand({ Bucket: bucket, Key: PROBE_KEY, Body: '', ContentLength: 0 }),
      options,
    )
    version = put.VersionId
  } catch (error) {
    if (storeFailure(error).code === 'AccessDenied') return false
    throw error
  }
  await client.send(
    new DeleteObjectCommand({
      Bucket: bucket,
      Key: PROBE_KEY,
      ...(version === undefined ? {} : { VersionId: version }),
    }),
    call().options,
  )
  return true
}

async function applyWithoutBlockAcls({ call }: ApplyOptions): Promise<SettingOutcome> {
  try {
    const { client, bucket, options } = call()
    await client.send(
      new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration: WITHOUT_BLOCK_ACLS }),
      options,
    )
    const answer = await client.send(new GetPublicAccessBlockCommand({ Bucket: bucket }), call().options)
    if (answer.PublicAccessBlockConfiguration?.BlockPublicAcls === true) {
      return { outcome: 'failed', reason: 'BlockPublicAcls stops every upload at this store and cannot be taken back' }
    }
  } catch (error) {
    const failure = storeFailure(error)
    if (isUnavailable(failure)) throw error
    return { outcome: 'failed', reason: `HTTP ${failure.status} ${failure.code}` }
  }
  return {
    outcome: 'unsupported',
    reason: 'BlockPublicAcls stops every upload at this store; public ACLs are ignored instead, the rest is set',
  }
}
