import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { openBucketRegions } from './bucket-regions.ts'
import type { CredentialIssuer } from './credential-issuer.ts'
import { openS3Store } from './s3/open-s3-store.ts'
import type { Store } from './store.ts'
import type { StoreTarget } from './store-target.ts'
import type { UrlSigner } from './url-signer.ts'

/** Every store that this process knows. */
export interface Stores extends AsyncDisposable {
  readonly all: readonly Store[]
  /** @throws AppError `not-found` */
  readonly storeOf: (id: StoreId) => Store
  /** @throws AppError `not-found` */
  readonly signerOf: (id: StoreId) => UrlSigner
  /** @throws AppError `not-found` */
  readonly issuerOf: (id: StoreId) => CredentialIssuer
  /** The origins to which signed URLs point, as sources of a content security policy. */
  readonly browserOrigins: () => readonly string[]
}

/** Opens the configured store, and records where it is. */
export async function openStores(
  target: StoreTarget,
  options: { readonly database: Database; readonly logger: FastifyBaseLogger; readonly now: () => number },
): Promise<Stores> {
  const { database, logger, now } = options
  await database.transaction((tx) => recordStore(tx, DEFAULT_STORE, target))
  const regions = await openBucketRegions(database, logger)
  const entries = new Map([[DEFAULT_STORE, openS3Store(DEFAULT_STORE, target, { regions, logger, now })]])
  const entryOf = (id: StoreId) => {
    const entry = entries.get(id)
    if (entry === undefined) throw new AppError('not-found', `There is no store named ${id}.`)
    return entry
  }
  return {
    all: [...entries.values()].map(({ store }) => store),
    storeOf: (id) => entryOf(id).store,
    signerOf: (id) => entryOf(id).signer,
    issuerOf: (id) => entryOf(id).issuer,
    browserOrigins: () => [...new Set([...entries.values()].flatMap((entry) => entry.browserOrigins()))],
    async [Symbol.asyncDispose]() {
      for (const { close } of entries.values()) close()
      await regions[Symbol.asyncDispose]()
    },
  }
}

async function recordStore(sql: Sql, id: StoreId, { kind, endpoint, region }: StoreTarget): Promise<void> {
  const moved = await sql.query(
    `select 1 from stores where id = $1 and (kind <> $2 or (kind = 's3' and endpoint <> $3)) for update`,
    [id, kind, endpoint],
  )
  if (moved.length > 0) {
    // Its buckets are at another store now, which tells where each is when it is first asked.
    await sql.query('update buckets set region = null where store = $1', [id])
    await sql.query('update homes set region = $2 where store = $1', [id, region])
  }
  await sql.query(
    `insert into stores (id, kind, endpoint, region) values ($1, $2, $3, $4)
     on conflict (id) do update
       set kind = excluded.kind, endpoint = excluded.endpoint, region = excluded.region, updated_at = now()
       where (stores.kind, stores.endpoint, stores.region)
         is distinct from (excluded.kind, excluded.endpoint, excluded.region)`,
    [id, kind, endpoint, region],
  )
}
