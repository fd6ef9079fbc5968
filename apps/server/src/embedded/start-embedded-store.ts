import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startS3Thread } from '@skycrate/s3-server/thread'
import type { FastifyBaseLogger } from 'fastify'
import type { Config, StoreConfig } from '../config/config.ts'
import { prepareSocketDirectory } from '../db/embedded/socket-directory.ts'
import { portTaken } from '../port-taken.ts'
import type { StoreTarget } from '../stores/store-target.ts'
import { readCertificate } from '../tls/certificate.ts'
import { watchCertificate } from '../tls/watch-certificate.ts'
import { embeddedEndpoints } from '../stores/embedded-endpoints.ts'
import type { EmbeddedSecrets } from './secrets.ts'
import { storeFault } from './store-fault.ts'
import { storeNotice } from './store-notice.ts'
import { storeRequest } from './store-request.ts'

export interface EmbeddedStore extends AsyncDisposable {
  readonly target: StoreTarget
  /** Undefined where its counters are told nowhere. */
  readonly metricsUrl: string | undefined
  /**
   * Takes up what was changed in the key file.
   * @returns how many data keys were sealed anew for it
   * @throws Error for a key file that cannot be used; the store then goes on with the keys that it has
   */
  reloadKeys(): Promise<number>
  /** Takes up a certificate that was renewed. Never rejects: errors are in the log. */
  renewCertificate(): Promise<void>
  /** Resolves when it has ended: with undefined where it was told to, with the reason when it died by itself. */
  readonly ended: Promise<Error | undefined>
}

export interface EmbeddedStoreOptions {
  readonly dataDir: string
  readonly store: Extract<StoreConfig, { readonly kind: 'embedded' }>
  readonly log: Config['log']
  readonly secrets: EmbeddedSecrets
  readonly logger: FastifyBaseLogger
}

/** Clients that come by https to a store without a certificate come from a proxy, with its address. */
function maxConnections({ publicEndpoint, tls, maxConnectionsPerAddress: given }: EmbeddedStoreOptions['store']): {
  maxConnectionsPerAddress?: number
} {
  if (given !== undefined) return { maxConnectionsPerAddress: given }
  return publicEndpoint?.startsWith('https:') === true && tls === undefined
    ? { maxConnectionsPerAddress: Number.POSITIVE_INFINITY }
    : {}
}

/**
 * Starts the embedded S3 store in a thread of its own, and logs what it tells.
 * @throws Error that names the setting, for a port that is taken
 */
export async function startEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const { store, log, secrets, logger } = options
  const credentials = { accessKeyId: secrets.s3AccessKeyId, secretAccessKey: secrets.s3SecretAccessKey }
  // Connections that strangers use up at the port must not keep SkyCrate itself from its store.
  const socketDirectory = prepareSocketDirectory(options.dataDir, [process.getuid?.() ?? 0])
  const socketPath = join(socketDirectory, 's3.sock')
  const certificate = store.tls && (await readCertificate(store.tls))
  const tellsRequests = /^(debug|trace)$/.test(log.level)
  const thread = await startS3Thread({
    dataDir: options.dataDir,
    host: store.host,
    port: store.port,
    socketPath,
    region: store.region,
    credentials,
    ...maxConnections(store),
    ...(certificate === undefined ? {} : { tls: certificate }),
    webhooks: store.webhooks,
    ...(store.webhookMaxAge === undefined ? {} : { deliveryLimits: { maxAge: store.webhookMaxAge } }),
    ...(store.metrics === undefined ? {} : { admin: store.metrics }),
    onRequest(record) {
      const fault = storeFault(record, log.keys)
      if (fault) logger.error(fault, 'the embedded S3 store failed to process a request')
      else if (tellsRequests) logger.debug(storeRequest(record, log.keys), 'the embedded S3 store answered')
    },
    onNotice(notice) {
      const { level, fields, message } = storeNotice(notice, log.keys)
      logger[level](fields, message)
    },
  }).catch((cause: unknown) => {
    const { metrics } = store
    if (metrics !== undefined && metrics.port === (cause as { port?: number }).port) {
      throw portTaken(cause, metrics.host, metrics.port, 'SKYCRATE_S3_METRICS_PORT')
    }
    throw portTaken(cause, store.host, store.port, 'SKYCRATE_S3_PORT')
  })
  const watch =
    store.tls &&
    certificate &&
    watchCertificate({ files: store.tls, inUse: certificate, take: (renewed) => thread.renewTls(renewed), logger })
  return {
    target: {
      kind: 'embedded',
      ...embeddedEndpoints(store, thread.port),
      socketPath,
      region: store.region,
      addressing: 'path',
      credentials,
    },
    metricsUrl: thread.adminUrl === undefined ? undefined : `${thread.adminUrl}/metrics`,
    reloadKeys: () => thread.reloadKeys(),
    renewCertificate: async () => watch?.look(),
    ended: thread.ended,
    async [Symbol.asyncDispose]() {
      watch?.[Symbol.dispose]()
      await thread.close()
      await rm(socketDirectory, { recursive: true, force: true })
    },
  }
}
