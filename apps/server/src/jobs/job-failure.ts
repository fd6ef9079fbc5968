import { type ProblemCode, PROBLEMS } from '@skycrate/contract/problem'
import { AppError } from '../errors/app-error.ts'
import type { JobFailure } from './job-rows.ts'

/** Milliseconds before the second try, doubled with each further one. */
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000

/** What people are told of an error that a handler threw. What is not meant for them stays in the log. */
export function failureOf(error: unknown): JobFailure {
  return error instanceof AppError
    ? { code: error.code, detail: error.detail }
    : { code: 'internal', detail: undefined }
}

/** What another try does not change, although it is not the request's fault. */
const FINAL: ReadonlySet<ProblemCode> = new Set(['mail-refused'])

/** Whether another try can come out differently: not where the request itself is at fault. */
export function isFinal(error: unknown): boolean {
  return error instanceof AppError && (PROBLEMS[error.code].status < 500 || FINAL.has(error.code))
}

/**
 * Milliseconds until the next try. A quarter is random, so that jobs that failed together do not come back together.
 * @param attempts tries so far, from 1
 * @param random from 0 to 1
 */
export function retryPause(attempts: number, random: number): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS)
  return Math.round(pause * (0.75 + random / 4))
}
