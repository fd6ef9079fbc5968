import type { DoctorReport } from '@skycrate/contract/doctor/schemas'
import type { FastifyBaseLogger } from 'fastify'
import { bucketsConfigOf } from '../buckets/buckets-config-of.ts'
import type { Config } from '../config/config.ts'
import { clientConfigOf, type DatabaseConnection } from '../db/database-connection.ts'
import { openClient, runQuery } from '../db/open-client.ts'
import { embeddedEndpoints } from '../stores/embedded-endpoints.ts'
import { readIssuerRows } from '../issuers/issuer-rows.ts'
import { ofConfiguration, ofRow } from '../issuers/registered-issuer.ts'
import type { StoreTarget } from '../stores/store-target.ts'
import { checkAddresses } from './address-checks.ts'
import { checkConfiguration } from './configuration-checks.ts'
import { checkDatabase } from './database-checks.ts'
import type { Finding } from './finding.ts'
import { checkIssuers, type NamedIssuer } from './issuer-checks.ts'
import { checkMail } from './mail-checks.ts'
import { registeredBuckets } from './registered-buckets.ts'
import { checkStore } from './store-checks.ts'

/** What is known beforehand not to be there to ask, with the reason for a person. */
export interface Unreachable {
  readonly unreachable: string
}

/** Checks everything that SkyCrate stands on. */
export interface Doctor {
  /** Who asks while a run is under way gets the report of that run. Never rejects. */
  examine(): Promise<DoctorReport>
}

export interface DoctorOptions {
  readonly config: Config
  readonly connection: DatabaseConnection | Unreachable
  readonly target: StoreTarget | Unreachable
  /** Origins whose pages use the store. */
  readonly webOrigins: readonly string[]
  readonly logger: FastifyBaseLogger
  readonly now: () => number
}

export function createDoctor(options: DoctorOptions): Doctor {
  let running: Promise<DoctorReport> | undefined
  return {
    examine: () => (running ??= examine(options).finally(() => (running = undefined))),
  }
}

async function examine({ config, connection, target, webOrigins, logger, now }: DoctorOptions): Promise<DoctorReport> {
  const endpoints = 'unreachable' in target ? storeEndpoints(config) : target
  const registered = 'unreachable' in connection ? undefined : await registeredBuckets(connection)
  const findings = await Promise.all([
    checkConfiguration(config, endpoints),
    checkDatabase(connection, now),
    checkStore(target, {
      libraryBucket: config.homes.libraryBucket,
      createsBuckets: config.homes.layout === 'bucket-per-user',
      buckets: bucketsConfigOf(config, endpoints, webOrigins),
      registered,
      logger,
      now,
    }),
    issuersOf(config, connection).then((issuers) =>
      checkIssuers(issuers, { allowInsecureLoopback: !config.production, now }),
    ),
    checkMail(config),
    checkAddresses({ publicUrl: config.http.publicUrl, storeEndpoint: endpoints.publicEndpoint, now }),
  ])
  return reportOf(findings.flat(), now())
}

export function reportOf(findings: readonly Finding[], now: number): DoctorReport {
  return {
    healthy: findings.every(({ outcome }) => outcome !== 'bad'),
    at: new Date(now).toISOString(),
    findings: [...findings],
  }
}

/** As configured, where the store itself was not reached. */
function storeEndpoints({ store }: Config): { readonly endpoint: string; readonly publicEndpoint: string } {
  if (store.kind !== 'embedded') return store
  return embeddedEndpoints(store, store.port)
}

/** Those of the configuration and of the database; undefined where the latter can't be read. */
async function issuersOf(
  config: Config,
  connection: DatabaseConnection | Unreachable,
): Promise<readonly NamedIssuer[] | undefined> {
  const configured = config.issuers.map(ofConfiguration)
  if ('unreachable' in connection) return configured.length > 0 ? configured : undefined
  try {
    const client = await openClient({ ...clientConfigOf(connection), connectionTimeoutMillis: 5000 })
    try {
      const rows = await readIssuerRows({ query: (...given) => runQuery(client, ...given) })
      const others = rows.filter(({ issuer }) => configured.every(({ settings }) => settings.issuer !== issuer))
      return [...configured, ...others.map((row) => ofRow(row, undefined))]
    } finally {
      await client.end()
    }
  } catch {
    return configured.length > 0 ? configured : undefined
  }
}
