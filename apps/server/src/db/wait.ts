import { setTimeout as sleep } from 'node:timers/promises'
import { clientConfigOf, describeConnection, type DatabaseConnection } from './database-connection.ts'
import { sqlStateOf } from './database-error.ts'
import type { DatabaseLogger } from './database-logger.ts'
import { openClient } from './open-client.ts'

export interface WaitForDatabaseOptions {
  readonly connection: DatabaseConnection
  readonly logger: DatabaseLogger
  /** Milliseconds; 60,000 when absent. */
  readonly patience?: number
  /** Ends the waiting when the process is asked to stop. */
  readonly signal?: AbortSignal
}

/** PostgreSQL cannot be used; the message says where it was looked for and why, in one line and without a password. */
export class DatabaseStartError extends Error {
  override readonly name = 'DatabaseStartError'
}

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 3_000
const CONNECT_TIMEOUT = 5_000
/** Milliseconds between two lines of the log. */
const LINE_EVERY = 10_000

/**
 * Resolves once PostgreSQL takes connections. A refused password is final at once; a server, name or database that is not
 * there yet may still come.
 * @throws DatabaseStartError; the signal's reason when aborted
 */
export async function waitForDatabase(options: WaitForDatabaseOptions): Promise<void> {
  const { connection, logger, patience = 60_000, signal } = options
  const place = placeOf(connection)
  const began = performance.now()
  let spoken = -Infinity
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    signal?.throwIfAborted()
    const failure = await attempt(connection)
    if (failure === undefined) return
    const reason = reasonOf(failure)
    if (sqlStateOf(failure)?.startsWith('28')) {
      throw new DatabaseStartError(`PostgreSQL at ${place} refuses to let us in: ${reason}`, { cause: failure })
    }
    const waited = performance.now() - began
    if (waited + pause > patience) {
      throw new DatabaseStartError(
        `PostgreSQL at ${place} could not be reached within ${Math.round(patience / 1000)} s: ${reason}`,
        { cause: failure },
      )
    }
    if (waited - spoken >= LINE_EVERY) {
      logger.warn(`waiting for PostgreSQL at ${place}: ${reason}`)
      spoken = waited
    }
    await sleep(pause, undefined, signal ? { signal } : {}).catch(() => {})
  }
}

function placeOf(connection: DatabaseConnection): string {
  try {
    return describeConnection(connection)
  } catch (error) {
    // The message of a URL that cannot be parsed may quote it, password and all.
    throw new DatabaseStartError('the URL of the database is not valid: postgres://user:password@host:5432/database', {
      cause: error instanceof Error ? error.name : undefined,
    })
  }
}

async function attempt(connection: DatabaseConnection): Promise<unknown> {
  try {
    const client = await openClient({ ...clientConfigOf(connection), connectionTimeoutMillis: CONNECT_TIMEOUT })
    await client.end()
    return undefined
  } catch (error) {
    return error instanceof Error && error.cause !== undefined ? error.cause : error
  }
}

/** One line. A name with several addresses fails with one error for each. */
function reasonOf(failure: unknown): string {
  const errors: readonly unknown[] = failure instanceof AggregateError ? failure.errors : [failure]
  const messages = errors.map((error) => (error instanceof Error ? error.message : String(error)))
  return [...new Set(messages)].join(', ').replaceAll(/\s*\n\s*/g, ' ')
}
