import { createHash } from 'node:crypto'
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { peakOf, resetPeak } from './peak-memory.ts'
import { runStoreLoad } from './run-store-load.ts'
import { bodyOf } from './store-load.ts'
import { clientOf, makeBucket, type RunningStore, startStore } from './store-process.ts'
import { s3Head } from './store-target.ts'
import { printTable } from './table.ts'

export interface MemoryBenchOptions {
  /** At once. */
  readonly uploads: number
  /** Bytes of each. */
  readonly size: number
  readonly directory: string | undefined
}

const PART_BYTES = 16 * 1024 ** 2
/** Bytes of disk that stay free for others. */
const RESERVE = 4 * 1024 ** 3

/**
 * The memory of the store under many large requests at once. Needs Linux. Leaves nothing in the directory.
 *
 * @throws where there is no room for all that lies there at once
 */
export async function memory({ uploads, size, directory }: MemoryBenchOptions): Promise<void> {
  const parent = directory ?? tmpdir()
  const { bavail, bsize } = await statfs(parent)
  const needed = uploads * size + RESERVE
  if (bavail * bsize < needed) {
    const gigabytes = (bytes: number): string => `${Math.floor(bytes / 1e9)} GB`
    throw new Error(`this takes ${gigabytes(needed)} in ${parent}, and ${gigabytes(bavail * bsize)} are free`)
  }
  const dir = await mkdtemp(join(parent, 'skycrate-memory-bench-'))
  try {
    await using store = await startStore(dir)
    await makeBucket(store)
    const client = clientOf(store)
    const rows = [['at rest', '', megabytes(peakOf(store.pid))]]
    const phase = async (name: string, run: () => Promise<void>): Promise<void> => {
      resetPeak(store.pid)
      const began = performance.now()
      await run()
      const seconds = (performance.now() - began) / 1000
      rows.push([name, `${Math.round((uploads * size) / seconds / 1e6)} MB/s`, megabytes(peakOf(store.pid))])
    }
    const keys = Array.from({ length: uploads }, (_, at) => `object-${at}`)
    const { hostname: host, port } = new URL(store.url)
    const job = { host, port: Number(port), connections: uploads, durationMs: 'once' } as const

    await phase(`${uploads} uploads`, async () => {
      const heads = keys.map((key) => s3Head(store, { method: 'PUT', key, length: size }))
      await runStoreLoad({ ...job, heads, bodyBytes: size })
    })
    const [kept = '', ...others] = keys
    await remove(client, store.bucket, others)
    await phase(`${uploads} downloads`, async () => {
      const heads = keys.map(() => s3Head(store, { method: 'GET', key: kept }))
      await runStoreLoad({ ...job, heads, bodyBytes: 0 })
    })
    await remove(client, store.bucket, [kept])
    await phase(`${uploads} multipart uploads`, () => uploadInParts(client, store, job, keys, size))
    client.destroy()
    printTable(
      [`each of ${megabytes(size)}, at once`, 'together', 'most memory resident'],
      rows,
      `Of the store's process, as the kernel counts it (VmHWM). Parts are of ${megabytes(PART_BYTES)}.`,
    )
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

async function remove(client: S3Client, bucket: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
}

async function uploadInParts(
  client: S3Client,
  store: RunningStore,
  job: { readonly host: string; readonly port: number; readonly connections: number; readonly durationMs: 'once' },
  keys: readonly string[],
  size: number,
): Promise<void> {
  const parts = Math.ceil(size / PART_BYTES)
  const uploads = await Promise.all(
    keys.map(async (key) => {
      const { UploadId: id = '' } = await client.send(
        new CreateMultipartUploadCommand({ Bucket: store.bucket, Key: key }),
      )
      return { key, id }
    }),
  )
  // One part of each upload after the other: each connection has an upload of its own.
  const heads = Array.from({ length: parts }, (_, part) =>
    uploads.map(({ key, id }) =>
      s3Head(store, {
        method: 'PUT',
        key,
        query: [
          ['partNumber', String(part + 1)],
          ['uploadId', id],
        ],
        length: PART_BYTES,
      }),
    ),
  ).flat()
  await runStoreLoad({ ...job, heads, bodyBytes: PART_BYTES })
  const etag = createHash('md5').update(bodyOf(PART_BYTES)).digest('hex')
  for (const { key, id } of uploads) {
    const done = Array.from({ length: parts }, (_, part) => ({ PartNumber: part + 1, ETag: etag }))
    await client.send(
      new CompleteMultipartUploadCommand({
        Bucket: store.bucket,
        Key: key,
        UploadId: id,
        MultipartUpload: { Parts: done },
      }),
    )
    await remove(client, store.bucket, [key])
  }
}
