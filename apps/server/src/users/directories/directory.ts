import type { DirectoryId } from '@skycrate/core/naming/id'
import type { AuditLog, RequestOrigin } from '../../audit/audit-event.ts'
import type { Database } from '../../db/database.ts'

/** A company's directory, which tells by SCIM who its people and groups are. */
export interface Directory {
  readonly id: DirectoryId
  readonly name: string
  /** Whose identities its users are; null: they come with a verified e-mail address, of any issuer. */
  readonly issuer: string | null
  /** `external-id`: the issuer's subject is what the directory calls the user's externalId. */
  readonly matchBy: 'external-id' | 'email'
}

/** A directory that asks. */
export interface ByDirectory {
  readonly directory: Directory
  readonly origin: RequestOrigin
}

/** What the use cases on people and groups of directories are made of. */
export interface DirectoryUse {
  readonly database: Database
  readonly audit: AuditLog
  readonly now: () => number
  /** Resolves once every process grants what was given before, and no process what was taken before. */
  readonly settled: () => Promise<void>
}

/** The issuer that the groups of a directory belong to, as a permission names it. */
export function groupIssuerOf({ id, issuer }: Pick<Directory, 'id' | 'issuer'>): string {
  return issuer ?? `urn:skycrate:directory:${id}`
}
