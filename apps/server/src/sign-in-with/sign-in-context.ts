import type { FastifyBaseLogger } from 'fastify'
import type { BrowserSessions } from '../accounts/browser-sessions.ts'
import type { IssuerSessions } from '../accounts/issuer-sessions.ts'
import type { AuditLog } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import type { IssuerRegistry } from '../issuers/issuer-registry.ts'
import type { UsersOptions } from '../users/users-options.ts'
import type { IdTokens } from './id-tokens.ts'
import type { IssuerClients } from './issuer-clients.ts'

/** What the use cases of a sign-in through an issuer share. */
export interface SignInContext {
  readonly database: Database
  readonly audit: AuditLog
  readonly logger: FastifyBaseLogger
  readonly issuers: IssuerRegistry
  readonly sessions: IssuerSessions
  readonly browserSessions: Pick<BrowserSessions, 'find'>
  readonly mail: UsersOptions['mail']
  readonly clients: IssuerClients
  readonly idTokens: IdTokens
  readonly publicUrl: string
  readonly now: () => number
}
