import { DatabaseSync } from 'node:sqlite'
import { DataInUseError } from './embedded-postgres-error.ts'
import { explainFailure } from './explain-failure.ts'

/**
 * Held by the one process that supervises PostgreSQL in a data directory. SQLite's lock is used since Node has none of
 * its own: the kernel drops it with the process, however that ends, so it is never stale.
 * @throws DataInUseError when another process holds it, EmbeddedPostgresError when the file cannot be made
 */
export function takeSupervisorLock(file: string, dataDir: string): Disposable {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 0 })
    database.exec('begin exclusive')
    const held = database
    return { [Symbol.dispose]: () => held.close() }
  } catch (error) {
    database?.close()
    const reason = error instanceof Error ? error.message : String(error)
    if (/locked/.test(reason)) {
      throw new DataInUseError(`another SkyCrate is running with the data in ${dataDir}: stop it first`, {
        cause: error,
      })
    }
    throw explainFailure('the data directory cannot be used', reason, dataDir)
  }
}
