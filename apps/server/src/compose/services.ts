import { performance } from 'node:perf_hooks'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import { watchFreshness } from '../access/freshness.ts'
import { createGate } from '../access/create-gate.ts'
import { openPermissionCache, type PermissionCache } from '../access/permission-cache.ts'
import { createPermissions, type Permissions } from '../access/permissions.ts'
import { type Accounts, createAccounts } from '../accounts/accounts.ts'
import type { AuditLog } from '../audit/audit-event.ts'
import { createAuditLog } from '../audit/audit-writer.ts'
import { type AuditViews, createAuditViews } from '../audit/audit-views.ts'
import { mergeDenials } from '../audit/merge-denials.ts'
import { inDefaultStore } from '../buckets/bucket-records.ts'
import { type Buckets, createBuckets } from '../buckets/buckets.ts'
import { bucketsConfigOf } from '../buckets/buckets-config-of.ts'
import type { Config } from '../config/config.ts'
import type { Database } from '../db/database.ts'
import { openDatabase } from '../db/open.ts'
import { openReads, readsOf } from '../db/reads.ts'
import { neverFresh, withoutListening } from '../db/without-listening.ts'
import { createRecordedDoctor, type RecordedDoctor } from '../doctor/recorded-doctor.ts'
import { createHomes, type Homes } from '../homes/homes.ts'
import { createHomesAdmin, type HomesAdmin } from '../homes/homes-admin.ts'
import { type Authenticator, createAuthenticator } from '../identity/authenticator.ts'
import type { IssuerRegistry } from '../issuers/issuer-registry.ts'
import { createIdentityTokens, type IdentityTokens } from '../identity/identity-tokens.ts'
import { createIssuers, type Issuers } from '../issuers/issuers.ts'
import { ISSUER_SEALING, openIssuers } from '../issuers/open-issuers.ts'
import { createSessionKeys, type SessionKeys } from '../identity/session-keys.ts'
import type { JobHandler } from '../jobs/job.ts'
import { createMetrics, type Metrics } from '../observability/metrics.ts'
import { tracedAudit, tracedDatabase, tracedJobs, tracedStores } from '../observability/traced.ts'
import type { Tracing } from '../observability/tracing.ts'
import { createJobs, type Jobs } from '../jobs/jobs.ts'
import { createObjects, type Objects } from '../objects/objects.ts'
import { createFiles, type Files } from '../files/files.ts'
import { type Meter, openMeter } from '../quotas/meter.ts'
import { createQuotas, type Quotas } from '../quotas/quotas.ts'
import { createPasswordGuard } from '../shares/password-guard.ts'
import { createSharePasses } from '../shares/share-token.ts'
import { createSharedLinks, type SharedLinks } from '../shares/shared-links.ts'
import { createShares, type Shares } from '../shares/shares.ts'
import { createOperations, type Operations } from '../objects/operations.ts'
import { createDeletions, type Deletions } from '../objects/deletions.ts'
import { createVersions, type Versions } from '../objects/versions.ts'
import { createSealing } from '../sealing.ts'
import { type AdmitDirectory, admitDirectories } from '../scim/admit-directory.ts'
import { createDirectories, type Directories } from '../scim/directories.ts'
import { personOf } from '../scim/user-resource.ts'
import { createSignInWith } from '../sign-in-with/create-sign-in-with.ts'
import type { SignInWith } from '../sign-in-with/sign-in-with.ts'
import { openBucketDeliveries } from '../stores/bucket-deliveries.ts'
import { createBucketPresences } from '../stores/bucket-presences.ts'
import { createBucketVersioning } from '../stores/bucket-versioning.ts'
import { type CallerLimits, createCallerLimits } from '../limits/caller-limits.ts'
import { createMailAdmin, type MailAdmin } from '../mail/mail-admin.ts'
import { mailRestored } from '../mail/mail-restored.ts'
import { createMailer } from '../mail/mailer.ts'
import { type SendMailInput, sendMailJob } from '../mail/send-mail-job.ts'
import { openSmtp } from '../mail/smtp.ts'
import { createMailTemplates } from '../mail/templates.ts'
import { openStores, type Stores } from '../stores/stores.ts'
import { createDirectoryGroups, type DirectoryGroups } from '../users/directories/directory-groups.ts'
import { createDirectoryUsers, type DirectoryUsers } from '../users/directories/directory-users.ts'
import { createPersonalTokens, type PersonalTokens } from '../tokens/personal-tokens.ts'
import { createGroups, type Groups } from '../users/groups.ts'
import { createOwnIdentities, type OwnIdentities } from '../users/identities/own-identities.ts'
import { createUsers, type Users } from '../users/users.ts'
import { createCredentialVending, type CredentialVending } from '../vending/credentials.ts'
import { createDeliveries, createDeliverySigner, type Deliveries } from '../vending/delivery.ts'
import { createHeldCredentials } from '../vending/held-credentials.ts'
import { createPresignedPosts, type PresignedPosts } from '../vending/presigned-post.ts'
import { createPresignedUrls, type PresignedUrls } from '../vending/presigned-url.ts'
import type { Backends } from './external-backends.ts'
import { webOrigins } from './web-origins.ts'
import { createSessions, type Sessions } from '../vending/sessions.ts'
import { createNotedNames } from '../search/noted-names.ts'
import { notingStores } from '../search/noting-store.ts'
import { createSearch, type Search } from '../search/search.ts'
import { createMetadata, type Metadata } from '../objects/metadata.ts'
import { createStarred, type Starred } from '../starred/starred.ts'
import { createThumbnails, type Thumbnails } from '../thumbnails/thumbnails.ts'
import { createUploadTokens } from '../vending/upload-token.ts'
import { shippedPrices } from '../usage/price-file.ts'
import { createStorage, type Storage } from '../usage/storage.ts'
import { createUploads, type Uploads } from '../vending/uploads.ts'

/** Every use case there is, made and joined. Disposing ends what they hold, not the backends. */
export interface Services extends AsyncDisposable {
  readonly database: Database
  /** Where it does not listen: before each request, since what is held may have changed. */
  readonly tellOfGap: () => void
  readonly audit: AuditLog
  readonly limits: CallerLimits
  /** Undefined where nobody may ask for them. */
  readonly metrics: Metrics | undefined
  readonly auditViews: AuditViews
  readonly stores: Stores
  readonly accounts: Accounts
  readonly personalTokens: PersonalTokens
  readonly issuers: IssuerRegistry
  readonly signInWith: SignInWith
  readonly authenticator: Authenticator
  readonly homes: Homes
  readonly homesAdmin: HomesAdmin
  readonly buckets: Buckets
  readonly mail: MailAdmin
  readonly sendMail: JobHandler<SendMailInput>
  readonly jobs: Jobs
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
  readonly meter: Meter
  readonly sharedLinks: SharedLinks
  readonly storage: Storage
  readonly presignedUrls: PresignedUrls
  readonly deliveries: Deliveries
  readonly presignedPosts: PresignedPosts
  readonly uploads: Uploads
  readonly credentials: CredentialVending
  readonly sessionKeys: SessionKeys
  readonly sessions: Sessions
  readonly identityTokens: IdentityTokens
  readonly permissions: Permissions
  readonly permissionCache: PermissionCache
  readonly users: Users
  readonly ownIdentities: OwnIdentities
  readonly groups: Groups
  readonly directories: Directories
  readonly issuersAdmin: Issuers
  readonly doctor: RecordedDoctor
  readonly scim: {
    readonly users: DirectoryUsers
    readonly groups: DirectoryGroups
    readonly admit: AdmitDirectory
  }
}

/**
 * Makes every service and hands each what it uses. Nothing listens yet and no job is taken: a process that only answers
 * needs nothing else.
 * @throws AppError `database-unavailable`
 */
export async function createServices(
  config: Config,
  backends: Backends,
  logger: FastifyBaseLogger,
  {
    listens = true,
    connectTimeout,
    onEnqueue,
    tracing,
  }: {
    /** Without listening, nothing held is believed: for a process that is frozen between two requests. */
    readonly listens?: boolean
    /** Milliseconds, for a database that takes its time. */
    readonly connectTimeout?: number
    /** Told of each job, where another process is to be woken for it. */
    readonly onEnqueue?: () => void
    readonly tracing?: Tracing | undefined
  } = {},
): Promise<Services> {
  await using starting = new AsyncDisposableStack()
  const now = Date.now
  const { connection, target, secret } = backends
  const untraced = starting.use(
    openDatabase({ connection, logger, ...(connectTimeout === undefined ? {} : { connectTimeout }) }),
  )
  const opened = tracing ? tracedDatabase(untraced, tracing) : untraced
  const unheard = listens ? undefined : withoutListening(opened)
  const database = unheard ?? opened
  const replica = config.database.kind === 'external' ? config.database.replica : undefined
  const reads =
    replica === undefined
      ? readsOf(database)
      : starting.use(
          openReads({
            primary: database,
            replica: openDatabase({ connection: { connectionString: replica.url }, logger }),
            maxLagMs: replica.maxLagSeconds * 1000,
            logger,
          }),
        )
  const auditLog = createAuditLog({ sql: database.hot, logger, now })
  starting.defer(() => auditLog.drain())
  const limits = starting.use(createCallerLimits({ sql: database, logger, now, rates: config.rates }))
  const metrics = config.metricsToken === undefined ? undefined : createMetrics()
  const counted = metrics?.counting(auditLog) ?? auditLog
  const merged = starting.use(mergeDenials({ log: counted, limits, logger, now }))
  const audit = tracing ? tracedAudit(merged, tracing) : merged
  const reached = starting.use(await openStores(target, { database, logger, now }))
  const openedStores = tracing ? tracedStores(reached, tracing) : reached
  const names = createNotedNames({ database, logger, now })
  const stores = notingStores(openedStores, names)
  const freshness = starting.use(
    listens ? await watchFreshness(database, logger, () => performance.now()) : neverFresh(database),
  )
  metrics?.watch({ sql: database, freshness, waitingEvents: () => auditLog.waiting() })
  const settled = (): Promise<void> => freshness.settled()
  const ownJobs = createJobs({ database, logger, now, ...(onEnqueue === undefined ? {} : { onEnqueue }) })
  const jobs = tracing ? tracedJobs(ownJobs, tracing) : ownJobs
  const sealing = createSealing(secret, 'skycrate mails')
  const smtp = config.mail.smtp && starting.use(openSmtp(config.mail.smtp, config.mail))
  const templates = createMailTemplates(config.http.publicUrl)
  const mailer = createMailer({ jobs, sealing, now })
  const accounts = await createAccounts({
    mailer,
    templates,
    signUp: config.signUp,
    lifetimes: config.tokens,
    graceDays: config.accountGraceDays,
    database,
    audit,
    logger,
    now,
    issuer: config.http.publicUrl,
    browserSessions: config.browserSessions,
    secret,
    settled,
  })
  const personalTokens = createPersonalTokens({ database, audit, now, settled, maxDays: config.tokenMaxDays })
  const issuerSealing = createSealing(secret, ISSUER_SEALING)
  const issuers = starting.use(
    await openIssuers({ database, configured: config.issuers, sealing: issuerSealing, logger }),
  )
  const authenticator = starting.use(
    await createAuthenticator({
      database,
      audit,
      logger,
      now,
      issuers,
      own: accounts,
      personalTokens: personalTokens.verifier,
      freshness,
      allowInsecureLoopback: !config.production,
    }),
  )
  const signInWith = createSignInWith({
    database,
    audit,
    logger,
    now,
    issuers,
    sessions: accounts.issuerSessions,
    browserSessions: accounts.browserSessions,
    mail: { mailer, templates },
    publicUrl: config.http.publicUrl,
    allowInsecureLoopback: !config.production,
  })
  const permissionCache = starting.use(await openPermissionCache(database, freshness))
  const presences = createBucketPresences({ storeOf: stores.storeOf, now })
  const meter = starting.use(await openMeter({ database, freshness, storeOf: stores.storeOf, jobs, logger, now }))
  const gate = createGate({ permissions: permissionCache, audit, presences, now, meter })
  const { libraryBucket } = config.homes
  const origins = webOrigins(config.http)
  const bucketsConfig = bucketsConfigOf(config, target, origins)
  const homes = createHomes({
    settled,
    database,
    store: stores.storeOf(DEFAULT_STORE),
    audit,
    logger,
    now,
    config: {
      ...bucketsConfig,
      layout: config.homes.layout,
      libraryBucket,
      region: target.region,
      bucketPrefix: 'skycrate',
    },
  })
  const homesAdmin = createHomesAdmin({ database, homes, jobs, audit })
  const buckets = createBuckets({
    settled,
    database,
    storeOf: stores.storeOf,
    audit,
    jobs,
    logger,
    config: bucketsConfig,
    library: libraryBucket === undefined ? undefined : inDefaultStore(libraryBucket),
  })
  const keepsVersions = createBucketVersioning({ storeOf: stores.storeOf, now })
  const objects = createObjects({
    gate,
    meter,
    permissions: permissionCache,
    storeOf: stores.storeOf,
    keepsVersions,
    now,
  })
  const versions = createVersions({ gate, meter, storeOf: stores.storeOf })
  const bucketDeliveries = starting.use(await openBucketDeliveries(database, logger))
  const delivery = createDeliverySigner({ deliveries: bucketDeliveries, keys: config.cdnKeys })
  const deletions = createDeletions({
    gate,
    database,
    storeOf: stores.storeOf,
    retentionDays: bucketsConfig.retentionDays,
  })
  const presignedUrls = createPresignedUrls({
    gate,
    meter,
    signerOf: stores.signerOf,
    delivery,
    now,
    storageClasses: config.storageClasses,
  })
  const operations = createOperations({
    gate,
    meter,
    audit,
    database,
    jobs,
    storeOf: stores.storeOf,
    now,
    storageClasses: config.storageClasses,
    tellRestored: mailRestored({ mailer, templates }),
  })
  const thumbnails = createThumbnails({
    gate,
    database,
    jobs,
    storeOf: stores.storeOf,
    signerOf: stores.signerOf,
    now,
  })
  const search = createSearch({ permissions: permissionCache, audit, database, jobs, now })
  const files = createFiles({ gate, meter, audit, database, jobs, thumbnails, storeOf: stores.storeOf, now })
  const { passwords } = accounts
  const { publicUrl } = config.http
  const shares = createShares({
    database,
    audit,
    gate,
    permissions: permissionCache,
    passwords,
    storeOf: stores.storeOf,
    publicUrl,
    now,
  })
  const sharedLinks = createSharedLinks({
    database,
    audit,
    gate,
    meter,
    limits,
    passwords,
    guard: createPasswordGuard(database, now),
    passes: createSharePasses(secret),
    storeOf: stores.storeOf,
    signerOf: stores.signerOf,
    now,
  })
  const storage = createStorage({
    database,
    reads,
    audit,
    permissions: permissionCache,
    jobs,
    storeOf: stores.storeOf,
    storageClasses: config.storageClasses,
    prices: { book: config.prices ?? shippedPrices(), configured: config.prices !== undefined },
    logger,
    now,
  })
  const presignedPosts = createPresignedPosts({ gate, meter, signerOf: stores.signerOf, now })
  const uploads = createUploads({
    gate,
    meter,
    storeOf: stores.storeOf,
    signerOf: stores.signerOf,
    tokens: createUploadTokens(secret),
    now,
    storageClasses: config.storageClasses,
  })
  const held = createHeldCredentials({ issuerOf: stores.issuerOf, now })
  const credentials = createCredentialVending({
    gate,
    permissions: permissionCache,
    issuerOf: stores.issuerOf,
    held,
    longest: config.credentialsMaxSeconds,
    now,
  })
  const sessionKeys = starting.use(await createSessionKeys({ database, secret, freshness, now }))
  const identityTokens = createIdentityTokens({ secret, issuer: config.http.publicUrl, now })
  const sessions = createSessions({
    gate,
    permissions: permissionCache,
    issuerOf: stores.issuerOf,
    held,
    longest: config.credentialsMaxSeconds,
    keys: sessionKeys,
    audit,
    now,
  })
  const permissions = createPermissions({
    settled,
    database,
    reads,
    audit,
    now,
    storeOf: stores.storeOf,
    presences,
    guestWrites: !config.production,
  })

  const users = createUsers({
    database,
    reads,
    audit,
    jobs,
    passwords: accounts.passwords,
    links: accounts.links,
    mail: { mailer, templates },
    isIssuer: (issuer) => issuers.byIssuer(issuer) !== undefined,
    now,
    settled,
  })
  const ownIdentities = createOwnIdentities({
    database,
    audit,
    mail: { mailer, templates },
    issuers,
    ownIssuer: config.http.publicUrl,
    now,
    settled,
  })
  const groups = createGroups({ database, audit, now, settled })
  const directories = createDirectories({
    database,
    audit,
    now,
    settled,
    publicUrl: config.http.publicUrl,
    isIssuer: (issuer) => issuers.byIssuer(issuer) !== undefined,
  })
  const scim = {
    users: createDirectoryUsers({ database, audit, now, settled }, personOf),
    groups: createDirectoryGroups({ database, audit, now, settled }),
    admit: admitDirectories({ database, audit, now, limit: (...given) => limits.directoryRequest(...given) }),
  }

  const running = starting.move()
  return {
    database,
    tellOfGap: () => unheard?.tellOfGap(),
    audit,
    limits,
    metrics,
    auditViews: createAuditViews({ reads, audit, now }),
    stores,
    accounts,
    personalTokens,
    issuers,
    signInWith,
    authenticator,
    homes,
    homesAdmin,
    buckets,
    mail: createMailAdmin({ database, audit, config: config.mail, sealing, smtp, templates, now }),
    sendMail: sendMailJob({ database, sealing, smtp }),
    jobs,
    objects,
    versions,
    deletions,
    operations,
    files,
    thumbnails,
    search,
    metadata: createMetadata({ gate, storeOf: stores.storeOf }),
    starred: createStarred({ gate, permissions: permissionCache, database, now }),
    shares,
    sharedLinks,
    storage,
    quotas: createQuotas({ database, audit, jobs, settled }),
    meter,
    presignedUrls,
    deliveries: createDeliveries({ gate, signer: delivery, now }),
    presignedPosts,
    uploads,
    credentials,
    sessionKeys,
    sessions,
    identityTokens,
    permissions,
    permissionCache,
    users,
    ownIdentities,
    groups,
    directories,
    issuersAdmin: createIssuers({
      database,
      audit,
      now,
      settled,
      registry: issuers,
      sealing: issuerSealing,
      publicUrl: config.http.publicUrl,
      allowInsecureLoopback: !config.production,
    }),
    doctor: createRecordedDoctor({ config, connection, target, webOrigins: origins, audit, logger, now }),
    scim,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
