import type { PermissionId, UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import type { Sql } from '../db/database.ts'
import { BUCKET_COLUMNS, type BucketRecord, type BucketRef } from '../buckets/bucket-records.ts'
import type { HomesConfig } from './homes-config.ts'

export interface HomeRecord {
  readonly userId: UserId
  readonly layout: HomesConfig['layout']
  readonly store: StoreId
  readonly bucket: string
  readonly prefix: string
  readonly region: string
  readonly state: 'provisioning' | 'ready' | 'failed' | 'deleting'
}

const COLUMNS = `user_id as "userId", layout, store, bucket, prefix, region, state`

export async function findHome(sql: Sql, userId: UserId): Promise<HomeRecord | undefined> {
  const [row] = await sql.query<HomeRecord>(
    `select ${COLUMNS} from homes where user_id = $1`,
    [userId],
    'homes.find-home',
  )
  return row
}

export async function findUnfinished(sql: Sql): Promise<UserId[]> {
  const rows = await sql.query<{ userId: UserId }>(
    `select user_id as "userId" from homes where state = 'provisioning' order by updated_at`,
  )
  return rows.map((row) => row.userId)
}

/** The bucket that an earlier run set out to make and that has not come to nothing. */
export async function findCandidate(sql: Sql, userId: UserId): Promise<BucketRecord | undefined> {
  const [row] = await sql.query<BucketRecord>(
    `select ${BUCKET_COLUMNS}
     from homes h join buckets b on b.store = h.store and b.name = h.bucket
     where h.user_id = $1 and h.state = 'provisioning' and b.state in ('planned', 'creating', 'created')`,
    [userId],
  )
  return row
}

/** Writes the name down before anything happens at S3, so that no bucket is ever unrecorded. */
export async function planBucket(
  sql: Sql,
  userId: UserId,
  { store, bucket }: BucketRef,
  region: string,
): Promise<void> {
  await sql.query(
    `with planned as (
       insert into buckets (store, name, kind, region, user_id, state) values ($4, $2, 'home', $3, $1, 'planned')
     )
     insert into homes (user_id, layout, store, bucket, prefix, region, state)
     values ($1, 'bucket-per-user', $4, $2, '', $3, 'provisioning')
     on conflict (user_id) do update
       set layout = excluded.layout, store = excluded.store, bucket = excluded.bucket, prefix = excluded.prefix, region = excluded.region,
           state = excluded.state, updated_at = now()
       where homes.state <> 'ready'`,
    [userId, bucket, region, store],
  )
}

export async function markHomeFailed(sql: Sql, userId: UserId): Promise<void> {
  await sql.query(`update homes set state = 'failed', updated_at = now() where user_id = $1`, [userId])
}

/** One statement, so one transaction: the home is ready, and its owner may do everything in its bucket. */
export async function markBucketHomeReady(
  sql: Sql,
  userId: UserId,
  { store, bucket }: BucketRef,
  permissionId: PermissionId,
): Promise<void> {
  await sql.query(
    `with home as (
       update homes set state = 'ready', updated_at = now()
       where user_id = $1 and store = $4 and bucket = $2 and state <> 'ready' returning user_id, store, bucket
     ), made as (
       update buckets set state = 'ready', updated_at = now() where store = $4 and name = $2
     )
     insert into permissions
       (id, principal_kind, principal, store, bucket, prefix, can_read, can_write, can_delete, can_list, description)
     select $3, 'user', user_id, store, bucket, '', true, true, true, true, 'Home' from home`,
    [userId, bucket, permissionId, store],
  )
}

/** A home in the library bucket. Its permission is the access level `private`, which covers everyone's own prefix. */
export async function insertSharedHome(sql: Sql, home: Omit<HomeRecord, 'layout' | 'state'>): Promise<void> {
  await sql.query(
    `insert into homes (user_id, layout, store, bucket, prefix, region, state)
     values ($1, 'shared-bucket', $5, $2, $3, $4, 'ready')
     on conflict (user_id) do update
       set layout = excluded.layout, store = excluded.store, bucket = excluded.bucket, prefix = excluded.prefix, region = excluded.region,
           state = excluded.state, updated_at = now()
       where homes.state <> 'ready'`,
    [home.userId, home.bucket, home.prefix, home.region, home.store],
  )
}

/** Ends the owner's access and everyone else's to the bucket of a home, and says that it goes. */
export async function markHomeDeleting(sql: Sql, home: HomeRecord): Promise<void> {
  await sql.query(
    `with gone as (delete from permissions where $3 and store = $4 and bucket = $2),
       leaving as (
         update buckets set state = 'deleting', updated_at = now()
         where $3 and store = $4 and name = $2 and not adopted
       )
     update homes set state = 'deleting', updated_at = now() where user_id = $1`,
    [home.userId, home.bucket, home.layout === 'bucket-per-user', home.store],
  )
}

/** What was deleted is recorded as deleted: the home and, where it had one of its own, its bucket. */
export async function forgetDeletedHome(sql: Sql, home: HomeRecord): Promise<void> {
  await sql.query(
    `with bucket as (
       update buckets set state = 'deleted', updated_at = now() where store = $2 and name = $3 and state = 'deleting'
     )
     delete from homes where user_id = $1 and state = 'deleting'`,
    [home.userId, home.store, home.bucket],
  )
}

/**
 * Makes a home's contents the administrators': nobody's home any more, and out of the owner's reach. A bucket that
 * never became ready is given up.
 */
export async function releaseHome(sql: Sql, home: HomeRecord): Promise<void> {
  await sql.query(
    `with gone as (
       delete from permissions
       where principal_kind = 'user' and principal = $1 and store = $2 and bucket = $3 and prefix = $4
     ), kept as (
       update buckets set updated_at = now(), kind = case state when 'ready' then 'created' else kind end,
         state = case state when 'ready' then state else 'failed' end
       where store = $2 and name = $3 and kind = 'home' and state in ('planned', 'creating', 'created', 'ready')
     )
     delete from homes where user_id = $1`,
    [home.userId, home.store, home.bucket, home.prefix],
  )
}
