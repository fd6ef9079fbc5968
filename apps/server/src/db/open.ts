import { Pool, type ClientConfig, type PoolClient } from 'pg'
import { AppError } from '../errors/app-error.ts'
import { clientConfigOf, type DatabaseConnection } from './database-connection.ts'
import { databaseError, databaseUnavailable, isStaleStatement, sqlStateOf } from './database-error.ts'
import type { DatabaseLogger } from './database-logger.ts'
import type { Database, Sql } from './database.ts'
import { createSemaphore } from './semaphore.ts'
import { SessionsBusyError } from './sessions-busy-error.ts'
import { openHotConnections } from './hot-connections.ts'
import { openListener } from './listener.ts'
import { applySessionSettings, openClient, runQuery } from './open-client.ts'
import { TYPE_PARSERS } from './type-parsers.ts'

export interface OpenDatabaseOptions {
  readonly connection: DatabaseConnection
  readonly logger: DatabaseLogger
  /** Of the pool behind `query` and `transaction`; 10 when absent. Hot, sessions and listening have theirs beside it. */
  readonly maxConnections?: number
  /** Shared pipelined connections; 2 when absent. */
  readonly hotConnections?: number
  /** Sessions at once; 4 when absent. */
  readonly maxSessions?: number
  /** Milliseconds for a connection, also for a free one of the pool; 5,000 when absent. */
  readonly connectTimeout?: number
  /** Milliseconds for one statement, in a session six times that; 10,000 when absent. */
  readonly statementTimeout?: number
  /** Milliseconds that a session waits for its turn; 30,000 when absent. */
  readonly sessionPatience?: number
}

/** Milliseconds. The server ends a statement first; this is for a server or network that no longer answers. */
const ANSWER_GRACE = 2_000
const IDLE_TIMEOUT = 30_000

/**
 * Opens nothing before the first query, so it succeeds while PostgreSQL is away; see `waitForDatabase`. Disposing waits
 * for what is under way.
 */
export function openDatabase(options: OpenDatabaseOptions): Database {
  const { connection, logger, maxSessions = 4, statementTimeout = 10_000, sessionPatience = 30_000 } = options
  const sessionTimeout = statementTimeout * 6
  const config: ClientConfig = {
    ...clientConfigOf(connection),
    application_name: 'skycrate',
    connectionTimeoutMillis: options.connectTimeout ?? 5_000,
    statement_timeout: statementTimeout,
    query_timeout: statementTimeout + ANSWER_GRACE,
    idle_in_transaction_session_timeout: sessionTimeout,
    keepAlive: true,
    types: TYPE_PARSERS,
  }
  const pool = new Pool({
    ...config,
    max: options.maxConnections ?? 10,
    idleTimeoutMillis: IDLE_TIMEOUT,
  })
  // The pool drops a lost connection by itself; without listeners the loss would end the process.
  pool.on('error', (error) => logger.warn({ err: error }, 'lost an idle connection to PostgreSQL'))
  pool.on('connect', (client) => client.on('error', () => {}))
  const prepared = new WeakSet<PoolClient>()
  const hot = openHotConnections(config, options.hotConnections ?? 2, logger)
  const listener = openListener(config, logger)
  const sessions = createSemaphore(maxSessions)
  let closing: Promise<void> | undefined

  async function borrow(): Promise<PoolClient> {
    let client: PoolClient | undefined
    try {
      client = await pool.connect()
      if (!prepared.has(client)) {
        await applySessionSettings(client)
        prepared.add(client)
      }
      return client
    } catch (error) {
      client?.release(true)
      throw databaseUnavailable(error)
    }
  }

  async function queryOnce<Row extends object>(...query: Parameters<Sql['query']>): Promise<Row[]> {
    const client = await borrow()
    try {
      const rows = await runQuery<Row>(client, ...query)
      client.release()
      return rows
    } catch (error) {
      // What PostgreSQL refused leaves a good connection behind; after anything else it is not used again.
      client.release(sqlStateOf(error) === undefined || isStaleStatement(error))
      throw error
    }
  }

  async function query<Row extends object>(...arguments_: Parameters<Sql['query']>): Promise<Row[]> {
    try {
      return await queryOnce<Row>(...arguments_)
    } catch (error) {
      if (isStaleStatement(error)) return queryOnce<Row>(...arguments_)
      throw error
    }
  }

  async function transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    const client = await borrow()
    let over = false
    try {
      await runQuery(client, 'begin')
      const result = await work({
        query(...arguments_) {
          if (over) return Promise.reject(new Error('the transaction is over; await its queries inside it'))
          return runQuery(client, ...arguments_)
        },
      })
      over = true
      await commit(client)
      client.release()
      return result
    } catch (error) {
      over = true
      // A connection that may be dead would let the rollback wait in vain; closing it rolls back as well.
      const keep = !isUnavailable(error) && !isStaleStatement(error) && (await rollback(client))
      client.release(!keep)
      throw isStaleStatement(error) ? databaseUnavailable(error) : error
    }
  }

  async function session<T>(work: (connection: Sql) => Promise<T>): Promise<T> {
    using _turn = await sessions.enter(sessionPatience, () =>
      databaseUnavailable(new SessionsBusyError(`${maxSessions} sessions were busy for ${sessionPatience} ms`)),
    )
    // A connection of its own that ends with the work: no lock or setting can outlive it.
    const client = await openClient({
      ...config,
      statement_timeout: sessionTimeout,
      query_timeout: sessionTimeout + ANSWER_GRACE,
    })
    try {
      return await work({ query: (...arguments_) => runQuery(client, ...arguments_) })
    } finally {
      await client.end()
    }
  }

  return {
    hot,
    query,
    transaction,
    session,
    listen: (...arguments_: Parameters<Database['listen']>) => listener.listen(...arguments_),
    async ping() {
      await hot.query('select 1')
    },
    [Symbol.asyncDispose]() {
      closing ??= (async () => {
        await listener[Symbol.asyncDispose]()
        await hot[Symbol.asyncDispose]()
        await pool.end()
      })()
      return closing
    },
  }
}

/** @throws also where a statement had failed and `work` went on: COMMIT then answers ROLLBACK, but no error */
async function commit(client: PoolClient): Promise<void> {
  let command: string
  try {
    command = (await client.query('commit')).command
  } catch (error) {
    throw databaseError(error)
  }
  if (command !== 'COMMIT') throw new Error('a statement of the transaction had failed, so nothing was committed')
}

/** Whether the connection is good for another transaction. */
async function rollback(client: PoolClient): Promise<boolean> {
  try {
    await client.query('rollback')
    return true
  } catch {
    return false
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'database-unavailable'
}
