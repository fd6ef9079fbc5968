import type { BucketSetting } from '../bucket-setting.ts'
import { operationsFor, type SettingCall } from './setting-operations.ts'
import type { SettingFound, SettingInspection, SettingOutcome } from '../bucket-admin.ts'
import { isUnsupported, NONE, reasonOf } from './setting-failure.ts'
import { isUnavailable, storeFailure } from './store-failure.ts'
import { toldRegion } from './told-region.ts'

/** AWS shows a setting to a following read a moment late; a store that keeps nothing shows it never. */
const READ_BACK_AFTER_MS = [0, 200, 1000]

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
      if ((await readSetting(setting, options)).state === 'as-wanted') return { outcome: 'applied', reason: null }
    } catch (error) {
      const failure = storeFailure(error)
      if (isUnavailable(failure) || failure.code === 'NoSuchBucket') throw error
      return { outcome: 'failed', reason: `taken, but cannot be read back: ${reasonOf(failure)}` }
    }
  }
  return { outcome: 'unsupported', reason: 'the store takes it and keeps something else or nothing' }
}

/** @throws the SDK's errors, those for "there is none" excepted */
export async function readSetting(setting: BucketSetting, options: Pick<ApplyOptions, 'call'>): Promise<SettingFound> {
  try {
    return await operationsFor(setting).read(options.call(), setting)
  } catch (error) {
    if (NONE.has(storeFailure(error).code)) return { state: 'absent', found: null }
    throw error
  }
}

/** @throws the SDK's error where the store is unavailable, or the bucket gone or elsewhere */
export async function inspectSetting(
  setting: BucketSetting,
  options: Pick<ApplyOptions, 'call' | 'aws'>,
): Promise<SettingInspection> {
  try {
    return { outcome: 'read', ...(await readSetting(setting, options)) }
  } catch (error) {
    const failure = storeFailure(error)
    if (isUnavailable(failure) || failure.code === 'NoSuchBucket') throw error
    if (toldRegion(error, options.call().region)) throw error
    return { outcome: isUnsupported(failure, options.aws) ? 'unsupported' : 'unknown', reason: reasonOf(failure) }
  }
}
