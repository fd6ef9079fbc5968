import { performance } from 'node:perf_hooks'
import cors from '@fastify/cors'
import { openApiDocument } from '@skycrate/contract/openapi'
import { VERSION } from '@skycrate/contract/version'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import { watchFreshness } from './access/freshness.ts'
import { createGate } from './access/gate.ts'
import { refuseGuestWrites } from './access/guest-writes.ts'
import { openPermissionCache } from './access/permission-cache.ts'
import { createPermissions } from './access/permissions.ts'
import { createAccounts } from './accounts/accounts.ts'
import { createAuditLog } from './audit/audit-writer.ts'
import type { Config } from './config/config.ts'
import type { DatabaseConnection } from './db/database-connection.ts'
import { startEmbeddedPostgres } from './db/embedded/start-embedded-postgres.ts'
import { migrate } from './db/migrate.ts'
import { openDatabase } from './db/open.ts'
import { waitForDatabase } from './db/wait.ts'
import { prepareDataDir } from './embedded/data-dir.ts'
import { embeddedSecrets, type EmbeddedSecrets } from './embedded/secrets.ts'
import { startEmbeddedStore } from './embedded/start-embedded-store.ts'
import { createHomes } from './homes/homes.ts'
import { createApp } from './http/app.ts'
import { registerDocs } from './http/docs.ts'
import { createHandlers } from './http/handlers/handlers.ts'
import { watchMethods } from './http/other-methods.ts'
import { registerRoutes } from './http/route.ts'
import { registerSystemRoutes } from './http/system-routes.ts'
import { registerWebApp } from './http/web-app.ts'
import { createAuthenticator } from './identity/authenticator.ts'
import { createJobs } from './jobs/jobs.ts'
import { startBackground } from './compose/background.ts'
import { createObjects } from './objects/objects.ts'
import { portTaken } from './port-taken.ts'
import type { StoreTarget } from './stores/store-target.ts'
import { openStores } from './stores/stores.ts'
import { createPresignedUrls } from './vending/presigned-url.ts'

/** A system that serves. */
export interface Running {
  readonly publicUrl: string
  readonly storeEndpoint: string
  /** Of the embedded store's counters; undefined where they are told nowhere. */
  readonly metricsUrl: string | undefined
  /** Undefined where nothing is kept on this machine. */
  readonly dataDir: string | undefined
  readonly admin: { readonly email: string; readonly created: boolean; readonly password?: string | undefined }
  /** Takes up what may change while it runs: the embedded store's keys. What went wrong is in the log. */
  reload(): Promise<void>
  /** Ends requests in flight, then everything else, in the reverse order of its start. */
  stop(): Promise<void>
}

/**
 * The one composition root: makes every part, hands each what it uses, and ends them in reverse order.
 *
 * @param onFatal called once when a part that nothing works without has ended by itself
 * @throws Error with a message for the operator, once whatever had been started has ended
 */
export async function compose(
  config: Config,
  logger: FastifyBaseLogger,
  onFatal: (reason: string) => void,
): Promise<Running> {
  await using starting = new AsyncDisposableStack()
  const now = Date.now
  let isStopping = false

  const keepsData = config.store.kind === 'embedded' || config.database.kind === 'embedded'
  if (keepsData) await prepareDataDir(config.dataDir)
  const secrets = keepsData ? await embeddedSecrets(config.dataDir) : undefined

  // The two take their time in parallel, but what one of them leaves behind must end when the other fails.
  const [storeStart, databaseStart] = await Promise.allSettled([
    startStore(config, secrets, logger, starting, onFatal),
    startDatabase(config, logger, starting),
  ])
  if (storeStart.status === 'rejected') throw storeStart.reason
  if (databaseStart.status === 'rejected') throw databaseStart.reason
  const { target, metricsUrl, reloadKeys } = storeStart.value
  const connection = databaseStart.value

  const waitSeconds = config.database.kind === 'external' ? config.database.waitSeconds : 30
  await waitForDatabase({ connection, logger, patience: waitSeconds * 1000 })
  await migrate({ connection, logger })
  const database = starting.use(openDatabase({ connection, logger }))

  if (config.production && config.guests) await refuseGuestWrites(database)

  const audit = createAuditLog({ sql: database.hot, logger, now })
  starting.defer(() => audit.drain())
  const stores = starting.use(await openStores(target, { database, logger, now }))
  const store = stores.storeOf(DEFAULT_STORE)

  const app = createApp({ logger, trustedProxies: config.http.trustedProxies })
  const secret = config.secret ?? secrets!.secret
  const { publicUrl } = config.http
  const accounts = await createAccounts({ database, audit, logger, now, issuer: publicUrl, secret })
  const authenticator = starting.use(
    await createAuthenticator({
      database,
      audit,
      logger,
      now,
      issuers: config.issuers,
      own: accounts,
      allowInsecureLoopback: !config.production,
    }),
  )
  const freshness = starting.use(await watchFreshness(database, logger, () => performance.now()))
  const permissionCache = starting.use(await openPermissionCache(database, freshness))
  const gate = createGate({ permissions: permissionCache, audit, now })
  const webOrigins = originsOf(publicUrl, config.http.webOrigins)
  const homes = createHomes({
    database,
    store,
    audit,
    logger,
    now,
    config: {
      layout: config.homes.layout,
      libraryBucket: config.homes.libraryBucket,
      region: target.region,
      strict: config.homes.strict,
      encryption: config.homes.kmsKeyId === undefined ? 'AES256' : { kmsKeyId: config.homes.kmsKeyId },
      webOrigins,
      // SkyCrate itself comes by the one endpoint, its clients by the other: a policy must shut out neither.
      tlsOnly: [target.endpoint, target.publicEndpoint].every((endpoint) => endpoint.startsWith('https:')),
      bucketPrefix: 'skycrate',
    },
  })
  const jobs = createJobs({ database, logger, now })
  const objects = createObjects({ gate, permissions: permissionCache, storeOf: stores.storeOf, now })
  const presignedUrls = createPresignedUrls({ gate, signerOf: stores.signerOf, now })
  const permissions = createPermissions({ database, audit, now, guestWrites: !config.production })

  if (config.http.webOrigins.length > 0) {
    await app.register(cors, {
      origin: [...config.http.webOrigins],
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'if-match'],
      exposedHeaders: ['content-disposition', 'etag', 'retry-after', 'x-request-id'],
      maxAge: 600,
    })
  }
  const openapi = openApiDocument(VERSION)
  await registerDocs(app, openapi)
  const refuseOtherMethods = watchMethods(app)
  await registerSystemRoutes(app, {
    checks: { database: () => database.ping(), store: () => store.ping() },
    isStopping: () => isStopping,
    jwks: () => accounts.jwks(),
    openapi,
  })
  const handlers = createHandlers({ accounts, homes, presignedUrls, objects, permissions, jobs, database, audit })
  registerRoutes(app, handlers, { authenticator, audit, guests: config.guests })
  refuseOtherMethods()
  await registerWebApp(app, stores.browserOrigins)

  const admin = await accounts.ensureFirstAdmin(config.admin)
  starting.use(await startBackground({ accounts, database, homes, jobs, logger }))
  await listen(app, config)
  starting.defer(() => app.close())

  const running = starting.move()
  return {
    publicUrl,
    storeEndpoint: target.publicEndpoint,
    metricsUrl,
    dataDir: keepsData ? config.dataDir : undefined,
    admin,
    async reload() {
      if (reloadKeys === undefined) {
        logger.info('there is nothing to take up: the store is not the embedded one')
        return
      }
      try {
        logger.info({ sealedAnew: await reloadKeys() }, 'took up the keys of the embedded S3 store')
      } catch (error) {
        logger.error({ err: error }, 'the embedded S3 store goes on with the keys that it had')
      }
    },
    async stop() {
      isStopping = true
      await running.disposeAsync()
    },
  }
}

interface StartedStore {
  readonly target: StoreTarget
  readonly metricsUrl: string | undefined
  /** Undefined for an external store. */
  readonly reloadKeys: (() => Promise<number>) | undefined
}

async function startStore(
  config: Config,
  secrets: EmbeddedSecrets | undefined,
  logger: FastifyBaseLogger,
  starting: AsyncDisposableStack,
  onFatal: (reason: string) => void,
): Promise<StartedStore> {
  const { store } = config
  if (store.kind !== 'embedded') return { target: store, metricsUrl: undefined, reloadKeys: undefined }
  const embedded = starting.use(
    await startEmbeddedStore({ dataDir: `${config.dataDir}/s3`, store, log: config.log, secrets: secrets!, logger }),
  )
  void embedded.ended.then((reason) => {
    if (reason === undefined) return
    logger.fatal({ err: reason }, 'the embedded S3 store ended')
    onFatal('the embedded S3 store ended')
  })
  return embedded
}

async function startDatabase(
  config: Config,
  logger: FastifyBaseLogger,
  starting: AsyncDisposableStack,
): Promise<DatabaseConnection> {
  if (config.database.kind === 'external') return { connectionString: config.database.url }
  const postgres = await startEmbeddedPostgres({ dataDir: `${config.dataDir}/postgres`, logger })
  starting.use(postgres)
  return postgres.connection
}

async function listen(app: Awaited<ReturnType<typeof createApp>>, config: Config): Promise<void> {
  try {
    await app.listen({ host: config.http.host, port: config.http.port })
  } catch (cause) {
    throw portTaken(cause, config.http.host, config.http.port, 'SKYCRATE_HTTP_PORT')
  }
}

/** A page at localhost is also reached as 127.0.0.1, and to the browser these are two origins. */
function originsOf(publicUrl: string, more: readonly string[]): string[] {
  const { protocol, hostname, port } = new URL(publicUrl)
  const suffix = port === '' ? '' : `:${port}`
  const names = hostname === 'localhost' || hostname === '127.0.0.1' ? ['localhost', '127.0.0.1'] : [hostname]
  return [...new Set([...names.map((name) => `${protocol}//${name}${suffix}`), ...more])]
}
