import { AppError } from '../errors/app-error.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { Source } from './object-jobs.ts'

/** Where a walk goes on: the item, and within a prefix the last key that was done. */
export interface Place {
  readonly item: number
  readonly after?: string | undefined
}

export interface FoundObject {
  readonly key: string
  /** Undefined for a key that was named: it was not looked at. */
  readonly listed: { readonly size: number; readonly etag: string; readonly storageClass: string } | undefined
  /** The item that it belongs to. */
  readonly item: number
}

/**
 * The next objects of some keys and prefixes, in order.
 * @returns fewer than `limit` also where more follow; `next` is undefined at the end
 * @throws AppError `bucket-missing`, and the store's
 */
export async function nextObjects(
  store: Pick<ObjectStore, 'listObjects'>,
  bucket: string,
  items: readonly Source[],
  place: Place,
  limit: number,
): Promise<{ readonly found: FoundObject[]; readonly next: Place | undefined }> {
  const item = items[place.item]
  if (item === undefined) return { found: [], next: undefined }
  if ('key' in item) {
    const found: FoundObject[] = []
    let at = place.item
    for (let each = items[at]; each && 'key' in each && found.length < limit; each = items[at]) {
      found.push({ key: each.key, listed: undefined, item: at })
      at += 1
    }
    return { found, next: at < items.length ? { item: at } : undefined }
  }
  const page = await store.listObjects({ bucket, prefix: item.prefix, startAfter: place.after, limit })
  if (!page.ok) throw bucketMissing(bucket)
  const { objects, nextCursor } = page.value
  const found = objects.map(({ key, size, etag, storageClass }) => ({
    key,
    listed: { size, etag, storageClass },
    item: place.item,
  }))
  const last = objects.at(-1)?.key
  if (nextCursor !== null && last === undefined) throw new AppError('store-refused', undefined, { cause: 'empty-page' })
  if (nextCursor !== null) return { found, next: { item: place.item, after: last } }
  return { found, next: place.item + 1 < items.length ? { item: place.item + 1 } : undefined }
}

/**
 * Counts what lies under some keys and prefixes, up to a bound.
 * @param limit objects; Infinity for all
 * @param page called after each request to the store
 */
export async function countObjects(
  store: Pick<ObjectStore, 'listObjects'>,
  bucket: string,
  items: readonly Source[],
  limit: number,
  page: () => void = () => undefined,
): Promise<{ readonly objects: number; readonly bytes: number; readonly more: boolean }> {
  let [objects, bytes] = [0, 0]
  let place: Place | undefined = { item: 0 }
  while (place !== undefined) {
    const { found, next }: Awaited<ReturnType<typeof nextObjects>> = await nextObjects(
      store,
      bucket,
      items,
      place,
      1000,
    )
    objects += found.length
    for (const { listed } of found) bytes += listed?.size ?? 0
    place = next
    page()
    if (objects > limit) return { objects: limit, bytes, more: true }
  }
  return { objects, bytes, more: false }
}
