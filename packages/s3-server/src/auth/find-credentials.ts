import type { KnownCredentials } from '@skycrate/core/sigv4/verify'
import type { Site } from '../request-context.ts'
import type { Identity } from './identity.ts'

/** What signature verification asks, and who it was that it found. */
export interface CredentialFinder {
  readonly lookup: (accessKeyId: string, sessionToken: string | undefined) => KnownCredentials | undefined
  /** Whom the last look-up found; to be believed only once the signature has proven good. */
  readonly found: () => Identity
}

/** Knows the root key, and every session whose token this server sealed. */
export const findCredentials = (site: Site): CredentialFinder => {
  let identity: Identity = { kind: 'anonymous' }
  return {
    found: () => identity,
    lookup: (accessKeyId, sessionToken) => {
      const root = site.credentials
      if (accessKeyId === root.accessKeyId) {
        identity = { kind: 'root', accessKeyId }
        return { secretAccessKey: root.secretAccessKey }
      }
      if (sessionToken === undefined) return undefined
      const opened = site.sessions.open(sessionToken)
      if (opened === undefined || opened.accessKeyId !== accessKeyId) {
        // A token that is never the one given: the answer is then that the token is not valid, not the key.
        return { secretAccessKey: '', sessionToken: `${sessionToken}.` }
      }
      identity = { kind: 'session', accessKeyId, session: opened.session }
      return { secretAccessKey: opened.secretAccessKey, sessionToken, expiresAt: opened.session.expiresAt }
    },
  }
}
