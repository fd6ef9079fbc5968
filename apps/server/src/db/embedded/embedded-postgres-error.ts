/** The embedded PostgreSQL cannot run; the message says why, and what to do, in one line. */
export class EmbeddedPostgresError extends Error {
  override readonly name: string = 'EmbeddedPostgresError'
}

/** Another process runs PostgreSQL on this data. */
export class DataInUseError extends EmbeddedPostgresError {
  override readonly name = 'DataInUseError'
}
