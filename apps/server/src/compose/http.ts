import cors from '@fastify/cors'
import { openApiDocument } from '@skycrate/contract/openapi'
import { VERSION } from '@skycrate/contract/version'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { isLoopback } from '@skycrate/issuer-keys/loopback'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { checkAuditLog } from '../audit/check-audit-log.ts'
import type { Config } from '../config/config.ts'
import { createEntry } from '../doors/entry.ts'
import { registerDoors } from '../doors/register-doors.ts'
import { createApp } from '../http/app.ts'
import { createBrowser } from '../http/browser.ts'
import { browserCookies } from '../http/browser-cookies.ts'
import { registerDocs } from '../http/docs.ts'
import { createHandlers } from '../http/handlers/handlers.ts'
import { watchMethods } from '../http/other-methods.ts'
import { registerMetrics } from '../http/metrics-route.ts'
import { registerRoutes } from '../http/route.ts'
import { registerSystemRoutes } from '../http/system-routes.ts'
import { registerWebApp } from '../http/web-app.ts'
import { traceRequests } from '../observability/trace-requests.ts'
import type { Tracing } from '../observability/tracing.ts'
import { registerScim } from '../scim/register-scim.ts'
import { findLiveSession } from '../accounts/sessions.ts'
import type { Certificate } from '../tls/certificate.ts'
import { isActiveUser } from '../users/is-active-user.ts'
import type { Services } from './services.ts'
import { webOrigins } from './web-origins.ts'

/** What AWS's SDKs send from a browser. */
const AWS_HEADERS = [
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'cache-control',
  'x-amz-account-id',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-target',
  'x-amz-user-agent',
]

/** The whole HTTP application: API, documents, health and web app. It does not listen. */
export async function createHttp(
  config: Config,
  services: Services,
  options: {
    readonly logger: FastifyBaseLogger
    /** For readiness. */
    readonly isStopping: () => boolean
    /** With it, the application speaks https. */
    readonly certificate?: Certificate | undefined
    readonly tracing?: Tracing | undefined
  },
): Promise<FastifyInstance> {
  const { accounts, audit, authenticator, database, limits, stores } = services
  const app = createApp({
    logger: options.logger,
    trustedProxies: config.http.trustedProxies,
    certificate: options.certificate,
    // A browser would hold every other program on `localhost` to it.
    strictTransport: config.http.publicUrl.startsWith('https:') && !isLoopback(config.http.publicUrl),
  })
  if (options.tracing) traceRequests(app, options.tracing)
  if (config.http.webOrigins.length > 0) {
    await app.register(cors, {
      origin: [...config.http.webOrigins],
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'if-match', ...AWS_HEADERS],
      exposedHeaders: ['content-disposition', 'etag', 'retry-after', 'x-request-id'],
      maxAge: 600,
    })
  }
  registerMetrics(app, services.metrics, config.metricsToken)
  const openapi = openApiDocument(VERSION)
  registerDocs(app, openapi)
  await registerScim(app, { ...services.scim, publicUrl: config.http.publicUrl })
  const refuseOtherMethods = watchMethods(app)
  const store = stores.storeOf(DEFAULT_STORE)
  await registerSystemRoutes(app, {
    checks: {
      database: () => database.ping(),
      store: () => store.ping(),
      audit: () => checkAuditLog(database, Date.now()),
    },
    isStopping: options.isStopping,
    jwks: () => accounts.jwks(),
    openapi,
    issuer: config.http.publicUrl,
  })
  const { publicUrl } = config.http
  const browser = createBrowser(browserCookies(publicUrl), webOrigins({ publicUrl, webOrigins: [] }))
  registerRoutes(app, createHandlers({ ...services, browser, publicUrl, guests: config.guests }), {
    authenticator,
    audit,
    limits,
    guests: config.guests,
    browser,
    browserSessions: accounts.browserSessions,
  })
  refuseOtherMethods()
  await registerDoors(app, {
    entry: createEntry({
      authenticator,
      keys: services.sessionKeys,
      identityTokens: services.identityTokens,
      isActive: (userId) => isActiveUser(database, userId),
      isSessionLive: async (sessionId, userId) => (await findLiveSession(database, sessionId, userId)) !== undefined,
      limits,
      audit,
      guests: config.guests,
      now: Date.now,
    }),
    identityTokens: services.identityTokens,
    sessions: services.sessions,
    accounts,
    users: services.users,
    issuer: publicUrl,
    appClients: config.appClients,
    permissions: services.permissions,
    permissionCache: services.permissionCache,
    region: config.store.region,
    now: Date.now,
  })
  await registerWebApp(app, stores.browserOrigins)
  return app
}
