import { createHash } from 'node:crypto'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Job } from '../jobs/job.ts'
import { settingsFor } from './bucket-aims.ts'
import type { BucketContext } from './bucket-context.ts'
import { BUCKET_COLUMNS, type BucketRecord, type BucketRef, type StepRecord } from './bucket-records.ts'
import type { BucketsConfig } from './buckets-config.ts'
import { reconcileSettings } from './reconcile-settings.ts'

export const UPDATE_JOB = 'buckets.update'
/** Of `facts`: which settings the newest process wants, and which every bucket was brought to. */
const FACT = 'buckets:settings'

const PAGE = 100
/** Buckets that are worked on at once. */
const AT_ONCE = 8

interface Input {
  readonly digest: string
}

interface State {
  readonly after?: BucketRef
  readonly done: number
  readonly unavailable: boolean
}

/** Tells one configuration of the aims from another. */
function digestOf(config: BucketsConfig): string {
  const settings = settingsFor({ kind: 'created', userId: null, retentionDays: null }, config)
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 32)
}

/**
 * Has a job bring every bucket of SkyCrate's to the settings of this process, unless that was done.
 * @throws AppError `database-unavailable`
 */
export async function wantUpToDate({ database, jobs, config }: BucketContext): Promise<void> {
  const digest = digestOf(config)
  await database.transaction(async (tx) => {
    const [fact] = await tx.query<{ wanted: string; applied: string | null }>(
      `insert into facts (name, value) values ($1, jsonb_build_object('wanted', $2::text))
       on conflict (name) do update set value = facts.value || jsonb_build_object('wanted', $2::text)
       returning value ->> 'wanted' as wanted, value ->> 'applied' as applied`,
      [FACT, digest],
    )
    if (fact?.applied === digest) return
    await jobs.enqueue(UPDATE_JOB, { digest } satisfies Input, { createdBy: null, key: digest, tx })
  })
}

/**
 * Brings every bucket that SkyCrate created to what the configuration says: new origins of the web app, say. A bucket
 * that was there before is never touched.
 */
export async function bringUpToDateJob(job: Job<Input>, context: BucketContext): Promise<void> {
  const { database, config } = context
  const { digest } = job.input
  if (digest !== digestOf(config)) {
    // Another process has this configuration, or none has any more.
    if ((await wanted(database)) !== digest) return
    throw new Error('this process has another configuration')
  }
  const total = await countOwn(database)
  let state = job.state<State>()
  for (;;) {
    const page = await ownAfter(database, state?.after)
    const last = page.at(-1)
    if (last === undefined) break
    const results: boolean[] = []
    const next = page.values()
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const bucket of next) {
          job.signal.throwIfAborted()
          results.push(await bringUpToDate(bucket, context))
        }
      }),
    )
    state = {
      after: { store: last.store, bucket: last.bucket },
      done: (state?.done ?? 0) + page.length,
      unavailable: (state?.unavailable ?? false) || results.includes(false),
    }
    job.progress(state.done, Math.max(total, state.done))
    await job.checkpoint(state)
  }
  if (state?.unavailable) {
    // From the beginning: those that are up to date cost a look at their record.
    await job.checkpoint({ done: 0, unavailable: false } satisfies State)
    throw new AppError('store-unavailable', 'Some buckets could not be brought up to date.')
  }
  await database.query(`update facts set value = value || jsonb_build_object('applied', $2::text) where name = $1`, [
    FACT,
    digest,
  ])
}

/** @returns false where the store could not be reached */
async function bringUpToDate(
  bucket: OwnBucket,
  { storeOf, database, logger, config }: BucketContext,
): Promise<boolean> {
  const settings = settingsFor(bucket, config)
  const steps = bucket.steps.map((step) => ({ ...step, at: new Date(step.at) }))
  const afterwards = await reconcileSettings(bucket, steps, {
    settings,
    // What failed has its own time to be tried again.
    now: Number.NEGATIVE_INFINITY,
    store: storeOf(bucket.store),
    logger,
    // Whoever applies these at the same moment applies the same.
    locked: (work) => work(database),
  })
  const held = new Map(afterwards.map((step) => [step.step as string, step.setting]))
  return settings.every((setting) => held.get(setting.kind) === JSON.stringify(setting))
}

interface OwnBucket extends BucketRecord {
  readonly steps: readonly (Omit<StepRecord, 'at'> & { readonly at: string })[]
}

const OWN = `b.state = 'ready' and b.kind <> 'registered' and not b.adopted`

function ownAfter(sql: Sql, after: BucketRef | undefined): Promise<OwnBucket[]> {
  return sql.query<OwnBucket>(
    `select ${BUCKET_COLUMNS},
       (select coalesce(json_agg(json_build_object(
          'step', s.step, 'outcome', s.outcome, 'reason', s.reason, 'setting', s.setting, 'at', s.at)), '[]')
        from bucket_steps s where s.store = b.store and s.bucket = b.name) as steps
     from buckets b
     where ${OWN} and ($1::text is null or (b.store, b.name) > ($1, $2))
     order by b.store, b.name limit $3`,
    [after?.store ?? null, after?.bucket ?? null, PAGE],
  )
}

async function countOwn(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: number }>(`select count(*) as count from buckets b where ${OWN}`)
  return row?.count ?? 0
}

async function wanted(sql: Sql): Promise<string | undefined> {
  const [row] = await sql.query<{ wanted: string }>(`select value ->> 'wanted' as wanted from facts where name = $1`, [
    FACT,
  ])
  return row?.wanted
}
