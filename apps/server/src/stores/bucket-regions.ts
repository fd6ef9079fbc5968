import type { StoreId } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import type { Database, Sql } from '../db/database.ts'

/** The buckets whose URLs lead elsewhere than to their store's own region, held in memory: signing a URL reads no database. */
export interface BucketRegions {
  /** Undefined: the store's own, as far as is known. */
  regionOf(store: StoreId, bucket: string): string | undefined
  /** Whether its URLs lead to S3 Transfer Acceleration. */
  isAccelerated(store: StoreId, bucket: string): boolean
  /** Remembers the region that a store named, and records it for the other processes. */
  learn(store: StoreId, bucket: string, region: string): void
  /** The other regions of a store in which there are buckets. */
  of(store: StoreId): readonly string[]
}

interface Row {
  readonly store: StoreId
  readonly name: string
  /** Null: the store's own. */
  readonly region: string | null
  readonly accelerated: boolean
}

const ELSEWHERE = `select b.store, b.name, nullif(b.region, s.region) as region, b.accelerated
  from buckets b join stores s on s.id = b.store
  where (b.region <> s.region or b.accelerated) and b.state <> 'deleted'`

export async function openBucketRegions(
  database: Database,
  logger: FastifyBaseLogger,
): Promise<BucketRegions & AsyncDisposable> {
  const held = new Map<string, Row>()

  async function readAll(sql: Sql): Promise<void> {
    const rows = await sql.query<Row>(ELSEWHERE)
    held.clear()
    for (const row of rows) held.set(`${row.store}/${row.name}`, row)
  }

  async function readOne(place: string): Promise<void> {
    const slash = place.indexOf('/')
    const [row] = await database.query<Row>(`${ELSEWHERE} and b.store = $1 and b.name = $2`, [
      place.slice(0, slash),
      place.slice(slash + 1),
    ])
    if (row === undefined) held.delete(place)
    else held.set(place, row)
  }

  const unread = (error: unknown): void =>
    logger.warn({ err: error }, 'could not read the regions of buckets; will retry at the next change')
  const listener = await database.listen(
    'skycrate_buckets',
    (place) => void readOne(place).catch(unread),
    () => void readAll(database).catch(unread),
  )
  await readAll(database)

  return {
    regionOf: (store, bucket) => (held.size === 0 ? undefined : (held.get(`${store}/${bucket}`)?.region ?? undefined)),
    isAccelerated: (store, bucket) => held.size > 0 && held.get(`${store}/${bucket}`)?.accelerated === true,
    learn(store, bucket, region) {
      const accelerated = held.get(`${store}/${bucket}`)?.accelerated ?? false
      held.set(`${store}/${bucket}`, { store, name: bucket, region, accelerated })
      database
        .query(`update buckets set region = $3 where store = $1 and name = $2 and region is distinct from $3`, [
          store,
          bucket,
          region,
        ])
        .catch(unread)
    },
    of: (store) => [
      ...new Set([...held.values()].flatMap((row) => (row.store === store && row.region !== null ? [row.region] : []))),
    ],
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]()
    },
  }
}
