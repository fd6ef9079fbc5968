import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'

/** The detail of what went wrong is for the log alone; the caller gets the protocol's code. */
export function logFailure(error: unknown, status: number, request: FastifyRequest): void {
  // What a protocol has and SkyCrate has not is a refusal.
  if (status < 500 || status === 501) return
  const code = error instanceof AppError ? error.code : 'internal'
  // A down issuer is logged where it happens, with a count.
  if (code === 'issuer-unavailable') return
  const cause = error instanceof AppError ? (error.cause ?? error) : error
  request.log.error({ err: cause, code }, 'request failed')
}
