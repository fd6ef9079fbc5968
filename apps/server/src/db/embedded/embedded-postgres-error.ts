/** The embedded PostgreSQL cannot run; the message says why, and what to do, in one line. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
}
