import type { UserId } from '@skycrate/core/naming/id'
import type { FastifyBaseLogger } from 'fastify'
import type { AuditLog } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { MailTemplates } from '../mail/templates.ts'
import type { AccountEvents } from './account-events.ts'
import type { MailCodes } from './mail-codes.ts'
import type { MailLimits } from './mail-limits.ts'
import type { Passwords } from './password.ts'
import type { SignInGuard } from './sign-in-guard.ts'
import type { AccessTokens, TokenLifetimes } from './tokens.ts'

/** What the use cases of accounts share. */
export interface AccountContext {
  readonly database: Database
  readonly audit: AuditLog
  readonly events: AccountEvents
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  readonly passwords: Passwords
  readonly guard: SignInGuard
  readonly accessTokens: AccessTokens
  readonly lifetimes: TokenLifetimes
  /** Days after which an account that its user deleted is gone. */
  readonly graceDays: number
  readonly mailer: Mailer
  readonly templates: MailTemplates
  readonly mailCodes: MailCodes
  readonly mailLimits: MailLimits
  /** Cached tokens of the user are looked at again: here at once, elsewhere by the notification of the commit. */
  readonly sessionsEnded: (userId: UserId) => void
  /** Resolves once no process believes any more what was committed away before. */
  readonly settled: () => Promise<void>
}
