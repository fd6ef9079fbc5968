import type { StoreId } from '@skycrate/core/naming/store'
import type { Gate } from '../access/gate.ts'
import type { Job } from '../jobs/job.ts'
import type { Meter } from '../quotas/meter.ts'
import type { StarPlaces } from '../starred/star-places.ts'
import type { Store } from '../stores/store.ts'
import { atOnce } from './at-once.ts'
import { deleteBatch, deletionTime } from './delete-batch.ts'
import { type DeletionInput, pathOf } from './object-jobs.ts'
import { countObjects, nextObjects, type Place } from './source-walk.ts'

const BATCH = 1000
const AT_ONCE = 16

interface State {
  readonly total: number
  readonly done: number
  readonly place: Place | undefined
  readonly deletedSince?: string
}

/** Deletes many objects. A try after a crash finds the rest by looking again. */
export function deleteJob(use: {
  readonly gate: Gate
  readonly meter: Meter
  readonly storeOf: (id: StoreId) => Store
  readonly stars: StarPlaces
  readonly now: () => number
}): (job: Job<DeletionInput>) => Promise<void> {
  return async (job) => {
    const { bucket, items, store: storeId, ...by } = job.input
    const { signal } = job
    const { gate, stars } = use
    const store = use.storeOf(storeId)
    const earlier = job.state<State>()
    let state: State
    if (earlier === undefined) {
      const stopped = (): void => signal.throwIfAborted()
      const { objects } = await countObjects(store, bucket, items, Number.POSITIVE_INFINITY, stopped)
      state = { total: objects, done: 0, place: { item: 0 } }
      job.progress(0, objects)
      await job.checkpoint(state)
    } else {
      state = earlier
    }
    let again = earlier !== undefined
    while (state.place !== undefined) {
      signal.throwIfAborted()
      const { found, next }: Awaited<ReturnType<typeof nextObjects>> = await nextObjects(
        store,
        bucket,
        items,
        state.place,
        BATCH,
      )
      let keys = found.map(({ key }) => key)
      // A second deletion of the same object would be one more entry of its history.
      if (again) keys = await stillThere(store, bucket, keys)
      again = false
      const before = use.now()
      if (keys.length > 0) await deleteBatch({ gate, store, stars }, { ...by, jobId: job.id }, bucket, keys)
      let { deletedSince } = state
      if (deletedSince === undefined && keys[0] !== undefined) {
        deletedSince = await deletionTime(store, bucket, keys[0], before)
        await job.tell({ deletedSince })
      }
      state = {
        ...state,
        done: state.done + found.length,
        place: next,
        ...(deletedSince !== undefined && { deletedSince }),
      }
      job.progress(state.done, Math.max(state.total, state.done))
      await job.checkpoint(state)
    }
    for (const item of items) if ('prefix' in item) await stars.folderDeleted({ store: storeId, bucket }, item.prefix)
    await use.meter.recountSoon(storeId, bucket, items.map(pathOf))
  }
}

async function stillThere(store: Store, bucket: string, keys: readonly string[]): Promise<string[]> {
  const there = new Set<string>()
  await atOnce(keys, AT_ONCE, async (key) => {
    if ((await store.headObject(bucket, key)) !== undefined) there.add(key)
  })
  return keys.filter((key) => there.has(key))
}
