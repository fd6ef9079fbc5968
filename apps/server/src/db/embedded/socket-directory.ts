import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

/** Bytes of a socket's path: 108 on Linux, 104 on macOS, one of them for the NUL. */
const LONGEST_PATH = 103
/** As PostgreSQL names it, from the port. */
export const SOCKET_NAME = '.s.PGSQL.5432'

/**
 * A directory for the socket, which only its owner may enter: that is what guards the server, which asks for no password.
 * It lies among the temporary files since a data directory's path may be too long for a socket, or its file system
 * unable to hold one. The same data directory gets the same place each time.
 * @param owners who may own it: whoever else made it first does not get to see the socket
 * @throws EmbeddedPostgresError
 */
export function prepareSocketDirectory(dataDir: string, owners: readonly number[]): string {
  const parent = tmpdir()
  const wanted = join(parent, `skycrate-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`)
  if (Buffer.byteLength(join(`${wanted}-abcdef`, SOCKET_NAME)) > LONGEST_PATH) {
    throw new EmbeddedPostgresError(`the path of ${parent} is too long for a socket: set TMPDIR to a shorter one`)
  }
  mkdirSync(parent, { recursive: true })
  const directory = isOurs(wanted, owners) ? wanted : mkdtempSync(`${wanted}-`)
  chmodSync(directory, 0o700)
  return directory
}

function isOurs(path: string, owners: readonly number[]): boolean {
  try {
    mkdirSync(path, { mode: 0o700 })
    return true
  } catch {
    const entry = lstatSync(path, { throwIfNoEntry: false })
    return entry !== undefined && entry.isDirectory() && owners.includes(entry.uid)
  }
}
