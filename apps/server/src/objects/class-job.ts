import type { StoreId } from '@skycrate/core/naming/store'
import { failureOf, type Gate } from '../access/gate.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { Job } from '../jobs/job.ts'
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

const NOTHING = { done: 0, skipped: 0, missing: 0, changed: 0, failed: 0 }

interface State {
  readonly total: number
  readonly place: Place | undefined
  readonly tally: { readonly [Each in Outcome]: number }
}

/**
 * Gives objects another storage class, each by a copy in its place. What has the class already is left alone, so a try
 * after a crash copies nothing twice.
 */
export function classJob(use: {
  readonly gate: Gate
  readonly storeOf: (id: StoreId) => Store
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
      const tally: { [Each in Outcome]: number } = { ...state.tally }
      const done = (): number => tally.done + tally.skipped + tally.missing + tally.changed + tally.failed
      await atOnce(found, AT_ONCE, async (object) => {
        signal.throwIfAborted()
        tally[await changeOne(use.gate, store, job, object)] += 1
        job.progress(done(), Math.max(state!.total, done()))
      })
      state = { ...state, place: next, tally }
      await job.checkpoint(state)
    }
    const { missing, changed, failed } = state.tally
    await job.tell({ ...(missing > 0 && { missing }), ...(changed > 0 && { changed }), ...(failed > 0 && { failed }) })
  }
}

async function changeOne(gate: Gate, store: Store, job: Job<ClassInput>, found: FoundObject): Promise<Outcome> {
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
          return 'failed'
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
