import type { UserId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { Sql } from '../db/database.ts'
import type { SettingKind } from '../stores/bucket-setting.ts'
import type { SettingOutcome } from '../stores/bucket-admin.ts'

/**
 * `planned`: named, nothing at S3. `creating`: S3 may have it. `created`: it is ours, its settings under way. `collided`:
 * the name is somebody else's. `failed`: given up; goes when it is empty. `deleting`: goes with all that is in it.
 */
export type BucketState = 'planned' | 'creating' | 'created' | 'ready' | 'collided' | 'failed' | 'deleting' | 'deleted'

export type BucketKind = 'home' | 'library' | 'created' | 'registered'

/** Names a bucket: its name alone does so within one store only. */
export interface BucketRef {
  readonly store: StoreId
  readonly bucket: string
}

export interface BucketRecord extends BucketRef {
  readonly kind: BucketKind
  /** Null until the store has told it. */
  readonly region: string | null
  /** Whose home it was created for. */
  readonly userId: UserId | null
  readonly state: BucketState
  /** It was there before SkyCrate: its settings are the operator's, and SkyCrate never deletes it by itself. */
  readonly adopted: boolean
  /** Days for which old versions are kept; null: as the configuration says. */
  readonly retentionDays: number | null
  /** Null: its store alone delivers it. */
  readonly deliveryUrl: string | null
  readonly deliveryKeyId: string | null
  readonly deliveryCookieDomain: string | null
  /** Whether its URLs lead to S3 Transfer Acceleration. */
  readonly accelerated: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
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

/** Of `buckets b`. */
export const BUCKET_COLUMNS = `b.store, b.name as bucket, b.kind, b.region, b.user_id as "userId", b.state, b.adopted,
  b.retention_days as "retentionDays", b.delivery_url as "deliveryUrl", b.delivery_key_id as "deliveryKeyId",
  b.delivery_cookie_domain as "deliveryCookieDomain", b.accelerated, b.created_at as "createdAt", b.updated_at as "updatedAt"`

export const inDefaultStore = (bucket: string): BucketRef => ({ store: DEFAULT_STORE, bucket })

export async function findBucket(sql: Sql, { store, bucket }: BucketRef): Promise<BucketRecord | undefined> {
  const [row] = await sql.query<BucketRecord>(
    `select ${BUCKET_COLUMNS} from buckets b where store = $1 and name = $2`,
    [store, bucket],
  )
  return row
}

export async function setBucketState(sql: Sql, { store, bucket }: BucketRef, state: BucketState): Promise<void> {
  await sql.query(`update buckets set state = $3, updated_at = now() where store = $1 and name = $2`, [
    store,
    bucket,
    state,
  ])
}

/** Buckets of homes that were given up, and may still be at S3. Those that are being deleted are their job's. */
export async function findLeftovers(sql: Sql, userId?: UserId): Promise<BucketRecord[]> {
  return sql.query<BucketRecord>(
    `select ${BUCKET_COLUMNS} from buckets b
     where kind = 'home' and state = 'failed' and not adopted and ($1::text is null or user_id = $1)
     order by created_at`,
    [userId ?? null],
  )
}

export async function countBuckets(sql: Sql, userId: UserId): Promise<number> {
  const [row] = await sql.query<{ count: number }>(`select count(*) as count from buckets where user_id = $1`, [userId])
  return row?.count ?? 0
}

export async function findSteps(sql: Sql, { store, bucket }: BucketRef): Promise<StepRecord[]> {
  return sql.query<StepRecord>(
    `select step, outcome, reason, setting, at from bucket_steps where store = $1 and bucket = $2`,
    [store, bucket],
    'buckets.find-steps',
  )
}

export async function recordStep(
  sql: Sql,
  { store, bucket }: BucketRef,
  step: StepName,
  outcome: SettingOutcome,
  setting: string | null,
): Promise<void> {
  await sql.query(
    `insert into bucket_steps (store, bucket, step, outcome, reason, setting) values ($1, $2, $3, $4, $5, $6)
     on conflict (store, bucket, step) do update
       set outcome = excluded.outcome, reason = excluded.reason, setting = excluded.setting, at = now()`,
    [store, bucket, step, outcome.outcome, outcome.reason, setting],
  )
}

/** The bucket is there and ours: its state and its first step become durable together. */
export async function recordCreated(sql: Sql, { store, bucket }: BucketRef): Promise<void> {
  await sql.query(
    `with step as (
       insert into bucket_steps (store, bucket, step, outcome) values ($1, $2, 'create', 'applied')
       on conflict (store, bucket, step) do nothing
     )
     update buckets set state = 'created', updated_at = now() where store = $1 and name = $2`,
    [store, bucket],
  )
}
