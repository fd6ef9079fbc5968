import type { BucketDetail } from '@skycrate/contract/buckets/schemas'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Store } from '../stores/store.ts'
import type { BucketContext } from './bucket-context.ts'
import { type BucketRef, findSteps } from './bucket-records.ts'
import { deliveryOf } from './bucket-delivery.ts'
import { inOrder } from './in-order.ts'
import { inspectSettings } from './inspect-settings.ts'
import { findBucketRow, toSummary } from './list-buckets.ts'

/** Permissions and homes that one answer names at most. */
const MAX_ROWS = 200

/** While a bucket is in one of these states, there is nothing at the store to look at. */
const NOT_THERE = new Set(['planned', 'creating', 'collided', 'failed', 'deleted'])

/** @throws AppError `not-found` */
export async function bucketDetail(
  ref: BucketRef,
  { database, storeOf, config }: Pick<BucketContext, 'database' | 'storeOf' | 'config'>,
): Promise<BucketDetail> {
  const row = await findBucketRow(database, ref)
  if (row === undefined || row.state === 'deleted') {
    throw new AppError('not-found', 'There is no bucket of this name in the list.')
  }
  const steps = await findSteps(database, ref)
  const store = storeOf(ref.store)
  const isThere = !NOT_THERE.has(row.state)
  const [region, settings, permissions, homes] = await Promise.all([
    row.region === null && isThere ? learnRegion(ref, store, database) : row.region,
    isThere ? inspectSettings(row, steps, store, config) : [],
    permissionsOn(database, ref),
    homesIn(database, ref),
  ])
  return {
    ...toSummary(row),
    region,
    retentionDays: row.retentionDays,
    defaultRetentionDays: config.retentionDays,
    delivery: deliveryOf(row),
    accelerated: row.accelerated,
    steps: inOrder(steps).map(({ step, outcome, reason, at }) => ({ step, outcome, reason, at: at.toISOString() })),
    settings,
    ...permissions,
    ...homes,
    jobId: row.jobId,
  }
}

/** Of a bucket that came into the list without anybody looking for it. */
async function learnRegion({ store: id, bucket }: BucketRef, store: Store, sql: Sql): Promise<string | null> {
  try {
    const { presence, region = store.region } = await store.findBucket(bucket)
    if (presence !== 'owned') return null
    await sql.query(`update buckets set region = $3 where store = $1 and name = $2 and region is null`, [
      id,
      bucket,
      region,
    ])
    return region
  } catch (error) {
    // The page says what is wrong with the store beside its settings.
    if (error instanceof AppError) return null
    throw error
  }
}

interface PermissionOn {
  readonly id: string
  readonly kind: 'user' | 'group' | 'everyone' | 'guest'
  readonly principal: string
  readonly principalName: string
  readonly prefix: string
  readonly actions: BucketDetail['permissions'][number]['actions']
  readonly expiresAt: Date | null
  readonly total: number
}

async function permissionsOn(
  sql: Sql,
  { store, bucket }: BucketRef,
): Promise<Pick<BucketDetail, 'permissions' | 'permissionsTotal'>> {
  const rows = await sql.query<PermissionOn>(
    `select p.id, p.principal_kind as kind, p.principal, p.prefix, p.expires_at as "expiresAt",
       coalesce(u.name, u.email, p.principal) as "principalName", count(*) over () as total,
       array_remove(array[
         case when p.can_read then 'read' end, case when p.can_write then 'write' end,
         case when p.can_delete then 'delete' end, case when p.can_list then 'list' end], null) as actions
     from permissions p left join users u on p.principal_kind = 'user' and u.id = p.principal
     where p.store = $1 and p.bucket = $2
     order by p.prefix, p.id limit $3`,
    [store, bucket, MAX_ROWS],
  )
  return {
    permissions: rows.map(({ id, kind, principal, principalName, prefix, actions, expiresAt }) => ({
      id,
      kind,
      principal,
      principalName,
      prefix,
      actions,
      expiresAt: expiresAt?.toISOString() ?? null,
    })),
    permissionsTotal: rows[0]?.total ?? 0,
  }
}

async function homesIn(sql: Sql, { store, bucket }: BucketRef): Promise<Pick<BucketDetail, 'homes' | 'homesTotal'>> {
  const rows = await sql.query<BucketDetail['homes'][number] & { total: number }>(
    `select h.user_id as "userId", coalesce(u.name, u.email, h.user_id) as "userName", h.prefix, h.state,
       count(*) over () as total
     from homes h join users u on u.id = h.user_id
     where h.store = $1 and h.bucket = $2
     order by h.prefix limit $3`,
    [store, bucket, MAX_ROWS],
  )
  return {
    homes: rows.map(({ userId, userName, prefix, state }) => ({ userId, userName, prefix, state })),
    homesTotal: rows[0]?.total ?? 0,
  }
}
