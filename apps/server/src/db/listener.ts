import { setTimeout as sleep } from 'node:timers/promises'
import { escapeIdentifier, type Client, type ClientConfig } from 'pg'
import { databaseUnavailable } from './database-error.ts'
import type { DatabaseLogger } from './database-logger.ts'
import { openClient, runQuery } from './open-client.ts'

/** Milliseconds between two attempts: the first, and the longest. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5_000
/** Milliseconds. Finds a connection that is dead though nobody said so; the query's own time-out then ends it. */
const HEARTBEAT = 15_000

interface Subscription {
  readonly onNotify: (payload: string) => void
  readonly onGap: () => void
}

export interface Listener extends AsyncDisposable {
  listen(channel: string, onNotify: (payload: string) => void, onGap: () => void): Promise<AsyncDisposable>
}

interface Connection {
  readonly client: Client
  /** Runs one statement after the other: pg takes no second one while the first is under way. */
  run(text: string): Promise<void>
}

function inTurns(client: Client): Connection {
  let last: Promise<void> = Promise.resolve()
  return {
    client,
    run(text) {
      const turn = last.then(async () => void (await runQuery(client, text)))
      last = turn.catch(() => undefined)
      return turn
    },
  }
}

/** One connection of its own for all channels, opened with the first and for ever reopened until disposed. */
export function openListener(config: ClientConfig, logger: DatabaseLogger): Listener {
  const channels = new Map<string, Set<Subscription>>()
  const stopping = new AbortController()
  let current: Promise<Connection> | undefined
  let reconnecting: Promise<void> | undefined

  function dispatch(channel: string, payload: string): void {
    for (const subscription of channels.get(channel) ?? []) subscription.onNotify(payload)
  }

  async function connect(): Promise<Connection> {
    const client = await openClient(config)
    const connection = inTurns(client)
    const heartbeat = setInterval(() => {
      connection.run('select 1').catch(() => client.end())
    }, HEARTBEAT)
    heartbeat.unref()
    client.on('notification', ({ channel, payload }) => dispatch(channel, payload ?? ''))
    client.on('end', () => {
      clearInterval(heartbeat)
      current = undefined
      if (!stopping.signal.aborted) reconnecting ??= reconnect()
    })
    try {
      for (const channel of channels.keys()) await connection.run(`listen ${escapeIdentifier(channel)}`)
    } catch (error) {
      await client.end()
      throw error
    }
    return connection
  }

  async function reconnect(): Promise<void> {
    logger.warn('lost the connection for notifications; reconnecting')
    for (let pause = FIRST_PAUSE; !stopping.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        await sleep(pause, undefined, { signal: stopping.signal })
        current = connect()
        await current
        break
      } catch {
        current = undefined
      }
    }
    reconnecting = undefined
    if (stopping.signal.aborted) return
    logger.info('receiving notifications again')
    for (const subscriptions of channels.values()) for (const { onGap } of subscriptions) onGap()
  }

  return {
    async listen(channel, onNotify, onGap) {
      if (stopping.signal.aborted) throw databaseUnavailable(new Error('the database was closed'))
      const subscription: Subscription = { onNotify, onGap }
      const known = channels.get(channel)
      if (known) known.add(subscription)
      else channels.set(channel, new Set([subscription]))
      const stop = (): void => {
        channels.get(channel)?.delete(subscription)
      }
      const attempt = (current ??= connect())
      attempt.catch(() => {
        if (current === attempt) current = undefined
      })
      try {
        const connection = await attempt
        await connection.run(`listen ${escapeIdentifier(channel)}`)
      } catch (error) {
        stop()
        throw error
      }
      onGap()
      // The channel stays listened to: an UNLISTEN could overtake the LISTEN of the next subscriber.
      return { [Symbol.asyncDispose]: async () => stop() }
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await reconnecting
      const connection = await current?.catch(() => undefined)
      await connection?.client.end()
    },
  }
}
