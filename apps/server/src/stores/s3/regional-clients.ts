import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import type { FastifyBaseLogger } from 'fastify'
import type { StoreTarget } from '../store-target.ts'
import { regionalEndpoint } from './regional-endpoint.ts'
import { socketAgent } from './socket-agent.ts'
import { toldRegion } from './told-region.ts'

export interface ClientOptions {
  readonly kind: StoreTarget['kind']
  /** Absent: AWS's own of the region. */
  readonly endpoint?: string | undefined
  /** Connects here instead of to the endpoint's host and port. */
  readonly socketPath?: string | undefined
  readonly region: string
  /** Absent: the SDK's default chain (role of the machine, task or function). */
  readonly credentials?: S3ClientConfig['credentials']
  readonly pathStyle: boolean
  readonly regions: {
    /** Undefined: the store's own, as far as is known. */
    regionOf(bucket: string): string | undefined
    learn(bucket: string, region: string): void
  }
  readonly logger: FastifyBaseLogger
}

export interface RegionalClients {
  in(region: string): S3Client
  /** Runs `work` in the bucket's region; once more where the store says that the bucket is in another. */
  at<T>(bucket: string, work: (client: S3Client, region: string) => Promise<T>): Promise<T>
  close(): void
}

const MAX_ATTEMPTS = 3
const MAX_CONNECT_MS = 5000
const MAX_SOCKETS = 64

/** One client for each region in use: a request is signed for the region of its bucket, and on AWS sent there. */
export function createRegionalClients(options: ClientOptions & { readonly requestTimeoutMs: number }): RegionalClients {
  const { endpoint, regions, logger, requestTimeoutMs } = options
  const clients = new Map<string, S3Client>()

  const create = (region: string): S3Client =>
    new S3Client({
      region,
      forcePathStyle: options.pathStyle,
      maxAttempts: MAX_ATTEMPTS,
      retryMode: 'standard',
      requestHandler: {
        connectionTimeout: Math.min(MAX_CONNECT_MS, requestTimeoutMs),
        requestTimeout: requestTimeoutMs,
        throwOnRequestTimeout: true,
        httpAgent:
          options.socketPath === undefined
            ? { keepAlive: true, maxSockets: MAX_SOCKETS }
            : socketAgent(options.socketPath, MAX_SOCKETS),
        httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
        logger: sdkLogger(logger),
      },
      ...(endpoint === undefined ? {} : { endpoint: regionalEndpoint(endpoint, options.region, region) }),
      ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
      // Other stores refuse or ignore the checksums that the SDK adds by default.
      ...(options.kind === 'aws'
        ? {}
        : { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' }),
    })

  const clientIn = (region: string): S3Client => {
    let client = clients.get(region)
    if (client === undefined) clients.set(region, (client = create(region)))
    return client
  }

  return {
    in: clientIn,
    async at(bucket, work) {
      const used = regions.regionOf(bucket) ?? options.region
      try {
        return await work(clientIn(used), used)
      } catch (error) {
        const told = toldRegion(error, used)
        if (told === undefined) throw error
        logger.info({ bucket, region: told }, 'found the bucket in another region')
        const result = await work(clientIn(told), told)
        regions.learn(bucket, told)
        return result
      }
    },
    close() {
      for (const client of clients.values()) client.destroy()
    },
  }
}

type SdkLogger = NonNullable<S3ClientConfig['logger']>

/** The SDK's own warnings (sockets used up); it is never given what a request holds. */
function sdkLogger(logger: FastifyBaseLogger): SdkLogger {
  const text = (content: unknown[]) => content.map(String).join(' ')
  return {
    trace: () => {},
    debug: () => {},
    info: () => {},
    warn: (...content: unknown[]) => logger.warn(text(content)),
    error: (...content: unknown[]) => logger.error(text(content)),
  }
}
