import type { Permissions } from '../../access/permissions.ts'
import type { Accounts } from '../../accounts/accounts.ts'
import type { AuditViews } from '../../audit/audit-views.ts'
import type { Buckets } from '../../buckets/buckets.ts'
import type { Sql } from '../../db/database.ts'
import type { Homes } from '../../homes/homes.ts'
import type { HomesAdmin } from '../../homes/homes-admin.ts'
import type { Issuers } from '../../issuers/issuers.ts'
import type { Jobs } from '../../jobs/jobs.ts'
import type { Objects } from '../../objects/objects.ts'
import type { Files } from '../../files/files.ts'
import type { Quotas } from '../../quotas/quotas.ts'
import type { SharedLinks } from '../../shares/shared-links.ts'
import type { Shares } from '../../shares/shares.ts'
import type { Operations } from '../../objects/operations.ts'
import type { Deletions } from '../../objects/deletions.ts'
import type { Versions } from '../../objects/versions.ts'
import type { MailAdmin } from '../../mail/mail-admin.ts'
import type { CredentialVending } from '../../vending/credentials.ts'
import type { Deliveries } from '../../vending/delivery.ts'
import type { PresignedPosts } from '../../vending/presigned-post.ts'
import type { RecordedDoctor } from '../../doctor/recorded-doctor.ts'
import type { Directories } from '../../scim/directories.ts'
import type { PersonalTokens } from '../../tokens/personal-tokens.ts'
import type { Groups } from '../../users/groups.ts'
import type { OwnIdentities } from '../../users/identities/own-identities.ts'
import type { Users } from '../../users/users.ts'
import type { PresignedUrls } from '../../vending/presigned-url.ts'
import type { Uploads } from '../../vending/uploads.ts'
import type { Browser } from '../browser.ts'
import type { Handlers } from '../route.ts'
import { auditHandlers } from './audit.ts'
import { authHandlers } from './auth.ts'
import { bucketsHandlers } from './buckets.ts'
import { credentialsHandlers } from './credentials.ts'
import { deliveryHandlers } from './delivery.ts'
import { directoriesHandlers } from './directories.ts'
import { doctorHandlers } from './doctor.ts'
import { factorsHandlers } from './factors.ts'
import { clientsHandlers } from './clients.ts'
import { deviceHandlers } from './device.ts'
import { filesHandlers } from './files.ts'
import { groupsHandlers } from './groups.ts'
import { homeHandlers } from './home.ts'
import { identitiesHandlers } from './identities.ts'
import { issuersHandlers } from './issuers.ts'
import { jobsHandlers } from './jobs.ts'
import { mailHandlers } from './mail.ts'
import { objectsHandlers } from './objects.ts'
import { operationsHandlers } from './operations.ts'
import { permissionsHandlers } from './permissions.ts'
import { sessionsHandlers } from './sessions.ts'
import { quotasHandlers } from './quotas.ts'
import { sharesHandlers } from './shares.ts'
import type { SignInWith } from '../../sign-in-with/sign-in-with.ts'
import { signInWithHandlers } from './sign-in-with.ts'
import { storageHandlers } from './storage.ts'
import type { Storage } from '../../usage/storage.ts'
import { signOutHandlers } from './sign-out.ts'
import { tokensHandlers } from './tokens.ts'
import type { Search } from '../../search/search.ts'
import { searchHandlers } from './search.ts'
import type { Starred } from '../../starred/starred.ts'
import type { Metadata } from '../../objects/metadata.ts'
import { metadataHandlers } from './metadata.ts'
import { starredHandlers } from './starred.ts'
import type { Thumbnails } from '../../thumbnails/thumbnails.ts'
import { thumbnailsHandlers } from './thumbnails.ts'
import { uploadsHandlers } from './uploads.ts'
import { usersHandlers } from './users.ts'
import { versionsHandlers } from './versions.ts'

/** Each route of the contract, as one call of its use case. */
export function createHandlers(use: {
  readonly accounts: Accounts
  readonly personalTokens: PersonalTokens
  readonly users: Users
  readonly ownIdentities: OwnIdentities
  readonly groups: Groups
  readonly directories: Directories
  readonly issuersAdmin: Issuers
  readonly homes: Homes
  readonly homesAdmin: HomesAdmin
  readonly buckets: Buckets
  readonly presignedUrls: PresignedUrls
  readonly objects: Objects
  readonly versions: Versions
  readonly deletions: Deletions
  readonly operations: Operations
  readonly files: Files
  readonly thumbnails: Thumbnails
  readonly search: Search
  readonly starred: Starred
  readonly metadata: Metadata
  readonly shares: Shares
  readonly quotas: Quotas
  readonly sharedLinks: SharedLinks
  readonly deliveries: Deliveries
  readonly presignedPosts: PresignedPosts
  readonly uploads: Uploads
  readonly credentials: CredentialVending
  readonly permissions: Permissions
  readonly mail: MailAdmin
  readonly doctor: RecordedDoctor
  readonly storage: Storage
  readonly jobs: Jobs
  readonly database: Sql
  readonly auditViews: AuditViews
  readonly browser: Browser
  readonly signInWith: SignInWith
  readonly publicUrl: string
  readonly guests: boolean
}): Handlers {
  return {
    ...homeHandlers(use.homes, use.homesAdmin),
    ...bucketsHandlers(use.buckets),
    ...authHandlers(use.accounts, use.users, use.database, use.guests),
    ...sessionsHandlers(use.accounts.sessions),
    ...signOutHandlers(use.accounts, use.browser),
    ...tokensHandlers(use.personalTokens),
    ...clientsHandlers(use.accounts.clients),
    ...deviceHandlers(use.accounts.device),
    ...factorsHandlers(use.accounts),
    ...signInWithHandlers(use.signInWith, use.accounts, use.browser, use.publicUrl),
    ...identitiesHandlers(use.ownIdentities, use.signInWith, use.browser, use.publicUrl),
    ...usersHandlers(use.users),
    ...groupsHandlers(use.groups),
    ...directoriesHandlers(use.directories),
    ...issuersHandlers(use.issuersAdmin),
    ...objectsHandlers(use.objects, use.presignedUrls),
    ...versionsHandlers(use.versions, use.deletions),
    ...operationsHandlers(use.operations),
    ...filesHandlers(use.files),
    ...thumbnailsHandlers(use.thumbnails),
    ...quotasHandlers(use.quotas),
    ...searchHandlers(use.search),
    ...starredHandlers(use.starred),
    ...metadataHandlers(use.metadata),
    ...sharesHandlers(use.shares, use.sharedLinks),
    ...uploadsHandlers(use),
    ...credentialsHandlers(use.credentials),
    ...deliveryHandlers(use.deliveries),
    ...permissionsHandlers(use.permissions),
    ...mailHandlers(use.mail),
    ...doctorHandlers(use.doctor),
    ...storageHandlers(use.storage, use.operations),
    ...jobsHandlers(use.jobs),
    ...auditHandlers(use.auditViews),
  }
}
