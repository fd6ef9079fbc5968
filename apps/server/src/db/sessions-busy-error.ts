/** The database answers, but everything that may hold a session of its own is waiting for something else. */
export class SessionsBusyError extends Error {
  override readonly name = 'SessionsBusyError'
}
