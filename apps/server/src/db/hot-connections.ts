import type { Client, ClientConfig } from 'pg'
import { isStaleStatement, databaseUnavailable } from './database-error.ts'
import type { DatabaseLogger } from './database-logger.ts'
import type { Sql } from './database.ts'
import { openClient, runQuery } from './open-client.ts'

/** Milliseconds in which a failed attempt answers for those that follow it. */
const ATTEMPT_PAUSE = 200

interface Slot {
  attempt: Promise<Client> | undefined
  failedAt: number
  failure: unknown
  inFlight: number
}

export interface HotConnections extends Sql, AsyncDisposable {}

/**
 * A few connections that everybody shares, each with many queries on the wire at once. Each query goes where the fewest
 * are under way, so that a read seldom waits behind the commit of an audit batch. A lost connection is opened again by
 * the next query.
 */
export function openHotConnections(config: ClientConfig, count: number, logger: DatabaseLogger): HotConnections {
  const slots: Slot[] = Array.from({ length: count }, () => ({
    attempt: undefined,
    failedAt: -Infinity,
    failure: undefined,
    inFlight: 0,
  }))
  let closed = false

  function connect(slot: Slot): Promise<Client> {
    if (slot.attempt) return slot.attempt
    if (closed) return Promise.reject(databaseUnavailable(new Error('the database was closed')))
    if (performance.now() - slot.failedAt < ATTEMPT_PAUSE) return Promise.reject(databaseUnavailable(slot.failure))
    const attempt = openClient({ ...config, pipeline: true })
    slot.attempt = attempt
    attempt.then(
      (client) => {
        const forget = (): void => {
          if (slot.attempt === attempt) slot.attempt = undefined
        }
        client.on('error', (error) => {
          if (!closed) logger.warn({ err: error }, 'lost a shared connection to PostgreSQL')
          forget()
        })
        client.on('end', forget)
      },
      (error: unknown) => {
        slot.attempt = undefined
        slot.failedAt = performance.now()
        slot.failure = error
      },
    )
    return attempt
  }

  async function queryOn<Row extends object>(
    slot: Slot,
    text: string,
    values: readonly unknown[] | undefined,
    name: string | undefined,
  ): Promise<Row[]> {
    slot.inFlight += 1
    try {
      const attempt = connect(slot)
      const client = await attempt
      try {
        return await runQuery<Row>(client, text, values, name)
      } catch (error) {
        if (!isStaleStatement(error)) throw error
        // The connection's prepared statements no longer hold: those on the wire finish, new ones get a fresh one.
        if (slot.attempt === attempt) {
          slot.attempt = undefined
          client.end().catch(() => {})
        }
        return await runQuery<Row>(await connect(slot), text, values, name)
      }
    } finally {
      slot.inFlight -= 1
    }
  }

  return {
    query(text, values, name) {
      const slot = slots.reduce((least, other) => (other.inFlight < least.inFlight ? other : least))
      return queryOn(slot, text, values, name)
    },
    async [Symbol.asyncDispose]() {
      closed = true
      await Promise.all(
        slots.map(async (slot) => {
          const client = await slot.attempt?.catch(() => undefined)
          slot.attempt = undefined
          await client?.end()
        }),
      )
    },
  }
}
