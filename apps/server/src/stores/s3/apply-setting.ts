import type { BucketSetting } from '../bucket-setting.ts'
import { operationsFor, type SettingCall } from './setting-operations.ts'
import type { SettingOutcome, SettingState } from '../bucket-admin.ts'
import { isUnavailable, type StoreFailure, storeFailure } from './store-failure.ts'
import { toldRegion } from './told-region.ts'

/** AWS shows a setting to a following read a moment late; a store that keeps nothing shows it never. */
const READ_BACK_AFTER_MS = [0, 200, 1000]

/** S3's codes for "there is none", on reading a setting. */
const NONE = new Set([
  'NoSuchBucketPolicy',
  'NoSuchCORSConfiguration',
  'NoSuchLifecycleConfiguration',
  'NoSuchPublicAccessBlockConfiguration',
  'NoSuchTagSet',
  'NoSuchTagSetError',
  'OwnershipControlsNotFoundError',
  'ServerSideEncryptionConfigurationNotFoundError',
])

/** How stores other than AWS refuse what they do not know: as an argument of the plain call (Ceph among them). */
const TAKEN_FOR_ANOTHER_CALL = new Set(['InvalidArgument', 'InvalidRequest', 'MalformedXML'])

export interface ApplyOptions {
  readonly aws: boolean
  /** Made anew for each call to the store. */
  readonly call: () => SettingCall
  readonly wait: (milliseconds: number) => Promise<void>
}

/**
 * Puts a setting and reads it back. A GET of the sub-resource only follows a PUT that the store took, and nothing here
 * is ever a DELETE: a store that does not know a sub-resource takes the request for the plain call, and Ceph then
 * deletes the bucket.
 *
 * @throws the SDK's error where the store is unavailable, or the bucket gone or elsewhere: that says nothing about what
 * it can do
 */
export async function applySetting(setting: BucketSetting, options: ApplyOptions): Promise<SettingOutcome> {
  const { region } = options.call()
  try {
    await operationsFor(setting).put(options.call(), setting)
  } catch (error) {
    const failure = storeFailure(error)
    if (isUnavailable(failure) || failure.code === 'NoSuchBucket' || toldRegion(error, region)) throw error
    return { outcome: isUnsupported(failure, options.aws) ? 'unsupported' : 'failed', reason: reasonOf(failure) }
  }
  for (const delay of READ_BACK_AFTER_MS) {
    if (delay > 0) await options.wait(delay)
    try {
      if ((await readSetting(setting, options)) === 'as-wanted') return { outcome: 'applied', reason: null }
    } catch (error) {
      const failure = storeFailure(error)
      if (isUnavailable(failure) || failure.code === 'NoSuchBucket') throw error
      return { outcome: 'failed', reason: `taken, but cannot be read back: ${reasonOf(failure)}` }
    }
  }
  return { outcome: 'unsupported', reason: 'the store takes it and keeps something else or nothing' }
}

/** @throws the SDK's errors, those for "there is none" excepted */
export async function readSetting(setting: BucketSetting, options: Pick<ApplyOptions, 'call'>): Promise<SettingState> {
  try {
    return await operationsFor(setting).read(options.call(), setting)
  } catch (error) {
    if (NONE.has(storeFailure(error).code)) return 'absent'
    throw error
  }
}

export function isUnsupported({ code, status }: StoreFailure, aws: boolean): boolean {
  if (status === 501 || code === 'NotImplemented') return true
  if (status === 405 || code === 'MethodNotAllowed') return true
  return !aws && status === 400 && TAKEN_FOR_ANOTHER_CALL.has(code)
}

/** Texts that the SDK puts where the store gave none. */
const SAYS_NOTHING = new Set(['', 'UnknownError'])

const reasonOf = ({ code, message, status }: StoreFailure): string =>
  `HTTP ${status ?? '?'} ${code}${SAYS_NOTHING.has(message) || message === code ? '' : `: ${message}`}`.slice(0, 500)
