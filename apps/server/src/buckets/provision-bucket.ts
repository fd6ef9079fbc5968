import type { FastifyBaseLogger } from 'fastify'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { BESIDE_OTHERS, type BucketSetting, PROTECTIVE } from '../stores/bucket-setting.ts'
import type { SettingOutcome, SettingState } from '../stores/bucket-admin.ts'
import type { Store } from '../stores/store.ts'
import { bucketTags } from './bucket-aims.ts'
import { type BucketRecord, findSteps, recordCreated, recordStep, setBucketState } from './bucket-records.ts'

export interface ProvisionOptions {
  /** The connection that holds the lock. */
  readonly sql: Sql
  readonly store: Store
  readonly logger: FastifyBaseLogger
  readonly settings: readonly BucketSetting[]
  readonly strict: boolean
}

export type ProvisionResult =
  | { readonly outcome: 'provisioned' }
  /** The name is taken by somebody else's bucket; nothing was done to it. */
  | { readonly outcome: 'collided' }
  /** The bucket is there, and the store cannot protect it as strict mode demands. */
  | { readonly outcome: 'unprotected'; readonly step: string; readonly reason: string }

/**
 * Takes a bucket that is written down from wherever an earlier run left it to where all its settings are. Each step is
 * recorded when it is done, and can be done again, so a crash anywhere costs at most one repeated step.
 *
 * @throws AppError `store-unavailable` or `store-refused`; the next run goes on from there
 */
export async function provisionBucket(record: BucketRecord, options: ProvisionOptions): Promise<ProvisionResult> {
  const { sql, store } = options
  const { bucket } = record
  if (record.state === 'planned' || record.state === 'creating') {
    if (!(await claim(record, options))) {
      await setBucketState(sql, record, 'collided')
      return { outcome: 'collided' }
    }
    await recordCreated(sql, record)
  }
  const recorded = new Map((await findSteps(sql, record)).map((step) => [step.step, step]))
  for (const setting of options.settings) {
    const text = JSON.stringify(setting)
    const before = recorded.get(setting.kind)
    let outcome: Pick<SettingOutcome, 'outcome' | 'reason'>
    if (before !== undefined && before.outcome !== 'failed' && before.setting === text) {
      outcome = before
    } else {
      // What SkyCrate has set beside others' there before is SkyCrate's to change.
      const isOwn = !record.adopted || (before?.outcome === 'applied' && BESIDE_OTHERS.has(setting.kind))
      const now = isOwn ? await store.applySetting(bucket, setting) : await respect(bucket, setting, store)
      await recordStep(sql, record, setting.kind, now, text)
      outcome = now
    }
    if (outcome.outcome === 'applied') continue
    const reason = outcome.reason ?? outcome.outcome
    options.logger.warn(
      { bucket, step: setting.kind, outcome: outcome.outcome, reason },
      'could not apply a setting to a bucket',
    )
    if (options.strict && PROTECTIVE.has(setting.kind)) return { outcome: 'unprotected', step: setting.kind, reason }
  }
  return { outcome: 'provisioned' }
}

/** Makes the bucket, or finds that an earlier run made it. */
async function claim(record: BucketRecord, { sql, store }: ProvisionOptions): Promise<boolean> {
  const { bucket } = record
  // The tags that say a bucket is the one meant.
  const tags = bucketTags(record)
  if (record.state === 'planned') {
    if ((await store.findBucket(bucket)).presence === 'owned') return false
    // From here on S3 may have it, whatever becomes of us or of the answer.
    await setBucketState(sql, record, 'creating')
  } else if ((await store.findBucket(bucket)).presence === 'owned' && !(await isOurs(bucket, store, tags))) {
    return false
  }
  // Asked for on `forbidden` too: the store then says whether the name is taken or our own keys are wrong. And asked for
  // again where an earlier run made it: only the owner of a bucket is not told that it is somebody else's.
  if ((await store.createBucket(bucket, record.region ?? store.region)) === 'taken') return false
  // us-east-1 and Ceph answer 200 for any bucket of the same owner, so look whose it was.
  return isOurs(bucket, store, tags)
}

/** Ours is what is empty, as we make them, or carries our tags (a record restored from a backup may be behind). */
async function isOurs(bucket: string, store: Store, tags: Readonly<Record<string, string>>): Promise<boolean> {
  if (await store.isEmpty(bucket)) return true
  const found = await store.readTags(bucket)
  return found !== undefined && Object.entries(tags).every(([key, value]) => found[key] === value)
}

/** A setting of a bucket that was there before: only put where there is none. */
async function respect(bucket: string, setting: BucketSetting, store: Store): Promise<SettingOutcome> {
  let standing: SettingState
  try {
    standing = await store.readSetting(bucket, setting)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'store-refused') throw error
    return { outcome: 'failed', reason: `cannot be read: ${String((error.cause as Error | undefined)?.message)}` }
  }
  switch (standing) {
    case 'as-wanted':
      return { outcome: 'applied', reason: null }
    case 'absent':
      return store.applySetting(bucket, setting)
    case 'different':
      return { outcome: 'failed', reason: 'the bucket was there before and has its own; left as it is' }
  }
}
