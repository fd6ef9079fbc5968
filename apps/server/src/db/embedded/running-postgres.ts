import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SocketConnection } from '../database-connection.ts'
import { CLUSTER, NAME } from './start-embedded-postgres.ts'

/** Lines of `postmaster.pid`, from 0. */
const PORT_LINE = 3
const SOCKET_DIRECTORY_LINE = 4

/**
 * Where the PostgreSQL that another process runs on this data takes connections, as its own lock file tells.
 * @returns undefined where none runs, or none is ready to tell
 * @see https://www.postgresql.org/docs/18/storage-file-layout.html
 */
export function findRunningPostgres(dataDir: string): SocketConnection | undefined {
  let lines: string[]
  try {
    lines = readFileSync(join(dataDir, CLUSTER, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined
  }
  const port = Number(lines[PORT_LINE])
  const host = lines[SOCKET_DIRECTORY_LINE] ?? ''
  return port > 0 && host.startsWith('/') ? { host, port, user: NAME, database: NAME } : undefined
}
