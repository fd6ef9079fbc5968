import type { StoreId } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../db/database.ts'

/** Where a content delivery network serves a bucket. */
export interface BucketDelivery {
  /** `https://host` */
  readonly url: string
  readonly keyId: string
  readonly cookieDomain: string | null
}

/** The deliveries of all buckets, held in memory: signing a URL reads no database. */
export interface BucketDeliveries {
  /** Undefined: the bucket is delivered by its store alone. */
  deliveryOf(store: StoreId, bucket: string): BucketDelivery | undefined
}

interface Row extends BucketDelivery {
  readonly store: StoreId
  readonly name: string
}

const DELIVERED = `select store, name, delivery_url as url, delivery_key_id as "keyId",
    delivery_cookie_domain as "cookieDomain"
  from buckets where delivery_url is not null and state <> 'deleted'`

/** @throws AppError `database-unavailable` */
export async function openBucketDeliveries(
  database: Database,
  logger: FastifyBaseLogger,
): Promise<BucketDeliveries & AsyncDisposable> {
  let held = new Map<string, BucketDelivery>()

  async function readAll(): Promise<void> {
    const rows = await database.query<Row>(DELIVERED)
    held = new Map(rows.map(({ store, name, ...delivery }) => [`${store}/${name}`, delivery]))
  }

  async function readOne(place: string): Promise<void> {
    const slash = place.indexOf('/')
    const [row] = await database.query<Row>(`${DELIVERED} and store = $1 and name = $2`, [
      place.slice(0, slash),
      place.slice(slash + 1),
    ])
    if (row === undefined) held.delete(place)
    else held.set(place, { url: row.url, keyId: row.keyId, cookieDomain: row.cookieDomain })
  }

  const unread = (error: unknown): void =>
    logger.warn({ err: error }, 'could not read the deliveries of buckets; will retry at the next change')
  const listener = await database.listen(
    'skycrate_buckets',
    (place) => void readOne(place).catch(unread),
    () => void readAll().catch(unread),
  )
  await readAll()
  return {
    deliveryOf: (store, bucket) => held.get(`${store}/${bucket}`),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  }
}
