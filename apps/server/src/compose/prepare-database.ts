import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config/config.ts'
import type { DatabaseConnection } from '../db/database-connection.ts'
import { migrate } from '../db/migrate.ts'
import { waitForDatabase } from '../db/wait.ts'

/** Seconds: the embedded one has been started by us, and recovers from its log after a crash. */
const EMBEDDED_WAIT_SECONDS = 30

/** Waits until the database answers, and brings its schema up to this version's. @throws Error for the operator */
export async function prepareDatabase(
  config: Config,
  connection: DatabaseConnection,
  logger: FastifyBaseLogger,
): Promise<void> {
  const seconds = config.database.kind === 'external' ? config.database.waitSeconds : EMBEDDED_WAIT_SECONDS
  await waitForDatabase({ connection, logger, patience: seconds * 1000 })
  await migrate({ connection, logger })
}
