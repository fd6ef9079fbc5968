import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { SigningKeyCache } from '@skycrate/core/sigv4/signing-key'
import { ACCOUNT_ID } from './auth/identity.ts'
import { PolicyCache } from './auth/policy-cache.ts'
import { SessionSealer } from './auth/session-sealer.ts'
import { rewrapKeys } from './file-keys/rewrap-keys.ts'
import type { RequestRecord } from './handle-request.ts'
import { CLIENT_LIMITS } from './http/client-limits.ts'
import type { ClientLimits } from './http/client-limits.ts'
import { ConnectionWatch } from './http/connection-watch.ts'
import { createHttpServer } from './http/create-http-server.ts'
import { secureContext } from './http/tls.ts'
import type { TlsPair } from './http/tls.ts'
import { startHousekeeping } from './housekeeping.ts'
import type { LifecycleReport } from './lifecycle/run-lifecycle.ts'
import { startDeliveries } from './notifications/deliver-events.ts'
import type { DeliveryStatus } from './notifications/deliver-events.ts'
import { DELIVERY_LIMITS } from './notifications/delivery-limits.ts'
import type { DeliveryLimits } from './notifications/delivery-limits.ts'
import type { DeliveryNote } from './notifications/delivery-note.ts'
import type { Webhook } from './notifications/webhook.ts'
import type { Site } from './request-context.ts'
import { startScrub } from './scrub.ts'
import type { ScrubFinding, ScrubStatus } from './scrub.ts'
import type { BlobDamageError } from './store/blobs/blob-damage-error.ts'
import { Store } from './store/store.ts'
import { readWebIdentity } from './sts/read-web-identity.ts'
import type { TrustedIssuer } from './sts/read-web-identity.ts'
import { WebIdentities } from './sts/web-identities.ts'
import type { WebIdentityIssuer } from './sts/web-identity-options.ts'

/** Names of this machine that browsers and most resolvers know, and what may stand before them. */
export const DOMAINS: readonly string[] = ['localhost', 's3.localhost']

export interface S3ServerOptions {
  readonly dataDir: string
  /** Where the keys of encrypted objects lie; `keys.json` in the data directory when absent. */
  readonly keyFile?: string
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly region?: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Whether clients reach it through a TLS proxy alone: what policies call `aws:SecureTransport` is then true. */
  readonly behindTls?: boolean
  /** Clients then speak TLS 1.2 or later; the socket at `socketPath` has none. */
  readonly tls?: TlsPair
  /** Issuers whose tokens AssumeRoleWithWebIdentity takes; none when absent. */
  readonly webIdentity?: readonly WebIdentityIssuer[]
  /** Milliseconds that an issuer has for each of its answers, default 5000. */
  readonly issuerTimeout?: number
  /** Told why keys of an issuer could not be had; at most every 10 seconds an issuer. */
  readonly onIssuerFailure?: (error: Error) => void
  /** Host names below which `{bucket}.{domain}` addresses a bucket; default `DOMAINS`. */
  readonly domains?: readonly string[]
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly onRequest?: (record: RequestRecord) => void
  /** Bytes a second at which everything stored is read again to find damage, default 8 MiB; 0: never by itself. */
  readonly scrubRate?: number
  /** Told of each damaged blob once, whether a scrub or a request came upon it. */
  readonly onDamage?: (finding: ScrubFinding) => void
  /** What destinations of event notifications can name. */
  readonly webhooks?: readonly Webhook[]
  /** Bounds of what waits for webhooks; those not given are the defaults. */
  readonly deliveryLimits?: Partial<DeliveryLimits>
  /** Told when a webhook fails and recovers, and of events that are given up. */
  readonly onDelivery?: (note: DeliveryNote) => void
  /**
   * A local socket on which the same API is served besides, for the program that started the server: it has connections
   * of its own, so that strangers who use up all the others do not stand in its way. Its directory guards it.
   */
  readonly socketPath?: string
  /** Connections at once, default 4096; more are hung up on. */
  readonly maxConnections?: number
  /**
   * Connections that one address (of IPv6: one /64 network) may have at once; more are hung up on. Default 512, or
   * `maxConnections` behind a TLS proxy, whose address is the only one.
   */
  readonly maxConnectionsPerAddress?: number
  /** How slow clients may be; those not given are the defaults. */
  readonly clientLimits?: Partial<ClientLimits>
  /** Milliseconds that requests in flight get to finish when the server closes. */
  readonly closeTimeout?: number
}

export interface S3ServerHandle {
  readonly url: string
  readonly port: number
  /** Takes no more requests, lets those in flight finish, then closes the data directory. */
  close(): Promise<void>
}

/** A server in this thread. */
export interface RunningS3Server extends S3ServerHandle {
  /** Runs the lifecycle rules of all buckets now, beside the rounds that run by themselves. */
  runLifecycle(): Promise<LifecycleReport>
  /**
   * Takes up keys that were added to the key file or rotated in it. When another version seals now, data keys that an older
   * one sealed are sealed anew; resolves then, with how many.
   *
   * @throws Error for a key file that is damaged or lacks a version; everything then stays as it was
   */
  reloadKeys(): Promise<number>
  /**
   * Tells new connections the certificate that was renewed; those that are open go on.
   *
   * @throws Error where certificate and key are not a pair, or the server has no TLS; everything then stays as it was
   */
  renewTls(tls: TlsPair): void
  /** Reads everything now and tells what was found; otherwise a round a week runs by itself. */
  runScrub(): Promise<ScrubStatus>
  /** Gives up events that are too old or too many now; otherwise it happens every minute. */
  sweepEvents(): Promise<void>
  status(): {
    readonly connections: number
    /** Since the start, because one address had too many. */
    readonly refusedConnections: number
    readonly scrub: ScrubStatus
    readonly deliveries: readonly DeliveryStatus[]
  }
}

const MAX_CONNECTIONS = 4096
const MAX_CONNECTIONS_PER_ADDRESS = 512
const SCRUB_RATE = 8 * 1024 ** 2
const SCRUB_REST = 7 * 86_400_000

const listen = (server: Server, at: { host: string; port: number } | { path: string }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at, () => {
      server.off('error', reject)
      resolve()
    })
  })

const stopServer = (server: Server, timeout: number): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections()
    }, timeout)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })

/** @throws Error that names every mistake */
const trustedIssuers = (given: readonly WebIdentityIssuer[]): readonly TrustedIssuer[] => {
  const read = readWebIdentity(given)
  if (read.outcome === 'mistaken') throw new Error(`webIdentity is not valid: ${read.mistakes.join('; ')}`)
  return read.issuers
}

/**
 * Starts the S3 server on a data directory that no other server has open.
 *
 * @throws DirectoryInUseError, an Error that names every mistake in `webIdentity`, and the system's errors for a taken port
 * or an unusable directory
 */
export const startS3Server = async (options: S3ServerOptions): Promise<RunningS3Server> => {
  const { dataDir, host, credentials, keyFile } = options
  const now = options.now ?? Date.now
  const issuers = trustedIssuers(options.webIdentity ?? [])
  const store = await Store.open({ dataDir, now: now(), ...(keyFile === undefined ? {} : { keyFile }) })
  const region = options.region ?? 'us-east-1'
  const site: Site = {
    store,
    region,
    credentials,
    signingKeys: new SigningKeyCache(),
    sessions: new SessionSealer(store.keys, credentials),
    policies: new PolicyCache(),
    webhooks: new Set((options.webhooks ?? []).map(({ name }) => name)),
    ownKeyId: `arn:aws:kms:${region}:${ACCOUNT_ID}:alias/aws/s3`,
    webIdentities: new WebIdentities(issuers, {
      timeout: options.issuerTimeout,
      allowInsecureLoopback: true,
      now: () => performance.now(),
      onFailure: (error) => options.onIssuerFailure?.(error),
    }),
    behindTls: options.behindTls ?? false,
    ownerId: createHash('sha256').update(credentials.accessKeyId).digest('hex'),
  }
  let closing = false
  const maxConnections = options.maxConnections ?? MAX_CONNECTIONS
  const perAddress = site.behindTls ? maxConnections : MAX_CONNECTIONS_PER_ADDRESS
  const limits = { ...CLIENT_LIMITS, ...options.clientLimits }
  const watch = new ConnectionWatch(limits, options.maxConnectionsPerAddress ?? perAddress)
  const pending = new Set<Promise<void>>()
  const handling = {
    site,
    domains: options.domains ?? DOMAINS,
    now,
    isClosing: () => closing,
    onRequest: options.onRequest,
    rate: limits.rate,
    watch,
    onDamage: (error: BlobDamageError) => void scrub.report(error).catch(() => undefined),
    isLocal: false,
  }
  const server = createHttpServer(handling, pending, maxConnections, options.tls)
  const ownServer =
    options.socketPath === undefined
      ? undefined
      : createHttpServer({ ...handling, isLocal: true }, pending, maxConnections)
  const housekeeping = startHousekeeping(store, now)
  const scrub = startScrub(store, {
    bytesPerSecond: options.scrubRate ?? SCRUB_RATE,
    rest: SCRUB_REST,
    now,
    onFinding: options.onDamage,
  })
  const deliveries = startDeliveries(store, {
    webhooks: options.webhooks ?? [],
    source: site,
    limits: { ...DELIVERY_LIMITS, ...options.deliveryLimits },
    now,
    random: Math.random,
    onNote: options.onDelivery,
  })
  let port: number
  try {
    await listen(server, { host, port: options.port })
    ;({ port } = server.address() as AddressInfo)
    if (ownServer !== undefined && options.socketPath !== undefined) {
      // What a killed server left there; a running one would hold the data directory.
      rmSync(options.socketPath, { force: true })
      await listen(ownServer, { path: options.socketPath })
    }
  } catch (error) {
    watch[Symbol.dispose]()
    server.close()
    await deliveries.stop()
    await scrub.stop()
    await housekeeping.stop()
    await store.close()
    throw error
  }
  let rewrapping: Promise<unknown> = Promise.resolve()
  const reloadKeys = (): Promise<number> => {
    const reloaded = rewrapping.then(async () => {
      const isRotated = await store.keys.reload()
      await store.recordKeys()
      return isRotated ? rewrapKeys(store.index, store.keys, () => closing) : 0
    })
    rewrapping = reloaded.catch(() => undefined)
    return reloaded
  }
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    closing = true
    const servers = ownServer === undefined ? [server] : [server, ownServer]
    await Promise.all(servers.map((each) => stopServer(each, options.closeTimeout ?? 10_000)))
    await Promise.all(pending)
    watch[Symbol.dispose]()
    await rewrapping
    await scrub.stop()
    await housekeeping.stop()
    await deliveries.stop()
    await store.close()
  }
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    runLifecycle: () => housekeeping.run(),
    reloadKeys,
    renewTls: (tls) => {
      if (options.tls === undefined) throw new Error('The server was started without TLS.')
      ;(server as TlsServer).setSecureContext(secureContext(tls))
    },
    runScrub: () => scrub.run(),
    sweepEvents: () => deliveries.sweep(),
    status: () => ({
      connections: watch.size,
      refusedConnections: watch.refused,
      scrub: scrub.status(),
      deliveries: deliveries.status(),
    }),
    close: () => (closed ??= close()),
  }
}
