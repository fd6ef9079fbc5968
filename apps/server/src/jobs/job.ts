import type { JobAbout } from '@skycrate/contract/jobs/schemas'
import type { JobId, UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

/** A job as its handler sees it. Input and checkpoint are JSON. */
export interface Job<Input = unknown> {
  readonly id: JobId
  readonly input: Input
  /** Null where SkyCrate itself asked for it. */
  readonly createdBy: UserId | null
  /**
   * Aborted when the job is cancelled, when this process stops, and when another process has taken the job over. A
   * handler looks at it between its steps and throws its reason.
   */
  readonly signal: AbortSignal
  /** What the latest `checkpoint` wrote, by this try or an earlier one; undefined before the first. */
  state<State>(): State | undefined
  /** How far it is, written with the next checkpoint or heartbeat. */
  progress(done: number, total?: number): void
  /** Adds to what people are told of the job: `about` in the API. */
  tell(about: Partial<JobAbout>): Promise<void>
  /**
   * Writes where the next try goes on. In a transaction of the handler, what the transaction did and the checkpoint
   * come together or not at all.
   * @throws JobLostError where another process has taken the job over: what it does now must not count
   */
  checkpoint(state: object, tx?: Sql): Promise<void>
}

/**
 * Does the work of one kind. It runs at least once: after a crash, a stop or a failure it runs again, maybe in another
 * process, and goes on at `state()`. What it throws decides: an AppError below 500 ends the job as failed; anything else
 * is tried again after a pause.
 */
export type JobHandler<Input> = (job: Job<Input>) => Promise<void>

export interface KindOptions {
  /** Tries without a checkpoint in between, after which the job has failed; 100 when absent, which takes over an hour. */
  readonly attempts?: number
  /** Jobs of this kind that a process runs at once, so that slow ones leave room for others; no limit when absent. */
  readonly atOnce?: number
  /** Kinds that name the same lane share their `atOnce`. */
  readonly lane?: string
  /** Whether people may cancel it; true when absent. */
  readonly cancellable?: boolean
}

/** Another process runs the job by now. */
export class JobLostError extends Error {
  override readonly name = 'JobLostError'

  constructor() {
    super('another process has taken this job over')
  }
}

/**
 * What a handler throws that waits for something outside: the job goes on at its checkpoint after a pause, as if the try had not
 * been, and meanwhile it holds no process.
 */
export class JobPause extends Error {
  override readonly name = 'JobPause'
  readonly ms: number

  /** @param ms milliseconds */
  constructor(ms: number) {
    super(`the job goes on in ${ms} ms`)
    this.ms = ms
  }
}

/** Why a job's signal is aborted. */
export class JobStoppedError extends Error {
  override readonly name = 'JobStoppedError'
  readonly reason: 'cancelled' | 'stopping'

  constructor(reason: 'cancelled' | 'stopping') {
    super(reason === 'cancelled' ? 'the job was cancelled' : 'this process is stopping')
    this.reason = reason
  }
}
