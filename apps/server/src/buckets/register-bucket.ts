import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { BucketContext } from './bucket-context.ts'
import { type BucketRef, findBucket } from './bucket-records.ts'

/** A name in one of these states says nothing about a bucket that is there now. */
const OVER = new Set(['collided', 'failed', 'deleted'])

/**
 * Takes a bucket that is there into the list. Nothing is changed at the store.
 * @returns false where it is in the list already
 * @throws AppError `bucket-missing`, `invalid-request` where the store denies access, `store-unavailable`,
 * `store-refused`, `audit-unavailable`
 */
export async function registerBucket(
  ref: BucketRef,
  by: UserId,
  origin: RequestOrigin,
  { database, storeOf, audit }: Pick<BucketContext, 'database' | 'storeOf' | 'audit'>,
): Promise<boolean> {
  const { store, bucket } = ref
  const known = await findBucket(database, ref)
  if (known !== undefined && !OVER.has(known.state)) return false
  const { presence, region = storeOf(store).region } = await storeOf(store).findBucket(bucket)
  switch (presence) {
    case 'absent':
      throw new AppError('bucket-missing', 'The store has no bucket of this name.')
    case 'forbidden':
      throw new AppError('invalid-request', undefined, {
        errors: [{ path: '/name', message: "names a bucket that the store denies SkyCrate's keys access to" }],
      })
    case 'owned':
      break
  }
  await audit.record({
    action: 'bucket.register',
    outcome: 'allow',
    userId: by,
    store,
    bucket,
    key: null,
    reason: null,
    detail: { region },
    origin,
  })
  await database.transaction(async (tx) => {
    await tx.query(`delete from bucket_steps where store = $1 and bucket = $2`, [store, bucket])
    await tx.query(`delete from bucket_contents where store = $1 and bucket = $2`, [store, bucket])
    await tx.query(
      `insert into buckets (store, name, kind, region, state, adopted) values ($1, $2, 'registered', $3, 'ready', true)
       on conflict (store, name) do update
         set kind = 'registered', region = excluded.region, state = 'ready', adopted = true, user_id = null,
           retention_days = null, job_id = null, created_at = now(), updated_at = now()
         where buckets.state in ('collided', 'failed', 'deleted')`,
      [store, bucket, region],
    )
  })
  return true
}
