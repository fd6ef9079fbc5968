import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config/config.ts'
import type { DatabaseConnection } from '../db/database-connection.ts'
import { startEmbeddedPostgres } from '../db/embedded/start-embedded-postgres.ts'
import { prepareDataDir } from '../embedded/data-dir.ts'
import { embeddedSecrets, type EmbeddedSecrets } from '../embedded/secrets.ts'
import { startEmbeddedStore } from '../embedded/start-embedded-store.ts'
import type { StoreTarget } from '../stores/store-target.ts'
import type { Backends } from './external-backends.ts'

/** What the services stand on, whether it runs in this process tree or elsewhere. */
export interface StartedBackends extends Backends, AsyncDisposable {
  /** Of the embedded store's counters; undefined where metrics are disabled. */
  readonly metricsUrl: string | undefined
  /** Undefined where nothing is kept on this machine. */
  readonly dataDir: string | undefined
  /** Takes up changed keys of the embedded store; undefined for an external one. */
  readonly reloadKeys: (() => Promise<number>) | undefined
  /** Takes up a renewed certificate of the embedded store; undefined for an external one. */
  readonly renewCertificate: (() => Promise<void>) | undefined
}

/**
 * Starts what the configuration says is embedded, and points to what is not.
 *
 * @param onFatal called once when an embedded part has ended by itself
 * @throws Error with a message for the operator, once whatever had been started has ended
 */
export async function startBackends(
  config: Config,
  logger: FastifyBaseLogger,
  onFatal: (reason: string) => void,
): Promise<StartedBackends> {
  await using starting = new AsyncDisposableStack()
  const keepsData = config.store.kind === 'embedded' || config.database.kind === 'embedded'
  if (keepsData) await prepareDataDir(config.dataDir)
  const secrets = keepsData ? await embeddedSecrets(config.dataDir) : undefined

  // The two take their time in parallel, but what one of them leaves behind must end when the other fails.
  const [store, database] = await Promise.allSettled([
    startStore(config, secrets, logger, starting, onFatal),
    startDatabase(config, logger, starting),
  ])
  if (store.status === 'rejected') throw store.reason
  if (database.status === 'rejected') throw database.reason
  const running = starting.move()
  return {
    ...store.value,
    connection: database.value,
    secret: config.secret ?? secrets!.secret,
    dataDir: keepsData ? config.dataDir : undefined,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function startStore(
  config: Config,
  secrets: EmbeddedSecrets | undefined,
  logger: FastifyBaseLogger,
  starting: AsyncDisposableStack,
  onFatal: (reason: string) => void,
): Promise<{ readonly target: StoreTarget } & Pick<StartedBackends, 'metricsUrl' | 'reloadKeys' | 'renewCertificate'>> {
  const { store } = config
  if (store.kind !== 'embedded') {
    return { target: store, metricsUrl: undefined, reloadKeys: undefined, renewCertificate: undefined }
  }
  const embedded = starting.use(
    await startEmbeddedStore({ dataDir: `${config.dataDir}/s3`, store, log: config.log, secrets: secrets!, logger }),
  )
  void embedded.ended.then((reason) => {
    if (reason === undefined) return
    logger.fatal({ err: reason }, 'the embedded S3 store ended')
    onFatal('the embedded S3 store ended')
  })
  const { target, metricsUrl } = embedded
  return {
    target,
    metricsUrl,
    reloadKeys: () => embedded.reloadKeys(),
    renewCertificate: () => embedded.renewCertificate(),
  }
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
