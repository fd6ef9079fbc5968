import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import type { DatabaseConnection } from '../db/database-connection.ts'
import type { DatabaseLogger } from '../db/database-logger.ts'
import { DataInUseError } from '../db/embedded/embedded-postgres-error.ts'
import { findRunningPostgres } from '../db/embedded/running-postgres.ts'
import { CLUSTER, startEmbeddedPostgres } from '../db/embedded/start-embedded-postgres.ts'
import { requireMigrated } from '../db/migrate.ts'
import { waitForDatabase } from '../db/wait.ts'

/** Milliseconds that another process may take to start or to stop the embedded PostgreSQL, and between two looks at it. */
const PATIENCE = 30_000
const PAUSE = 200

export interface ReachedDatabase extends AsyncDisposable {
  readonly connection: DatabaseConnection
}

/**
 * The database of a SkyCrate that may be running or stopped: an embedded one is started for as long as this is held where no
 * process runs it. Nothing is created or migrated.
 * @throws Error with a message for the operator
 */
export async function reachDatabase(config: Config, logger: DatabaseLogger): Promise<ReachedDatabase> {
  await using reached = new AsyncDisposableStack()
  const connection = await reach(config, logger, reached)
  await requireMigrated(connection)
  const held = reached.move()
  return { connection, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

/** The same for who looks for faults: it waits for no external database, and takes one of any version. */
export async function reachConnection(config: Config, logger: DatabaseLogger): Promise<ReachedDatabase> {
  await using reached = new AsyncDisposableStack()
  const { database } = config
  const connection =
    database.kind === 'external' ? { connectionString: database.url } : await reach(config, logger, reached)
  const held = reached.move()
  return { connection, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

async function reach(
  config: Config,
  logger: DatabaseLogger,
  reached: AsyncDisposableStack,
): Promise<DatabaseConnection> {
  if (config.database.kind === 'external') {
    const connection = { connectionString: config.database.url }
    await waitForDatabase({ connection, logger, patience: config.database.waitSeconds * 1000 })
    return connection
  }
  const dataDir = join(config.dataDir, 'postgres')
  requireData(config.dataDir, join(dataDir, CLUSTER))
  for (const deadline = performance.now() + PATIENCE; ; await sleep(PAUSE)) {
    try {
      return reached.use(await startEmbeddedPostgres({ dataDir, logger })).connection
    } catch (error) {
      if (!(error instanceof DataInUseError)) throw error
    }
    const running = findRunningPostgres(dataDir)
    const failure = running ? await failureOf(running, logger) : new Error('its PostgreSQL has not started')
    if (running && failure === undefined) return running
    if (performance.now() < deadline) continue
    throw new Error(
      `A SkyCrate is running with the data in ${config.dataDir}, but its database can't be used: ${failure?.message}`,
      { cause: failure },
    )
  }
}

/** @throws Error that says what is wrong with the data folder */
function requireData(folder: string, cluster: string): void {
  try {
    statSync(cluster)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new Error(
        `There is no database in the data folder ${folder}. Set SKYCRATE_DATA (or DATABASE_URL) as for the server.`,
        { cause },
      )
    }
    throw new Error(
      `The data folder ${folder} can't be read (${message}). Run this as the account that runs SkyCrate, or as root.`,
      { cause },
    )
  }
}

async function failureOf(connection: DatabaseConnection, logger: DatabaseLogger): Promise<Error | undefined> {
  try {
    await waitForDatabase({ connection, logger, patience: 0 })
    return undefined
  } catch (error) {
    return error as Error
  }
}
