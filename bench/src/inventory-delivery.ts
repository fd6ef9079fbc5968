/** A process that writes what S3 Inventory would deliver, so that the one that counts has not held it. Its argument is JSON. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CSV_SCHEMA,
  csvFile,
  deliver,
  PARQUET_SCHEMA,
  parquetFile,
} from '../../apps/server/test/usage/inventory-files.ts'
import { madeUpObject } from './inventory-objects.ts'
import { clientOf, type RunningStore } from './store-process.ts'

const { store, source, objects, now } = JSON.parse(process.argv[2]!) as {
  readonly store: RunningStore
  readonly source: string
  readonly objects: number
  readonly now: number
}
const PART = Math.min(objects, 500_000)
const client = clientOf(store)
for (const [format, schema] of [
  ['CSV', CSV_SCHEMA],
  ['Parquet', PARQUET_SCHEMA],
] as const) {
  const files: Buffer[] = []
  for (let first = 0; first < objects; first += PART) {
    const rows = Array.from({ length: Math.min(PART, objects - first) }, (_, at) => {
      const { key, size, modified, etag, storageClass } = madeUpObject(first + at, objects, now)
      return { key, size, modified: new Date(modified).toISOString(), etag, storageClass }
    })
    files.push(format === 'CSV' ? csvFile(source, rows) : parquetFile(source, rows, 100_000))
    await sleep(0)
  }
  const to = { bucket: store.bucket, prefix: `${format}-${objects}/`, time: '2026-11-01T01-00Z' }
  await deliver(client, to, { source, format, schema, files, createdAt: now })
}
client.destroy()
