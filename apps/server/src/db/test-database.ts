import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'pg'
import { clientConfigOf, type SocketConnection } from './database-connection.ts'
import type { DatabaseLogger } from './database-logger.ts'
import type { Database } from './database.ts'
import { startEmbeddedPostgres } from './embedded/start-embedded-postgres.ts'
import { migrate } from './migrate.ts'
import { openClient, runQuery } from './open-client.ts'
import { openDatabase } from './open.ts'

export interface TestDatabase extends Database {
  /** For a test that opens it a second time, as another process would. */
  readonly connection: SocketConnection
}

const TEMPLATE = 'skycrate_template'
const QUIET: DatabaseLogger = { debug() {}, info() {}, warn() {}, error() {} }

let server: Promise<SocketConnection> | undefined
let cloning: Promise<unknown> = Promise.resolve()
let count = 0

/**
 * A fresh, migrated database, dropped when disposed. All of a process share one server that syncs nothing; it starts with
 * the first call and is gone, data and all, when the process is.
 */
export async function testDatabase(): Promise<TestDatabase> {
  server ??= startServer()
  const base = await server
  count += 1
  const connection = { ...base, database: `test_${count}` }
  // A template can be cloned by one at a time.
  const cloned = cloning.then(() =>
    asAdministrator(base, (admin) =>
      runQuery(admin, `create database ${connection.database} template ${TEMPLATE} strategy file_copy`),
    ),
  )
  cloning = cloned.catch(() => {})
  await cloned
  const database = openDatabase({ connection, logger: QUIET })
  return {
    ...database,
    connection,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      await asAdministrator(base, (admin) => runQuery(admin, `drop database ${connection.database} with (force)`))
    },
  }
}

async function startServer(): Promise<SocketConnection> {
  const dataDir = mkdtempSync(join(tmpdir(), 'skycrate-test-'))
  const { connection } = await startEmbeddedPostgres({ dataDir, logger: QUIET, throwaway: true })
  await asAdministrator(connection, (admin) => runQuery(admin, `create database ${TEMPLATE}`))
  await migrate({ connection: { ...connection, database: TEMPLATE }, logger: QUIET })
  return connection
}

async function asAdministrator<T>(base: SocketConnection, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = await openClient(clientConfigOf({ ...base, database: 'postgres' }))
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}
