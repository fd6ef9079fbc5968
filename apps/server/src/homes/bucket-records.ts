import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import type { SettingKind } from '../store/bucket-setting.ts'
import type { SettingOutcome } from '../store/store.ts'

/**
 * `planned`: named, nothing at S3. `creating`: S3 may have it. `created`: it is ours, its settings under way. `collided`:
 * the name is somebody else's. `failed`: given up; goes when it is empty. `removing`: goes with all that is in it.
 */
export type BucketState = 'planned' | 'creating' | 'created' | 'ready' | 'collided' | 'failed' | 'removing' | 'removed'

export interface BucketRecord {
  readonly bucket: string
  readonly userId: UserId | null
  readonly state: BucketState
  /** It was there before SkyCrate: its settings are the operator's, and it is never deleted. */
  readonly adopted: boolean
}

export type StepName = 'create' | SettingKind

export interface StepRecord {
  readonly step: StepName
  readonly outcome: SettingOutcome['outcome']
  readonly reason: string | null
  /** JSON of the setting that this is the outcome of; null for `create`. */
  readonly setting: string | null
  readonly at: Date
}

const COLUMNS = `bucket, user_id as "userId", state, adopted`

export async function findBucket(sql: Sql, bucket: string): Promise<BucketRecord | undefined> {
  const [row] = await sql.query<BucketRecord>(`select ${COLUMNS} from provisioned_buckets where bucket = $1`, [bucket])
  return row
}

export async function setBucketState(sql: Sql, bucket: string, state: BucketState): Promise<void> {
  await sql.query(`update provisioned_buckets set state = $2, updated_at = now() where bucket = $1`, [bucket, state])
}

/** Buckets that are given up or to be removed, and may still be at S3. */
export async function findLeftovers(sql: Sql, userId?: UserId): Promise<BucketRecord[]> {
  return sql.query<BucketRecord>(
    `select ${COLUMNS} from provisioned_buckets
     where state in ('failed', 'removing') and not adopted and ($1::text is null or user_id = $1) order by created_at`,
    [userId ?? null],
  )
}

export async function countBuckets(sql: Sql, userId: UserId): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `select count(*) as count from provisioned_buckets where user_id = $1`,
    [userId],
  )
  return row?.count ?? 0
}

export async function findSteps(sql: Sql, bucket: string): Promise<StepRecord[]> {
  return sql.query<StepRecord>(
    `select step, outcome, reason, setting, at from provisioning_steps where bucket = $1`,
    [bucket],
    'homes.find-steps',
  )
}

export async function recordStep(
  sql: Sql,
  bucket: string,
  step: StepName,
  outcome: SettingOutcome,
  setting: string | null,
): Promise<void> {
  await sql.query(
    `insert into provisioning_steps (bucket, step, outcome, reason, setting) values ($1, $2, $3, $4, $5)
     on conflict (bucket, step) do update
       set outcome = excluded.outcome, reason = excluded.reason, setting = excluded.setting, at = now()`,
    [bucket, step, outcome.outcome, outcome.reason, setting],
  )
}

/** The bucket is there and ours: its state and its first step become durable together. */
export async function recordCreated(sql: Sql, bucket: string): Promise<void> {
  await sql.query(
    `with step as (
       insert into provisioning_steps (bucket, step, outcome) values ($1, 'create', 'applied')
       on conflict (bucket, step) do nothing
     )
     update provisioned_buckets set state = 'created', updated_at = now() where bucket = $1`,
    [bucket],
  )
}
