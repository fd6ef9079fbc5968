import type { ProblemCode } from '@skycrate/contract/problem'
import type { JobId, UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

export interface JobFailure {
  readonly code: ProblemCode
  readonly detail: string | undefined
}

/** A job as this process runs it. `claim` proves that no other process does. */
export interface ClaimedJob {
  readonly id: JobId
  readonly kind: string
  readonly claim: number
  readonly attempts: number
  readonly input: unknown
  readonly checkpoint: unknown
  readonly done: number
  readonly total: number | null
  readonly cancelRequested: boolean
  readonly createdBy: UserId | null
}

export interface Progress {
  readonly done: number
  readonly total: number | null
}

/** Processes listen here: '' for a job that may start, its id for one that is cancelled. */
export const JOBS_CHANNEL = 'skycrate_jobs'

/** The key of what runs periodically: who enqueues such a kind under it asks for its next run now. */
export const PERIODIC_KEY = 'periodic'

/** Takes jobs that are due, or whose process has not renewed its lease in time. */
export function claimJobs(sql: Sql, kinds: readonly string[], limit: number, leaseMs: number): Promise<ClaimedJob[]> {
  return sql.query<ClaimedJob>(
    `with due as (
       select id from jobs
       where state in ('queued', 'running') and due_at <= clock_timestamp() and kind = any($1)
       order by due_at limit $2 for update skip locked
     )
     update jobs set state = 'running', claim = claim + 1, attempts = attempts + 1, updated_at = now(),
       due_at = clock_timestamp() + $3 * interval '1 millisecond'
     from due where jobs.id = due.id
     returning jobs.id, kind, claim, attempts, input, checkpoint, done, total,
       cancel_requested as "cancelRequested", created_by as "createdBy"`,
    [kinds, limit, leaseMs],
    'jobs.claim',
  )
}

/**
 * Renews the leases of what this process runs, and writes its progress.
 * @returns those that it still holds; the others have been taken over
 */
export function renewLeases(
  sql: Sql,
  held: readonly { readonly id: JobId; readonly claim: number; readonly progress: Progress }[],
  leaseMs: number,
): Promise<{ id: JobId; cancelRequested: boolean }[]> {
  return sql.query(
    `update jobs set due_at = clock_timestamp() + $5 * interval '1 millisecond', done = held.done, total = held.total,
       updated_at = now()
     from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) as held (id, claim, done, total)
     where jobs.id = held.id and jobs.claim = held.claim and state = 'running'
     returning jobs.id, cancel_requested as "cancelRequested"`,
    [
      held.map(({ id }) => id),
      held.map(({ claim }) => claim),
      held.map(({ progress }) => progress.done),
      held.map(({ progress }) => progress.total),
      leaseMs,
    ],
    'jobs.renew',
  )
}

/** A job that gets somewhere starts to count its tries anew. @returns whether this process still holds it */
export async function writeCheckpoint(
  sql: Sql,
  { id, claim }: ClaimedJob,
  state: object,
  progress: Progress,
  leaseMs: number,
): Promise<boolean> {
  const held = await sql.query(
    `update jobs set checkpoint = $3, done = $4, total = $5, attempts = 1, updated_at = now(),
       due_at = clock_timestamp() + $6 * interval '1 millisecond'
     where id = $1 and claim = $2 and state = 'running' returning 1`,
    [id, claim, JSON.stringify(state), progress.done, progress.total, leaseMs],
    'jobs.checkpoint',
  )
  return held.length > 0
}

/** Adds to what the job says of itself. */
export async function addAbout(sql: Sql, { id, claim }: ClaimedJob, about: object): Promise<void> {
  await sql.query(
    `update jobs set about = coalesce(about, '{}') || $3::jsonb where id = $1 and claim = $2 and state = 'running'`,
    [id, claim, JSON.stringify(about)],
    'jobs.about',
  )
}

/** @returns whether this process still held it */
export async function finishJob(
  sql: Sql,
  { id, claim }: ClaimedJob,
  state: 'done' | 'failed' | 'cancelled',
  progress: Progress,
  failure?: JobFailure,
): Promise<boolean> {
  const held = await sql.query(
    `update jobs set state = $3, done = $4, total = $5, problem_code = $6, problem_detail = $7, updated_at = now(),
       finished_at = clock_timestamp()
     where id = $1 and claim = $2 and state = 'running' returning 1`,
    [id, claim, state, progress.done, progress.total, failure?.code ?? null, failure?.detail ?? null],
    'jobs.finish',
  )
  return held.length > 0
}

/** Puts a job back for a later try: with the failure of this one, or as if this one had not been. */
export async function requeueJob(
  sql: Sql,
  { id, claim }: ClaimedJob,
  progress: Progress,
  again: { readonly failure: JobFailure; readonly pauseMs: number } | { readonly afterMs: number },
): Promise<void> {
  const untried = 'afterMs' in again
  await sql.query(
    `update jobs set state = 'queued', done = $3, total = $4, updated_at = now(),
       due_at = clock_timestamp() + $5 * interval '1 millisecond',
       attempts = case when $6 then greatest(attempts - 1, 0) else attempts end,
       problem_code = case when $6 then problem_code else $7 end,
       problem_detail = case when $6 then problem_detail else $8 end
     where id = $1 and claim = $2 and state = 'running'
     returning case when $6 then pg_notify('${JOBS_CHANNEL}', '') end`,
    [
      id,
      claim,
      progress.done,
      progress.total,
      untried ? again.afterMs : again.pauseMs,
      untried,
      untried ? null : again.failure.code,
      untried ? null : (again.failure.detail ?? null),
    ],
  )
}

/** @returns the id of the new job, or undefined where one of this key is unfinished */
export async function insertJob(
  sql: Sql,
  job: {
    readonly id: JobId
    readonly kind: string
    readonly key: string | null
    readonly input: object
    readonly createdBy: UserId | null
    readonly about: object | null
  },
): Promise<JobId | undefined> {
  const [row] = await sql.query<{ id: JobId }>(
    `insert into jobs (id, kind, key, input, created_by, about) values ($1, $2, $3, $4, $5, $6)
     on conflict (kind, key) where key is not null and state in ('queued', 'running') do nothing
     returning id, pg_notify('${JOBS_CHANNEL}', '')`,
    [
      job.id,
      job.kind,
      job.key,
      JSON.stringify(job.input),
      job.createdBy,
      job.about === null ? null : JSON.stringify(job.about),
    ],
    'jobs.insert',
  )
  return row?.id
}

/** One that waits for its next try is tried at once, since it was asked for again. */
export async function hurryUnfinished(sql: Sql, kind: string, key: string): Promise<JobId | undefined> {
  const [row] = await sql.query<{ id: JobId }>(
    `with hurried as (
       update jobs set due_at = clock_timestamp(), updated_at = now()
       where kind = $1 and key = $2 and state = 'queued' and due_at > clock_timestamp()
       returning pg_notify('${JOBS_CHANNEL}', '')
     )
     select id from jobs
     where kind = $1 and key = $2 and state in ('queued', 'running') and (select count(*) from hurried) >= 0`,
    [kind, key],
  )
  return row?.id
}

/** Ends a job that waits, and tells the process of one that runs. */
/** @returns whether that changed anything: false for a job that has ended, or is being cancelled */
export async function requestCancel(sql: Sql, id: JobId): Promise<boolean> {
  const rows = await sql.query(
    `update jobs set cancel_requested = true, updated_at = now(),
       state = case state when 'queued' then 'cancelled' else state end,
       finished_at = case state when 'queued' then clock_timestamp() end
     where id = $1 and state in ('queued', 'running') and not cancel_requested
     returning pg_notify('${JOBS_CHANNEL}', id)`,
    [id],
  )
  return rows.length > 0
}

export interface Schedule {
  readonly kind: string
  readonly everyMs: number
}

/** Notes kinds that are new, and shortens the wait for those that come more often than they did. */
export async function noteSchedules(sql: Sql, schedules: readonly Schedule[]): Promise<void> {
  await sql.query(
    `insert into job_schedules (kind, next_at)
     select kind, now() from unnest($1::text[]) as wanted (kind) order by kind on conflict do nothing`,
    [schedules.map(({ kind }) => kind)],
  )
  for (const { kind, everyMs } of schedules) {
    await sql.query(
      `update job_schedules set next_at = now() + $2 * interval '1 millisecond'
       where kind = $1 and next_at > now() + $2 * interval '1 millisecond'`,
      [kind, everyMs],
    )
  }
}

/** Enqueues what is due, once among all processes, and not while its last run is unfinished. */
export async function enqueueDue(sql: Sql, schedules: readonly (Schedule & { readonly id: JobId })[]): Promise<void> {
  await sql.query(
    `with wanted as (
       select * from unnest($1::text[], $2::float8[], $3::text[]) as wanted (kind, every, id)
     ), due as (
       select kind from job_schedules where kind = any($1) and next_at <= now() for update skip locked
     ), taken as (
       update job_schedules set next_at = now() + wanted.every * interval '1 millisecond'
       from due join wanted using (kind) where job_schedules.kind = due.kind
       returning wanted.kind, wanted.id
     )
     insert into jobs (id, kind, key, input) select id, kind, '${PERIODIC_KEY}', '{}' from taken on conflict do nothing`,
    [schedules.map(({ kind }) => kind), schedules.map(({ everyMs }) => everyMs), schedules.map(({ id }) => id)],
    'jobs.enqueue-due',
  )
}
