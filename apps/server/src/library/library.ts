import { randomBytes } from 'node:crypto'
import { ACTION_BIT, type ActionSet } from '@skycrate/core/access/operation'
import { accessLevels } from '@skycrate/core/access/levels'
import { createId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Store } from '../stores/store.ts'
import { settingsFor } from '../buckets/bucket-aims.ts'
import { type BucketRecord, findBucket, inDefaultStore, setBucketState } from '../buckets/bucket-records.ts'
import type { BucketsConfig } from '../buckets/buckets-config.ts'
import { provisionBucket } from '../buckets/provision-bucket.ts'
import { withLock } from '../buckets/with-lock.ts'

const DEFAULT_LOCK_WAIT_MS = 20_000

export interface LibraryOptions {
  readonly database: Database
  readonly store: Store
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  readonly config: BucketsConfig
}

/**
 * Makes the library bucket with the same steps as a home, or takes the operator's own bucket as it is, adding only
 * settings that it has none of. Then gives it the access levels as permissions, once: one that an administrator removed
 * stays removed.
 *
 * @throws AppError `provisioning-failed` where the name is somebody else's or, in strict mode, the bucket is not
 * protected; `store-unavailable`, `store-refused`
 */
export async function ensureLibrary(bucket: string, options: LibraryOptions): Promise<void> {
  const { database, store, logger, config } = options
  await withLock(database, `skycrate.library:${bucket}`, config.lockWaitMs ?? DEFAULT_LOCK_WAIT_MS, async (sql) => {
    const record = (await findLiving(sql, bucket)) ?? (await planLibrary(sql, bucket, store))
    const result = await provisionBucket(record, {
      sql,
      store,
      logger,
      settings: settingsFor(record, config),
      strict: config.strict,
    })
    switch (result.outcome) {
      case 'provisioned':
        await setBucketState(sql, record, 'ready')
        break
      case 'collided':
        throw taken(bucket)
      case 'unprotected':
        await giveUp(sql, record, store)
        throw new AppError('provisioning-failed', `The library bucket is not protected: ${result.step}.`, {
          cause: new Error(`${bucket}, ${result.step}: ${result.reason}`),
        })
    }
    await addAccessLevels(sql, bucket, options.now())
  })
}

const DEAD = new Set(['collided', 'failed', 'deleted'])

async function findLiving(sql: Sql, bucket: string): Promise<BucketRecord | undefined> {
  const record = await findBucket(sql, inDefaultStore(bucket))
  return record === undefined || DEAD.has(record.state) ? undefined : record
}

async function planLibrary(sql: Sql, bucket: string, store: Store): Promise<BucketRecord> {
  const { presence, region = store.region } = await store.findBucket(bucket)
  if (presence === 'forbidden') throw taken(bucket)
  const adopted = presence === 'owned'
  const state = adopted ? 'created' : 'planned'
  await sql.query(
    `insert into buckets (store, name, kind, state, adopted, region) values ($4, $1, 'library', $2, $3, $5)
     on conflict (store, name) do update
       set kind = 'library', state = excluded.state, adopted = excluded.adopted, region = excluded.region,
         updated_at = now()`,
    [bucket, state, adopted, DEFAULT_STORE, region],
  )
  // Steps of an earlier bucket of this name say nothing about this one.
  await sql.query(`delete from bucket_steps where store = $2 and bucket = $1`, [bucket, DEFAULT_STORE])
  return (await findBucket(sql, inDefaultStore(bucket)))!
}

/** A library that was in use stays, and what is not ours is not ours to delete. */
async function giveUp(sql: Sql, record: BucketRecord, store: Store): Promise<void> {
  if (record.adopted || record.state === 'ready') return
  await setBucketState(sql, record, 'failed')
  if (await store.deleteEmptyBucket(record.bucket)) await setBucketState(sql, record, 'deleted')
}

const taken = (bucket: string): AppError =>
  new AppError(
    'provisioning-failed',
    `The library bucket ${bucket} belongs to somebody else, or SkyCrate's keys may not use it. Set another name.`,
  )

async function addAccessLevels(sql: Sql, bucket: string, now: number): Promise<void> {
  const rows = accessLevels(DEFAULT_STORE, bucket).map((level) => ({
    id: createId('prm', now, randomBytes(10)),
    kind: level.principal.kind,
    prefix: level.prefix,
    ...flags(level.actions),
    description: level.description,
  }))
  // One statement, so one transaction: the fact and the rows come together, once.
  await sql.query(
    `with fact as (
       insert into facts (name, value) values ($1, to_jsonb(now())) on conflict (name) do nothing returning name
     )
     insert into permissions
       (id, principal_kind, principal, store, bucket, prefix, can_read, can_write, can_delete, can_list, description)
     select level.id, level.kind, '', $4, $2, level.prefix, level.read, level.write, level.delete, level.list,
       level.description
     from fact, jsonb_to_recordset($3::jsonb) as level
       (id text, kind text, prefix text, read boolean, write boolean, delete boolean, list boolean, description text)`,
    [`library:${bucket}:access-levels`, bucket, JSON.stringify(rows), DEFAULT_STORE],
  )
}

function flags(actions: ActionSet) {
  return {
    read: (actions & ACTION_BIT.read) !== 0,
    write: (actions & ACTION_BIT.write) !== 0,
    delete: (actions & ACTION_BIT.delete) !== 0,
    list: (actions & ACTION_BIT.list) !== 0,
  }
}
