import type { PriceBook } from '@skycrate/core/economics/price-book'
import type { FastifyBaseLogger } from 'fastify'
import { findBucket, type BucketRef } from '../buckets/bucket-records.ts'
import { saveContents } from '../buckets/save-contents.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Job } from '../jobs/job.ts'
import type { InventoryCursor, InventoryStore } from '../stores/inventory-store.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { ReadStore } from '../stores/read-store.ts'
import type { BucketRules, TieringStore } from '../stores/tiering-store.ts'
import type { StoreId } from '@skycrate/core/naming/store'
import type { FolderTotals } from './folder-totals.ts'
import { listedBatches } from './inventory-batches.ts'
import { InventoryTally, type SavedTally } from './inventory-tally.ts'
import { fileBatches } from './s3-inventory/file-batches.ts'
import { type Delivery, findDelivery, readDelivery } from './s3-inventory/find-delivery.ts'
import { findSource, noteLook } from './s3-inventory/inventory-sources.ts'
import { inventoryUnreadable } from './s3-inventory/inventory-unreadable.ts'
import { measureApplied, openRules } from './measure-applied.ts'
import { agesOf, findAges, keepAges } from './usage-ages.ts'
import { outlookOf, regionPrices } from './outlook.ts'
import { dropReads, gatherReads, openReads, requestsOf } from './read-counts.ts'
import {
  findCounts,
  findFolders,
  findPlaces,
  findRuns,
  insertFolders,
  keepCount,
  publishRun,
  type UsageSummary,
} from './usage-rows.ts'

export const INVENTORY_JOB = 'usage.inventory'

const DAY_MS = 86_400_000
const LISTED_EVERY_MS = 23 * 60 * 60_000
const MAX_PLACES = 20_000
const MAX_FOLDERS = 20_000
/** Finished folders that wait for the next checkpoint at most. */
const MAX_WAITING = 2000
const DUPLICATE_GROUPS = 50
/** Of the time, one part in so many goes into checkpoints. */
const CHECKPOINT_SHARE = 20

export interface InventoryUse {
  readonly database: Database
  readonly storeOf: (
    id: StoreId,
  ) => InventoryStore & Pick<ObjectStore, 'listObjects'> & ReadStore & Pick<TieringStore, 'readTiering'>
  readonly prices: PriceBook
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  /** Milliseconds between two checkpoints; a process that dies loses that much. 5,000 when absent. */
  readonly checkpointMs?: number
}

export interface InventoryInput extends BucketRef {
  /** When absent: files of S3 Inventory where the bucket has some, or else a listing. */
  readonly from?: 'listing' | 's3-inventory'
  /** Nothing is done where nothing new can be told. */
  readonly onlyNew?: boolean
}

interface State {
  /** Milliseconds since the epoch: the time that the inventory tells of. */
  readonly startedAt: number
  /** Of the files that are counted; undefined for a listing. */
  readonly manifest: string | undefined
  readonly cursor: InventoryCursor
  readonly tally: SavedTally
}

/**
 * Goes through a bucket page by page and writes down what is in it, by folder, class, size and age. After a crash it goes
 * on at the last checkpoint, and nothing counts twice: folders that are done are written with it.
 */
export function inventoryJob(use: InventoryUse): (job: Job<InventoryInput>) => Promise<void> {
  const { database, storeOf, prices, logger, now, checkpointMs = 5000 } = use
  return async (job) => {
    try {
      await count(job)
    } catch (error) {
      const { store, bucket } = job.input
      if (error instanceof AppError && error.code === 'inventory-unreadable') {
        await noteLook(database, { store, bucket }, { problem: error.detail ?? error.code })
      }
      throw error
    }
  }

  async function count(job: Job<InventoryInput>): Promise<void> {
    const ref: BucketRef = { store: job.input.store, bucket: job.input.bucket }
    const { id: run, signal } = job
    const record = await findBucket(database, ref)
    if (record === undefined) throw new AppError('bucket-missing', 'SkyCrate does not know this bucket any more.')
    const saved = job.state<State>()
    const delivery = await deliveryOf(job, ref, saved)
    if (delivery === 'nothing new') return
    const manifest = delivery?.manifest
    const startedAt = saved?.startedAt ?? delivery?.createdAt ?? now()
    const places = await findPlaces(database, ref, MAX_PLACES)
    const today = Math.floor(startedAt / DAY_MS)
    const tally = new InventoryTally({ today, places, maxFolders: MAX_FOLDERS }, saved?.tally)
    // Also after a crash of the database, which leaves no such row.
    await gatherReads(database, ref, run, startedAt)
    const readsOf = await openReads(database, run)
    let waiting: FolderTotals[] = []
    let written = now()
    let pause = checkpointMs
    const store = storeOf(ref.store)
    const batches =
      delivery === undefined
        ? listedBatches(store, ref.bucket, saved?.cursor)
        : fileBatches(store, ref.bucket, delivery, saved?.cursor, signal)
    for await (const { items, after, inOrder } of batches) {
      signal.throwIfAborted()
      const last = items.at(-1)
      if (last !== undefined) {
        const reads = await readsOf(items)
        // To look a key up costs as much as to count it.
        const wereRead = reads.size > 0
        for (const item of items) tally.add(item, wereRead ? reads.get(item.key) : undefined)
        if (inOrder) waiting.push(...tally.closed(last.key))
      }
      job.progress(tally.items)
      if (after === undefined || (now() - written < pause && waiting.length < MAX_WAITING)) continue
      const began = now()
      const folders = waiting
      await database.transaction(async (tx) => {
        await insertFolders(tx, ref, run, folders)
        await job.checkpoint({ startedAt, manifest, cursor: after, tally: tally.save() } satisfies State, tx)
      })
      waiting = []
      written = now()
      // A bucket of many sizes and days has a large checkpoint, which must not take the time of the counting.
      pause = Math.max(checkpointMs, Math.min(written - began, checkpointMs) * CHECKPOINT_SHARE)
    }
    await finish(ref, job, tally, [...waiting, ...tally.folders()], startedAt, record.region, manifest)
  }

  /** The files to count; undefined for a listing. @throws AppError `inventory-unreadable`, which is noted */
  async function deliveryOf(
    job: Job<InventoryInput>,
    ref: BucketRef,
    saved: State | undefined,
  ): Promise<Delivery | 'nothing new' | undefined> {
    const source = job.input.from === 'listing' ? undefined : await findSource(database, ref)
    if (source === undefined || (saved !== undefined && saved.manifest === undefined)) return undefined
    const store = storeOf(ref.store)
    const delivery =
      saved?.manifest === undefined
        ? await findDelivery(store, source, ref.bucket)
        : await readDelivery(store, source.bucket, saved.manifest, ref.bucket)
    if (delivery === undefined && saved?.manifest !== undefined) {
      throw inventoryUnreadable('its manifest is not there any more')
    }
    if (job.input.onlyNew !== true || saved !== undefined) return delivery
    // A new inventory takes S3 up to two days: until then the bucket is listed once a day.
    const [counted] = await findRuns(database, [ref])
    const isNew =
      delivery === undefined
        ? counted === undefined || now() - counted.countedAt.getTime() > LISTED_EVERY_MS
        : delivery.manifest !== source.manifest
    if (isNew) return delivery
    await noteLook(database, ref, {})
    return 'nothing new'
  }

  async function finish(
    ref: BucketRef,
    job: Job<InventoryInput>,
    tally: InventoryTally,
    folders: readonly FolderTotals[],
    startedAt: number,
    region: string | null,
    manifest: string | undefined,
  ): Promise<void> {
    const parts = tally.parts()
    const day = Math.floor(startedAt / DAY_MS)
    const outlook = outlookOf(prices, region, parts, await findCounts(database, ref), day)
    const reads: Record<string, [number, number]> = {}
    for (const cell of parts.flatMap(({ cells }) => cells)) {
      if (cell.reads === 0) continue
      const sum = (reads[cell.storageClass] ??= [0, 0])
      sum[0] += cell.reads
      sum[1] += cell.readBytes
    }
    const summary: UsageSummary = {
      duplicates: tally.duplicates(DUPLICATE_GROUPS),
      requests: await requestsOf(database, ref, now()),
      reads,
      seconds: (now() - startedAt) / 1000,
    }
    const source = manifest === undefined ? 'listing' : 's3-inventory'
    const whole = folders.find(({ prefix }) => prefix === '')!
    const [kept] = await findFolders(database, [{ ...ref, prefix: '' }])
    const changed = {
      objects: whole.objects - (kept?.objects ?? 0),
      bytes: whole.bytes - (kept?.bytes ?? 0),
    }
    const ages = { before: await findAges(database, ref), now: agesOf(parts) }
    const othersDelete = await whatOthersDelete(ref)
    await database.transaction(async (tx) => {
      await insertFolders(tx, ref, job.id, folders)
      const run = { run: job.id, source, countedAt: new Date(startedAt), changed, summary, outlook } as const
      await publishRun(tx, ref, run)
      await keepCount(tx, ref, { day, parts })
      await keepAges(tx, ref, ages.now)
      await saveContents(tx, ref, { ...whole, unfinishedUploads: whole.uploads }, new Date(startedAt))
      await measureApplied(tx, ref, {
        folders: (prefixes) =>
          findFolders(
            tx,
            prefixes.map((prefix) => ({ ...ref, prefix })),
          ),
        prices: regionPrices(prices, region, parts),
        reads,
        ages,
        othersDelete,
        at: new Date(startedAt),
      })
      await dropReads(tx, job.id)
      if (manifest !== undefined) await noteLook(tx, ref, { manifest })
    })
    logger.info({ ...ref, source, objects: whole.objects, bytes: whole.bytes, changed }, 'inventory is done')
  }

  /** What rules beside SkyCrate's delete, where one of SkyCrate's that deletes is to be measured. */
  async function whatOthersDelete(ref: BucketRef): Promise<BucketRules['othersDelete']> {
    const open = await openRules(database, ref)
    if (open.every(({ rule }) => rule.toClass !== null)) return { noncurrent: null, upload: null }
    try {
      const found = await storeOf(ref.store).readTiering(ref.bucket)
      if (found.ok) return found.value.othersDelete
    } catch (error) {
      logger.warn(
        { ...ref, err: error },
        'the lifecycle rules of a bucket could not be read, so its rules are not measured',
      )
    }
    // As if they deleted everything: nothing counts as saved.
    return { noncurrent: 0, upload: 0 }
  }
}
