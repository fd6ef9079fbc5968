import { createHash } from 'node:crypto'
import type { InventoryCursor, InventoryStore } from '../../stores/inventory-store.ts'
import type { ReadStore } from '../../stores/read-store.ts'
import { type InventoryBatch, listedBatches } from '../inventory-batches.ts'
import { csvRows } from './csv-rows.ts'
import type { Delivery } from './find-delivery.ts'
import { itemsOf } from './inventory-row.ts'
import { inventoryUnreadable } from './inventory-unreadable.ts'
import type { InventoryFile } from './manifest.ts'
import { parquetRows } from './parquet-rows.ts'

/**
 * Goes through an inventory file by file. A try goes on at the beginning of a file. Unfinished uploads are in no inventory, so
 * they are listed first.
 * @param source the bucket that it is about
 * @throws AppError `inventory-unreadable`, `bucket-missing`, the store's
 */
export async function* fileBatches(
  store: InventoryStore & ReadStore,
  source: string,
  delivery: Delivery,
  from: InventoryCursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<InventoryBatch> {
  const at = (file: number): InventoryCursor => ({ of: 'files', manifest: delivery.manifest, file })
  if (from === undefined || from.of === 'uploads') {
    for await (const batch of listedBatches(store, source, from)) {
      if (batch.after?.of === 'uploads') {
        yield batch
        continue
      }
      yield { ...batch, after: at(0) }
      break
    }
  }
  const first = from?.of === 'files' ? from.file : 0
  for (const [index, file] of delivery.files.entries()) {
    if (index < first) continue
    const itemOf = itemsOf(source, file.key)
    for await (const rows of rowsOfFile(store, delivery, file, signal)) {
      yield { items: rows.map(itemOf), after: undefined, inOrder: false }
    }
    // Only here, after its checksum.
    yield { items: [], after: index + 1 < delivery.files.length ? at(index + 1) : undefined, inOrder: false }
  }
}

async function* rowsOfFile(
  store: ReadStore,
  { bucket, columns, format }: Delivery,
  { key, size, md5 }: InventoryFile,
  signal: AbortSignal,
) {
  const missing = () => inventoryUnreadable(`${key} is named in manifest.json and is not there, or was written anew`)
  const found = await store.openObject(bucket, key, { signal })
  if (found === undefined) throw missing()
  using _ = found
  if (found.size !== size) throw inventoryUnreadable(`${key} has ${found.size} bytes, not the ${size} of manifest.json`)
  const hash = createHash('md5')
  const hashed = (async function* () {
    for await (const chunk of found.chunks) {
      hash.update(chunk)
      yield chunk
    }
  })()
  const range = async (from: number, to: number): Promise<Uint8Array> => {
    const part = await store.openObject(bucket, key, { from, to, etag: found.etag, signal })
    if (part === undefined) throw missing()
    using _ = part
    return Buffer.concat(await Array.fromAsync(part.chunks))
  }
  const options = { size, file: key, columns, range }
  yield* format === 'CSV' ? csvRows(hashed, options) : parquetRows(hashed, options)
  // A file that ended early for its reader is read to its end: its checksum is of all of it.
  for await (const _chunk of hashed) continue
  if (hash.digest('hex') !== md5) throw inventoryUnreadable(`${key} has not the checksum of manifest.json`)
}
