import type { Config } from '../config/config.ts'
import type { DatabaseConnection } from '../db/database-connection.ts'
import type { StoreTarget } from '../stores/store-target.ts'

/** What the services stand on. */
export interface Backends {
  readonly connection: DatabaseConnection
  readonly target: StoreTarget
  /** Seals the private keys of tokens. */
  readonly secret: string
}

/**
 * The backends of a process that starts none itself: a function of a cloud, for example.
 * @throws Error where the configuration asks for an embedded one
 */
export function externalBackends(config: Config): Backends {
  const { database, store, secret } = config
  if (database.kind === 'embedded') throw new Error('DATABASE_URL is required: this process starts no database')
  if (store.kind === 'embedded') throw new Error('S3_ENDPOINT is required: this process starts no store')
  if (secret === undefined) throw new Error('SKYCRATE_SECRET is required: this process keeps no data')
  return { connection: { connectionString: database.url }, target: store, secret }
}
