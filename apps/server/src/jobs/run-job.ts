import type { FastifyBaseLogger } from 'fastify'
import type { Sql } from '../db/database.ts'
import { type Job, type JobHandler, JobLostError, JobPause, JobStoppedError, type KindOptions } from './job.ts'
import { failureOf, isFinal, retryPause } from './job-failure.ts'
import {
  addAbout,
  type ClaimedJob,
  finishJob,
  type JobFailure,
  type Progress,
  requeueJob,
  writeCheckpoint,
} from './job-rows.ts'

const DEFAULT_ATTEMPTS = 100

/** What a process can do with a kind of job. */
export interface Kind {
  readonly handler: JobHandler<never>
  readonly options: KindOptions
}

/** A job that this process runs. */
export interface RunningJob {
  readonly claimed: ClaimedJob
  readonly progress: Progress
  stop(reason: JobStoppedError | JobLostError): void
  /** Resolves once the result is in the row; rejects if it could not be written. */
  readonly ended: Promise<void>
}

export function runJob(
  claimed: ClaimedJob,
  kind: Kind,
  options: { readonly sql: Sql; readonly logger: FastifyBaseLogger; readonly leaseMs: number },
): RunningJob {
  const { sql, leaseMs } = options
  const { id } = claimed
  const logger = options.logger.child({ jobId: id, kind: claimed.kind })
  const abort = new AbortController()
  const maxAttempts = kind.options.attempts ?? DEFAULT_ATTEMPTS
  let { attempts } = claimed
  let state = claimed.checkpoint ?? undefined
  let progress: Progress = { done: claimed.done, total: claimed.total }

  const job: Job = {
    id,
    input: claimed.input,
    createdBy: claimed.createdBy,
    signal: abort.signal,
    state: <State>() => state as State | undefined,
    progress: (done, total) => void (progress = { done, total: total ?? progress.total }),
    tell: (about) => addAbout(sql, claimed, about),
    async checkpoint(next, tx) {
      if (!(await writeCheckpoint(tx ?? sql, claimed, next, progress, leaseMs))) {
        const lost = new JobLostError()
        abort.abort(lost)
        throw lost
      }
      attempts = 1
      state = next
    },
  }

  async function run(): Promise<void> {
    if (claimed.cancelRequested) return finish('cancelled')
    if (claimed.attempts > maxAttempts) {
      // No try came to its end, or the last would have said so: each took its process with it.
      logger.error({ attempts: claimed.attempts - 1 }, 'job failed: every process that ran it died')
      return finish('failed', { code: 'internal', detail: undefined })
    }
    try {
      await (kind.handler as JobHandler<unknown>)(job)
    } catch (error) {
      return afterFailure(error)
    }
    await finish('done')
  }

  async function afterFailure(error: unknown): Promise<void> {
    const reason: unknown = abort.signal.aborted ? abort.signal.reason : undefined
    if (error instanceof JobLostError || reason instanceof JobLostError) {
      logger.warn('another process has taken over the job')
      return
    }
    if (reason instanceof JobStoppedError) {
      return reason.reason === 'cancelled' ? finish('cancelled') : requeueJob(sql, claimed, progress, { afterMs: 0 })
    }
    if (error instanceof JobPause) return requeueJob(sql, claimed, progress, { afterMs: error.ms })
    const failure = failureOf(error)
    if (isFinal(error) || attempts >= maxAttempts) {
      logger.error({ err: error, attempts }, 'job failed')
      return finish('failed', failure)
    }
    const pauseMs = retryPause(attempts, Math.random())
    logger.warn({ err: error, attempts, pauseMs }, 'job failed and will be retried')
    await requeueJob(sql, claimed, progress, { failure, pauseMs })
  }

  async function finish(outcome: 'done' | 'failed' | 'cancelled', failure?: JobFailure): Promise<void> {
    if (!(await finishJob(sql, claimed, outcome, progress, failure))) {
      logger.warn({ outcome }, 'job ended after another process had taken it over')
    }
  }

  return {
    claimed,
    get progress() {
      return progress
    },
    stop: (reason) => abort.abort(reason),
    ended: run(),
  }
}
