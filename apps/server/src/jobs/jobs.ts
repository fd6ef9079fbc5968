import { randomBytes } from 'node:crypto'
import type { Job as JobView, JobAbout, Jobs as JobPage } from '@skycrate/contract/jobs/schemas'
import { createId, isId, type JobId, type UserId } from '@skycrate/core/naming/id'
import type { FastifyBaseLogger } from 'fastify'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { JobHandler, KindOptions } from './job.ts'
import { hurryUnfinished, insertJob, requestCancel } from './job-rows.ts'
import { findJob, listJobs } from './job-views.ts'
import { pruneJobs } from './prune-jobs.ts'
import type { Kind } from './run-job.ts'
import { startWorker } from './worker.ts'

export interface EnqueueOptions {
  /** Who sees the job under their own; null for what SkyCrate asks of itself. */
  readonly createdBy: UserId | null
  /** While a job of this kind and key is unfinished, no second one is made. */
  readonly key?: string
  /** What people are told of it. */
  readonly about?: JobAbout
  /** The job exists once this transaction is committed, and never where it is not. */
  readonly tx?: Sql
}

/** Who looks at jobs: their own, or as an administrator everyone's. */
export interface JobReader {
  readonly userId: UserId
  readonly isAdmin: boolean
}

/** Durable jobs, run by every process that has been started. */
export interface Jobs extends AsyncDisposable {
  /** Says how the jobs of a kind are done. Before `start`, in every process. */
  register<Input>(kind: string, handler: JobHandler<Input>, options?: KindOptions): void
  /**
   * Runs a kind again and again, once among all processes, with an empty input.
   * @param ms milliseconds between two runs; the first is due at once
   */
  every(kind: string, ms: number): void
  /**
   * Resolves once the job is durable, or with `tx` when it is part of that transaction.
   * @returns its id, or that of the unfinished one of the same key, which is then tried at once
   * @throws AppError `database-unavailable`
   */
  enqueue(kind: string, input: object, options: EnqueueOptions): Promise<JobId>
  /** @throws AppError `not-found`, also for a job of somebody else */
  find(id: string, reader: JobReader): Promise<JobView>
  /** Newest first. @throws AppError `invalid-cursor` */
  list(
    query: {
      readonly limit: number
      readonly cursor?: string | undefined
      readonly state?: JobView['state'] | undefined
    },
    reader: JobReader,
  ): Promise<JobPage>
  /**
   * Ends a job that waits at once, one that runs as soon as it stops. A finished one stays as it is.
   * @param note is part of the transaction that cancels, where that changes anything
   * @returns the job as it is then
   * @throws AppError `not-found`; `conflict` for a kind that is always finished
   */
  cancel(id: string, reader: JobReader, note?: (tx: Sql, job: JobView) => Promise<void>): Promise<JobView>
  /** Whether no process runs a job and none is due within so many milliseconds. @throws AppError `database-unavailable` */
  isIdle(withinMs: number): Promise<boolean>
  /** Begins to take jobs. @throws AppError `database-unavailable` */
  start(): Promise<void>
}

export interface JobsOptions {
  readonly database: Database
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  /** Told of each job that is enqueued here, or about to be committed. */
  readonly onEnqueue?: () => void
  /** Jobs that this process runs at once; 4 when absent, since each may hold a connection of the pool. */
  readonly concurrency?: number
  /** Milliseconds after which the job of a process that does not answer is taken over; 8,000 when absent. */
  readonly leaseMs?: number
  /** Milliseconds between two looks for what is due; 1,000 when absent. */
  readonly pollMs?: number
  /** Milliseconds that handlers have to end once the process stops; 10,000 when absent. */
  readonly stopWithinMs?: number
}

/** Leases are renewed so many times before they would run out. */
const BEATS_A_LEASE = 4
const PRUNE_EVERY_MS = 60 * 60_000
/** The unfinished job of a key can end between the insert that found it and the look at it; then the insert works. */
const INSERT_TRIES = 5

export function createJobs(options: JobsOptions): Jobs {
  const { database, logger, now, concurrency = 4, leaseMs = 8000, pollMs = 1000, stopWithinMs = 10_000 } = options
  const kinds = new Map<string, Kind>()
  const schedules = new Map<string, number>()
  let worker: AsyncDisposable | undefined

  function known(kind: string): Kind {
    const found = kinds.get(kind)
    if (!found) throw new Error(`no job of kind ${kind} is registered`)
    return found
  }

  async function view(id: string, reader: JobReader): Promise<JobView> {
    const found = isId('job', id) ? await findJob(database, id) : undefined
    if (!found || (!reader.isAdmin && found.createdBy !== reader.userId)) throw new AppError('not-found')
    return found
  }

  const jobs: Jobs = {
    register(kind, handler, kindOptions = {}) {
      if (kinds.has(kind)) throw new Error(`jobs of kind ${kind} are registered twice`)
      kinds.set(kind, { handler, options: kindOptions })
    },

    every(kind, ms) {
      known(kind)
      schedules.set(kind, ms)
    },

    async enqueue(kind, input, { createdBy, key, about, tx }) {
      known(kind)
      const sql = tx ?? database
      for (let tries = 0; tries < INSERT_TRIES; tries++) {
        const id = createId('job', now(), randomBytes(10))
        const made = await insertJob(sql, { id, kind, key: key ?? null, input, createdBy, about: about ?? null })
        if (made !== undefined) options.onEnqueue?.()
        if (made !== undefined) return made
        const unfinished = await hurryUnfinished(sql, kind, key!)
        if (unfinished !== undefined) return unfinished
      }
      throw new AppError('database-unavailable', undefined, {
        cause: new Error(`a job of kind ${kind} could be neither found nor made`),
      })
    },

    find: view,

    list: ({ limit, cursor, state }, reader) =>
      listJobs(database, { limit, cursor, state, createdBy: reader.isAdmin ? undefined : reader.userId }),

    async cancel(id, reader, note) {
      const found = await view(id, reader)
      if (kinds.get(found.kind)?.options.cancellable === false) {
        throw new AppError('conflict', `A job of kind ${found.kind} cannot be cancelled.`)
      }
      await database.transaction(async (tx) => {
        if (await requestCancel(tx, found.id as JobId)) await note?.(tx, found)
      })
      return view(id, reader)
    },

    async isIdle(withinMs) {
      const due = await database.query(
        `select 1 from jobs where state = 'running' or (state = 'queued' and due_at < clock_timestamp() + $1 * interval '1 ms')
          limit 1`,
        [withinMs],
      )
      return due.length === 0
    },

    async start() {
      worker ??= await startWorker({
        database,
        logger,
        now,
        kinds,
        schedules,
        concurrency,
        leaseMs,
        beatMs: leaseMs / BEATS_A_LEASE,
        pollMs,
        stopWithinMs,
      })
    },

    async [Symbol.asyncDispose]() {
      await worker?.[Symbol.asyncDispose]()
    },
  }

  jobs.register('jobs.prune', ({ signal }) => pruneJobs(database, signal))
  jobs.every('jobs.prune', PRUNE_EVERY_MS)
  return jobs
}
