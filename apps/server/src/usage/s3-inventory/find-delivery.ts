import { createHash } from 'node:crypto'
import { bucketMissing } from '../../errors/bucket-missing.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import type { ReadStore } from '../../stores/read-store.ts'
import { inventoryUnreadable } from './inventory-unreadable.ts'
import { type Manifest, parseManifest } from './manifest.ts'

export interface Delivery extends Manifest {
  /** The key of its manifest. */
  readonly manifest: string
}

export interface InventoryPlace {
  readonly bucket: string
  /** Ends in '/'. */
  readonly prefix: string
}

const MAX_MANIFEST = 32 * 2 ** 20
/** Deliveries that are looked at for one that is complete. */
const LOOKED_AT = 10
const MAX_PAGES = 50
/** S3 names a delivery's folder by its time. */
const DELIVERY = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}Z\/$/

/**
 * The latest inventory that was delivered completely: S3 writes its manifest after the files, and the manifest's checksum
 * after that. Undefined where there is none yet.
 * @param source the bucket that it is about
 * @throws AppError `inventory-unreadable`, `bucket-missing`, the store's
 */
export async function findDelivery(
  store: Pick<ObjectStore, 'listObjects'> & ReadStore,
  { bucket, prefix }: InventoryPlace,
  source: string,
): Promise<Delivery | undefined> {
  const folders: string[] = []
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const listed = await store.listObjects({ bucket, prefix, delimiter: '/', cursor, startAfter: prefix, limit: 1000 })
    if (!listed.ok) throw bucketMissing(bucket)
    folders.push(...listed.value.prefixes.filter((each) => DELIVERY.test(each.slice(prefix.length))))
    if (listed.value.nextCursor === null) break
    cursor = listed.value.nextCursor
  }
  for (const folder of folders.toSorted().toReversed().slice(0, LOOKED_AT)) {
    const delivery = await readDelivery(store, bucket, `${folder}manifest.json`, source)
    if (delivery !== undefined) return delivery
  }
  return undefined
}

/** Undefined where it is not there, or not yet complete. @throws AppError `inventory-unreadable`, the store's */
export async function readDelivery(
  store: ReadStore,
  bucket: string,
  manifest: string,
  source: string,
): Promise<Delivery | undefined> {
  const checksum = await readSmall(store, bucket, manifest.replace(/json$/, 'checksum'), 1024)
  if (checksum === undefined) return undefined
  const bytes = await readSmall(store, bucket, manifest, MAX_MANIFEST)
  if (bytes === undefined) return undefined
  if (createHash('md5').update(bytes).digest('hex') !== checksum.toString().trim().toLowerCase()) {
    throw inventoryUnreadable(`${manifest} has not the checksum of manifest.checksum beside it`)
  }
  return { manifest, ...parseManifest(bytes.toString(), source) }
}

async function readSmall(store: ReadStore, bucket: string, key: string, most: number): Promise<Buffer | undefined> {
  const found = await store.openObject(bucket, key)
  if (found === undefined) return undefined
  using _ = found
  if (found.size > most) throw inventoryUnreadable(`${key} is larger than ${most} bytes`)
  return Buffer.concat(await Array.fromAsync(found.chunks))
}
