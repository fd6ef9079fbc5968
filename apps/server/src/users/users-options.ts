import type { UserId } from '@skycrate/core/naming/id'
import type { Passwords } from '../accounts/password.ts'
import type { PasswordLinks } from '../accounts/password-links.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import type { Reads } from '../db/reads.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { MailTemplates } from '../mail/templates.ts'

/** What the use cases on users are made of. */
export interface UsersOptions {
  readonly database: Database
  readonly reads: Pick<Reads, 'current'>
  readonly audit: AuditLog
  readonly jobs: Jobs
  readonly passwords: Passwords
  readonly links: PasswordLinks
  /** By which links go to the people they are for; undefined: the administrator passes them on. */
  readonly mail?: { readonly mailer: Mailer; readonly templates: MailTemplates } | undefined
  /** Whether its tokens are accepted. */
  readonly isIssuer: (issuer: string) => boolean
  readonly now: () => number
  /** Resolves once no process grants any more what was taken before. */
  readonly settled: () => Promise<void>
}

/** Who asks. */
export interface By {
  /** Null for the operator, who asks on the server's machine. */
  readonly userId: UserId | null
  readonly origin: RequestOrigin
}

/** A person who asks. */
export interface ByUser extends By {
  readonly userId: UserId
}
