import type { UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import { failureOf, type Gate } from '../access/gate.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { Database, Sql } from '../db/database.ts'
import { type Job, JobPause } from '../jobs/job.ts'
import type { CopyRequest } from '../stores/copy-store.ts'
import type { Store } from '../stores/store.ts'
import { atOnce } from './at-once.ts'
import type { AskedBy, Outcome, Source } from './object-jobs.ts'
import { countObjects, type FoundObject, nextObjects, type Place } from './source-walk.ts'

export const CHANGE_CLASS = 'objects.change-class'

export interface ClassInput extends AskedBy {
  readonly store: StoreId
  readonly bucket: string
  readonly items: readonly Source[]
  readonly storageClass: string
}

const BATCH = 100
const AT_ONCE = 16
/** Times that an object is looked at again since somebody writes to it. */
const TRIES = 5

/** `waiting`: the store is restoring it from its archive. */
type ClassOutcome = Outcome | 'waiting'

const NOTHING = { done: 0, skipped: 0, missing: 0, changed: 0, failed: 0, waiting: 0 }

/** Days that an object which came out of an archive can be read, within which it is copied. */
const RESTORED_DAYS = 3
/** Milliseconds between two looks at what is being restored; archives take hours. */
const LOOK_AGAIN_MS = 30 * 60_000
/** Milliseconds after which what is not restored counts as failed: the slowest archive takes two days. */
const GIVEN_UP_MS = 4 * 24 * 60 * 60_000

interface State {
  readonly total: number
  readonly place: Place | undefined
  readonly tally: { readonly [Each in ClassOutcome]: number }
  /** When the first of its objects was asked out of an archive; milliseconds since the epoch. */
  readonly waitingSince?: number | undefined
}

/** What a person who waited is told. */
export interface Restored {
  readonly userId: UserId
  readonly bucket: string
  readonly done: number
  readonly failed: number
}

/**
 * Gives objects another storage class, each by a copy in its place. What has the class already is left alone, so a try
 * after a crash copies nothing twice. What is archived is asked out of the archive first: the job then pauses, goes through the
 * objects again from time to time, and in the end tells the person.
 */
export function classJob(use: {
  readonly gate: Gate
  readonly storeOf: (id: StoreId) => Store
  readonly database: Database
  readonly now: () => number
  /** Tells whoever waited for an archive; part of the transaction that ends the job. */
  readonly tellRestored?: ((tx: Sql, restored: Restored) => Promise<void>) | undefined
  /** Milliseconds between two looks at an archive; half an hour when absent. */
  readonly lookAgainMs?: number | undefined
}): (job: Job<ClassInput>) => Promise<void> {
  return async (job) => {
    const { bucket, items, store: storeId } = job.input
    const { signal } = job
    const store = use.storeOf(storeId)
    let state: State | undefined = job.state<State>()
    if (state === undefined) {
      const stopped = (): void => signal.throwIfAborted()
      const { objects } = await countObjects(store, bucket, items, Number.POSITIVE_INFINITY, stopped)
      state = { total: objects, place: { item: 0 }, tally: NOTHING }
      job.progress(0, objects)
      await job.checkpoint(state)
    }
    while (state.place !== undefined) {
      signal.throwIfAborted()
      const { found, next }: Awaited<ReturnType<typeof nextObjects>> = await nextObjects(
        store,
        bucket,
        items,
        state.place,
        BATCH,
      )
      const tally: { [Each in ClassOutcome]: number } = { ...state.tally }
      await atOnce(found, AT_ONCE, async (object) => {
        signal.throwIfAborted()
        tally[await changeOne(use.gate, store, job, object)] += 1
        job.progress(done({ tally }), Math.max(state!.total, done({ tally })))
      })
      state = { ...state, place: next, tally }
      await job.checkpoint(state)
    }
    const { waiting } = state.tally
    const ended: State = state
    if (waiting > 0) {
      const waitingSince = ended.waitingSince ?? use.now()
      if (use.now() - waitingSince < GIVEN_UP_MS) {
        await job.tell({ waiting })
        job.progress(done(ended) - waiting, Math.max(ended.total, done(ended)))
        await job.checkpoint({ ...ended, waitingSince, place: { item: 0 }, tally: NOTHING } satisfies State)
        throw new JobPause(use.lookAgainMs ?? LOOK_AGAIN_MS)
      }
    }
    const { missing, changed } = ended.tally
    const failed = ended.tally.failed + waiting
    if (ended.waitingSince !== undefined) {
      await use.database.transaction(async (tx) => {
        const { userId } = job.input.caller
        await use.tellRestored?.(tx, { userId, bucket, done: ended.tally.done, failed })
        // Told once, whatever comes after.
        await job.checkpoint({ ...ended, waitingSince: undefined } satisfies State, tx)
      })
      await job.tell({ waiting: 0 })
    }
    await job.tell({ ...(missing > 0 && { missing }), ...(changed > 0 && { changed }), ...(failed > 0 && { failed }) })
  }
}

const done = ({ tally }: Pick<State, 'tally'>): number =>
  tally.done + tally.skipped + tally.missing + tally.changed + tally.failed + tally.waiting

async function changeOne(gate: Gate, store: Store, job: Job<ClassInput>, found: FoundObject): Promise<ClassOutcome> {
  const { key } = found
  const { bucket, storageClass, store: storeId, caller, origin } = job.input
  let source = found.listed ?? (await store.headObject(bucket, key))
  const write = { action: 'write', store: storeId, bucket, key } as const
  const read = { action: 'read', store: storeId, bucket, key } as const
  for (let tries = 0; tries < TRIES; tries++) {
    if (source === undefined) return 'missing'
    if (source.storageClass === storageClass) return 'done'
    await gate.passAll(caller, [write, read], 'object.change-class', origin, { storageClass, jobId: job.id })
    let uploadId: string | undefined
    const parts: CopyRequest['parts'] = {
      uploadId: undefined,
      signal: job.signal,
      started: async (begun) => void (uploadId = begun),
    }
    try {
      const { etag, size } = source
      const result = await store.copyObject({
        from: { bucket, key, etag, size, storageClass },
        to: { bucket, key },
        ifAbsent: false,
        parts,
      })
      if (result.ok) return 'done'
      await gate.failed(caller, write, 'object.change-class', origin, result.reason)
      switch (result.reason) {
        case 'no-such-bucket':
          throw bucketMissing(bucket)
        case 'no-such-key':
          return 'missing'
        case 'archived':
          switch (await store.restoreArchived(bucket, key, RESTORED_DAYS)) {
            case 'ready':
              continue
            case 'under-way':
              return 'waiting'
            case 'missing':
              return 'missing'
            case 'unsupported':
              return 'failed'
          }
        case 'exists':
        case 'source-changed':
          source = await store.headObject(bucket, key)
      }
    } catch (error) {
      if (uploadId !== undefined) await store.abortUpload(bucket, key, uploadId).catch(() => undefined)
      if (!job.signal.aborted) await gate.failed(caller, write, 'object.change-class', origin, failureOf(error))
      throw error
    }
  }
  return 'changed'
}
