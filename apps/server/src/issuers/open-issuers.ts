import type { FastifyBaseLogger } from 'fastify'
import type { ConfiguredIssuer } from '../config/issuers.ts'
import type { Database } from '../db/database.ts'
import type { Sealing } from '../sealing.ts'
import type { IssuerRegistry, RegisteredIssuer } from './issuer-registry.ts'
import { readIssuerRows } from './issuer-rows.ts'
import { ofConfiguration, ofRow } from './registered-issuer.ts'

/** The purpose of the sealing of clients' secrets. */
export const ISSUER_SEALING = 'skycrate issuer client secrets'

/**
 * The issuers of the configuration and those of the database, of which every process hears. Where one stands in both, the
 * configuration's counts.
 * @throws AppError `database-unavailable`
 */
export async function openIssuers(options: {
  readonly database: Database
  readonly configured: readonly ConfiguredIssuer[]
  readonly sealing: Sealing | undefined
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
}): Promise<IssuerRegistry & AsyncDisposable> {
  const { database, sealing, logger } = options
  const configured = options.configured.map(ofConfiguration)
  const listeners: (() => void)[] = []
  let issuers: readonly RegisteredIssuer[] = configured
  let versions = new Map<string, { readonly updatedAt: number; readonly issuer: RegisteredIssuer }>()
  /** Counts what was heard; what was read before the latest is not current. */
  let heard = 0
  let read = -1
  let reading: Promise<void> | undefined

  const tell = (): void => listeners.forEach((changed) => changed())

  async function load(): Promise<void> {
    const before = heard
    const rows = await readIssuerRows(database)
    const next: typeof versions = new Map()
    for (const row of rows) {
      if (configured.some(({ settings }) => settings.issuer === row.issuer)) continue
      const updatedAt = row.updated_at.getTime()
      const known = versions.get(row.id)
      // The same object as before, so that its keys are kept.
      const issuer = known?.updatedAt === updatedAt ? known.issuer : ofRow(row, sealing)
      next.set(row.id, { updatedAt, issuer })
      if (sealing && row.client_secret !== null && issuer.client?.secret === undefined) {
        logger.warn({ issuer: row.issuer }, 'the client secret of an issuer was sealed with another SKYCRATE_SECRET')
      }
    }
    versions = next
    issuers = [...configured, ...[...next.values()].map(({ issuer }) => issuer)].toSorted((one, other) =>
      one.name.localeCompare(other.name, 'en'),
    )
    read = before
    tell()
  }

  /** One read at a time; what is heard meanwhile is read once more. */
  async function current(): Promise<void> {
    while (read < heard) {
      reading ??= load().finally(() => (reading = undefined))
      await reading
    }
  }

  const stale = (): void => {
    heard++
    tell()
    // Whoever needs it waits for it, and tries again where it fails.
    current().catch(() => undefined)
  }
  const listener = await database.listen('skycrate_issuers', stale, stale)
  try {
    await current()
  } catch (error) {
    await listener[Symbol.asyncDispose]()
    throw error
  }
  return {
    list: () => issuers,
    byId: (id) => issuers.find((each) => each.id === id),
    byIssuer: (issuer) => issuers.find((each) => each.settings.issuer === issuer),
    current,
    onChange: (changed) => void listeners.push(changed),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  }
}
