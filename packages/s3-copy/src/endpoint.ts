import { S3Client } from '@aws-sdk/client-s3'

export interface EndpointOptions {
  readonly url: string
  readonly region: string
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
}

/** One of the two stores. */
export interface Endpoint extends Disposable {
  readonly url: string
  readonly region: string
  /** Repeats by itself what failed for a moment: for what can be said twice. */
  readonly client: S3Client
  /** Says it once: for what adds a version each time it is said. */
  readonly once: S3Client
}

// Every failure ends in the report or is repeated; the SDK's own remarks say neither which.
const say = (): void => undefined
const SILENT = { trace: say, debug: say, info: say, warn: say, error: say }

const ATTEMPTS = 6
/** Milliseconds without a byte. */
const SILENCE_MS = 120_000

export const openEndpoint = ({ url, region, credentials }: EndpointOptions): Endpoint => {
  const open = (maxAttempts: number): S3Client =>
    new S3Client({
      endpoint: url,
      region,
      credentials,
      forcePathStyle: true,
      maxAttempts,
      // Other stores often don't know the framing in which the SDK sends checksums that nobody asked for.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      logger: SILENT,
      requestHandler: {
        connectionTimeout: 10_000,
        socketTimeout: SILENCE_MS,
        httpsAgent: { maxSockets: 512 },
        httpAgent: { maxSockets: 512 },
      },
    })
  const client = open(ATTEMPTS)
  const once = open(1)
  return {
    url,
    region,
    client,
    once,
    [Symbol.dispose]: () => {
      client.destroy()
      once.destroy()
    },
  }
}
