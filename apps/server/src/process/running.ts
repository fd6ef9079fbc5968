import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { refuseGuestWrites } from '../access/guest-writes.ts'
import { startBackends, type StartedBackends } from '../compose/backends.ts'
import { registerJobs, startBackground } from '../compose/background.ts'
import { createHttp } from '../compose/http.ts'
import { prepareDatabase } from '../compose/prepare-database.ts'
import { createServices } from '../compose/services.ts'
import type { Config } from '../config/config.ts'
import { portTaken } from '../port-taken.ts'
import { type Certificate, readCertificate, secureContext } from '../tls/certificate.ts'
import { watchCertificate } from '../tls/watch-certificate.ts'

/** A system that serves. */
export interface Running {
  readonly publicUrl: string
  readonly storeEndpoint: string
  /** Of the embedded store's counters; undefined where metrics are disabled. */
  readonly metricsUrl: string | undefined
  /** Undefined where nothing is kept on this machine. */
  readonly dataDir: string | undefined
  readonly admin: { readonly email: string; readonly created: boolean; readonly password?: string | undefined }
  /** Reloads what may change while it runs: certificates, and the embedded store's keys. Errors are in the log. */
  reload(): Promise<void>
  /** Ends requests in flight, then everything else, in the reverse order of its start. */
  stop(): Promise<void>
}

/**
 * Starts everything: backends, services, background, and the port at last.
 *
 * @param onFatal called once when a part that nothing works without has ended by itself
 * @throws Error with a message for the operator, once whatever had been started has ended
 */
export async function run(
  config: Config,
  logger: FastifyBaseLogger,
  onFatal: (reason: string) => void,
): Promise<Running> {
  await using starting = new AsyncDisposableStack()
  const { host, port, tls } = config.http
  // Before anything else starts: the mistake that is made most often.
  const certificate = tls && (await readCertificate(tls))
  let isStopping = false
  // Nothing of it is loaded where it is off. It ends last: what ends before has spans, too.
  const tracing =
    config.tracing &&
    starting.use((await import('../observability/open-telemetry.ts')).startTracing(config.tracing, logger))
  const backends = starting.use(await startBackends(config, logger, onFatal))
  await prepareDatabase(config, backends.connection, logger)
  const services = starting.use(await createServices(config, backends, logger, { tracing }))
  if (config.production && config.guests) await refuseGuestWrites(services.database)
  registerJobs(services, config, logger)
  const app = await createHttp(config, services, { logger, isStopping: () => isStopping, certificate, tracing })
  const admin = await services.accounts.ensureFirstAdmin(config.admin)
  starting.use(await startBackground(services, logger))
  starting.defer(() => app.close())
  await app.listen({ host, port }).catch((cause: unknown) => {
    throw portTaken(cause, host, port, 'SKYCRATE_HTTP_PORT')
  })

  const watch =
    tls &&
    certificate &&
    watchCertificate({ files: tls, inUse: certificate, take: (renewed) => renew(app, renewed), logger })
  if (watch) starting.use(watch)

  const { trustedProxies } = config.http
  logger.info(
    { trustedProxies },
    trustedProxies === 0
      ? 'no trusted proxy: client addresses are those of the connections'
      : `client addresses come from X-Forwarded-For, as written by ${trustedProxies === 1 ? 'the proxy' : `the outermost of ${trustedProxies} proxies`} in front`,
  )
  const running = starting.move()
  return {
    publicUrl: config.http.publicUrl,
    storeEndpoint: backends.target.publicEndpoint,
    metricsUrl: backends.metricsUrl,
    dataDir: backends.dataDir,
    admin,
    async reload() {
      await Promise.all([watch?.look(), backends.renewCertificate?.(), reloadKeys(backends, logger)])
    },
    async stop() {
      isStopping = true
      await running.disposeAsync()
    },
  }
}

/** Connections that are open go on; new ones are told the certificate. */
function renew(app: FastifyInstance, certificate: Certificate): void {
  const server: Server = app.server
  if (server instanceof TlsServer) server.setSecureContext(secureContext(certificate))
}

async function reloadKeys({ reloadKeys }: StartedBackends, logger: FastifyBaseLogger): Promise<void> {
  if (reloadKeys === undefined) {
    logger.info('nothing to reload: the store is not the embedded store')
    return
  }
  try {
    logger.info({ sealedAnew: await reloadKeys() }, 'took up the keys of the embedded S3 store')
  } catch (error) {
    logger.error({ err: error }, 'the embedded S3 store goes on with the keys that it had')
  }
}
