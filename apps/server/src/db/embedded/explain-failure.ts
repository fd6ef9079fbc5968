import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

/** Known complaints, and what to do about them. */
const REMEDIES: readonly (readonly [RegExp, (directory: string) => string])[] = [
  [/No space left on device|ENOSPC/i, (directory) => `the disk that holds ${directory} is full: make room there`],
  [/EEXIST|ENOTDIR/, (directory) => `something that is no directory is in the way of ${directory}`],
  [/Read-only file system|EROFS/i, (directory) => `${directory} is on a read-only file system`],
  [
    /Permission denied|EACCES|wrong ownership|not permitted|EPERM|readonly database|unable to open database/i,
    (directory) => `check who owns ${directory} and the directories above it`,
  ],
  [
    /incompatible with server|not compatible with this version/i,
    (directory) =>
      `${directory} was made by another major version of PostgreSQL: dump it with that, restore it with this`,
  ],
  [/user does not exist/, () => 'run SkyCrate as a user that /etc/passwd names, or set DATABASE_URL'],
  [/ENOENT/, () => 'its binaries do not run on this system: set DATABASE_URL to another PostgreSQL'],
]

/** One line for the operator: what failed, in PostgreSQL's words, and the remedy where one is known. */
export function explainFailure(what: string, reason: string, directory: string): EmbeddedPostgresError {
  const remedy = REMEDIES.find(([pattern]) => pattern.test(reason))?.[1](directory)
  return new EmbeddedPostgresError(`${what}: ${reason}${remedy === undefined ? '' : ` (${remedy})`}`)
}
