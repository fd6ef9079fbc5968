import { setTimeout as sleep } from 'node:timers/promises'
import { createId, type JobId } from '@skycrate/core/naming/id'
import { randomBytes } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../db/database.ts'
import { JobLostError, JobStoppedError } from './job.ts'
import { claimJobs, enqueueDue, JOBS_CHANNEL, noteSchedules, renewLeases, requeueJob } from './job-rows.ts'
import { type Kind, type RunningJob, runJob } from './run-job.ts'

export interface WorkerOptions {
  readonly database: Database
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  readonly kinds: ReadonlyMap<string, Kind>
  /** Milliseconds between two runs, by kind. */
  readonly schedules: ReadonlyMap<string, number>
  /** Jobs that this process runs at once. */
  readonly concurrency: number
  readonly leaseMs: number
  readonly beatMs: number
  readonly pollMs: number
  /** Milliseconds that handlers have to end once the process stops. */
  readonly stopWithinMs: number
}

/**
 * Takes jobs that are due and runs them, a few at once, until it is disposed. It looks when it is told that there is one
 * and, for tries that are due and leases that have run out, at short intervals.
 */
export async function startWorker(options: WorkerOptions): Promise<AsyncDisposable> {
  const { database, logger, kinds, schedules, concurrency, leaseMs, beatMs, pollMs, stopWithinMs } = options
  const running = new Map<JobId, RunningJob>()
  let heardAt = performance.now()
  let stopping = false
  let isDown = false
  let wake = Promise.withResolvers<void>()
  const rouse = (): void => wake.resolve()
  const hasToStop = (): boolean => stopping

  function begin(job: RunningJob): void {
    const { id } = job.claimed
    running.set(id, job)
    job.ended
      .catch((error: unknown) =>
        // Its lease runs out, and it is done again from its checkpoint.
        logger.warn({ err: error, jobId: id }, 'could not record the result of a job'),
      )
      .finally(() => {
        running.delete(id)
        rouse()
      })
  }

  async function takeDue(): Promise<void> {
    const due = [...schedules].map(([kind, everyMs]) => ({ kind, everyMs, id: newId() }))
    if (due.length > 0) await enqueueDue(database, due)
    const lanes = new Map<string, { readonly kinds: string[]; readonly atOnce: number }>()
    for (const [kind, { options: own }] of kinds) {
      if (own.atOnce === undefined) continue
      const lane = lanes.get(own.lane ?? kind) ?? { kinds: [], atOnce: own.atOnce }
      lane.kinds.push(kind)
      lanes.set(own.lane ?? kind, lane)
    }
    // First, since they leave room for the others.
    for (const lane of lanes.values()) {
      const same = [...running.values()].filter(({ claimed }) => lane.kinds.includes(claimed.kind)).length
      await take(lane.kinds, Math.min(lane.atOnce - same, concurrency - running.size))
    }
    const limited = new Set([...lanes.values()].flatMap((lane) => lane.kinds))
    const others = [...kinds.keys()].filter((kind) => !limited.has(kind))
    await take(others, concurrency - running.size)
  }

  async function take(names: readonly string[], free: number): Promise<void> {
    if (free <= 0 || hasToStop()) return
    const claimed = await claimJobs(database, names, free, leaseMs)
    if (hasToStop()) {
      // Maybe just given back by this process, which is to run nothing more.
      for (const each of claimed)
        await requeueJob(database, each, { done: each.done, total: each.total }, { afterMs: 0 })
      return
    }
    for (const each of claimed) begin(runJob(each, kinds.get(each.kind)!, { sql: database, logger, leaseMs }))
    // There may be more than were taken.
    if (claimed.length === free) rouse()
  }

  async function work(): Promise<void> {
    while (!stopping) {
      wake = Promise.withResolvers()
      try {
        await takeDue()
        if (isDown) logger.info('resumed processing jobs')
        isDown = false
      } catch (error) {
        if (!isDown) logger.warn({ err: error }, 'could not claim jobs')
        isDown = true
      }
      const timer = new AbortController()
      // A full house waits for one to leave.
      if (running.size >= concurrency) await Promise.race([...running.values()].map(({ ended }) => settled(ended)))
      else await Promise.race([wake.promise, sleep(pollMs, undefined, { signal: timer.signal, ref: false })])
      timer.abort()
    }
  }

  /** A lease that could not be renewed in time belongs to whoever takes it: nothing more may be done under it. */
  async function beat(): Promise<void> {
    const held = [...running.values()]
    const askedAt = performance.now()
    try {
      if (held.length > 0) {
        const sent = held.map(({ claimed, progress }) => ({ id: claimed.id, claim: claimed.claim, progress }))
        const kept = new Map((await renewLeases(database.hot, sent, leaseMs)).map((row) => [row.id, row]))
        for (const job of held) {
          const row = kept.get(job.claimed.id)
          if (running.get(job.claimed.id) !== job) continue
          if (!row) job.stop(new JobLostError())
          else if (row.cancelRequested) job.stop(new JobStoppedError('cancelled'))
        }
      }
      heardAt = askedAt
    } catch (error) {
      logger.debug({ err: error }, 'the leases of jobs could not be renewed')
      if (performance.now() - heardAt < leaseMs) return
      for (const job of held) job.stop(new JobLostError())
    }
  }

  const newId = (): JobId => createId('job', options.now(), randomBytes(10))

  await noteSchedules(
    database,
    [...schedules].map(([kind, everyMs]) => ({ kind, everyMs })),
  )
  const listener = await database.listen(
    JOBS_CHANNEL,
    (payload) => {
      if (payload === '') rouse()
      else running.get(payload as JobId)?.stop(new JobStoppedError('cancelled'))
    },
    rouse,
  )
  let beating: Promise<void> = Promise.resolve()
  const heart = setInterval(() => void (beating = beating.then(beat)), beatMs)
  heart.unref()
  const worked = work()

  return {
    async [Symbol.asyncDispose]() {
      stopping = true
      rouse()
      await listener[Symbol.asyncDispose]()
      for (const job of running.values()) job.stop(new JobStoppedError('stopping'))
      const ended = Promise.all([...running.values()].map((job) => settled(job.ended)))
      const timer = new AbortController()
      await Promise.race([ended, sleep(stopWithinMs, undefined, { signal: timer.signal, ref: false })])
      timer.abort()
      if (running.size > 0)
        logger.warn({ jobs: [...running.keys()] }, 'jobs did not stop in time; other processes will resume them')
      clearInterval(heart)
      await beating
      if (running.size === 0) await worked
    },
  }
}

const settled = (promise: Promise<void>): Promise<void> => promise.catch(() => undefined)
