import { AppError } from '../errors/app-error.ts'

/** Seconds: a restart or failover of PostgreSQL takes a few. */
const RETRY_AFTER = 2

const UNAVAILABLE_STATES = new Set([
  '25006', // read_only_sql_transaction: what was the primary is a standby now
  '25P03', // idle_in_transaction_session_timeout
  '25P04', // transaction_timeout
  '57014', // query_canceled: statement_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting up, recovering or stopping
  '57P05', // idle_session_timeout
])

/** pg tells of a lost connection, a time-out and a closed client with plain errors that have nothing but a text. */
const CLIENT_LOST = /^(connection terminated|timeout |query read timeout|client (has|was) |cannot use a pool)/i

/** The five characters of an SQLSTATE, or undefined for what PostgreSQL did not say itself. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error ? error.code : undefined
}

/** Whether a unique index refused what is there already; `constraint` names it. */
export function isUniqueViolation(error: unknown): error is Error & { readonly constraint?: string } {
  return sqlStateOf(error) === '23505'
}

/** Whether the server or the way to it failed, rather than the statement. */
function isUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error)
  if (state !== undefined) return state.startsWith('08') || state.startsWith('53') || UNAVAILABLE_STATES.has(state)
  if (!(error instanceof Error)) return false
  // ECONNRESET, EPIPE and their like come from the operating system and name the call that failed.
  return 'syscall' in error || CLIENT_LOST.test(error.message)
}

export function databaseUnavailable(cause: unknown): AppError {
  if (cause instanceof AppError) return cause
  return new AppError('database-unavailable', undefined, { cause, retryAfter: RETRY_AFTER })
}

/** An error of a query as callers see it: unavailability becomes AppError `database-unavailable`, the rest stays. */
export function databaseError(error: unknown): unknown {
  return isUnavailable(error) ? databaseUnavailable(error) : error
}

/**
 * Whether a prepared statement is gone from its connection or no longer fits the tables. PostgreSQL says so before it
 * runs anything, so the same query may be sent again on another connection.
 * @see https://www.postgresql.org/docs/18/sql-prepare.html
 */
export function isStaleStatement(error: unknown): boolean {
  const state = sqlStateOf(error)
  if (state === '26000') return true
  return state === '0A000' && error instanceof Error && error.message.startsWith('cached plan')
}
