import { DatabaseSync } from 'node:sqlite'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

/**
 * Held by the one process that supervises PostgreSQL in a data directory. SQLite's lock is used since Node has none of
 * its own: the kernel drops it with the process, however that ends, so it is never stale.
 * @throws EmbeddedPostgresError when another process holds it
 */
export function takeSupervisorLock(file: string, dataDir: string): Disposable {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('begin exclusive')
  } catch (error) {
    database.close()
    if (error instanceof Error && /locked/.test(error.message)) {
      throw new EmbeddedPostgresError(`another SkyCrate is running with the data in ${dataDir}: stop it first`, {
        cause: error,
      })
    }
    throw error
  }
  return { [Symbol.dispose]: () => database.close() }
}
