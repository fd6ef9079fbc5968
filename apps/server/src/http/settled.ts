import { PROBLEMS } from '@skycrate/contract/problem'
import type { Problem } from '@skycrate/contract/problem'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { problemOf } from './problems.ts'

/** The answers of a batch: what came to nothing is told in its place. @throws what is no answer to one of them, but to all */
export function settled<T>(
  results: readonly PromiseSettledResult<T>[],
  request: FastifyRequest,
): (T | { problem: Problem })[] {
  return results.map((each) => {
    if (each.status === 'fulfilled') return each.value
    if (concernsAll(each.reason)) throw each.reason
    return { problem: problemOf(each.reason, request) }
  })
}

/** A log that can't be written or a database that is down. */
function concernsAll(error: unknown): boolean {
  return error instanceof AppError && (PROBLEMS[error.code].status >= 500 || error.code === 'too-many-requests')
}
