import type { Gate } from '../access/gate.ts'
import { type Job, JobStoppedError } from '../jobs/job.ts'
import type { StoreId } from '@skycrate/core/naming/store'
import type { Meter } from '../quotas/meter.ts'
import type { MovedKey, StarPlaces } from '../starred/star-places.ts'
import type { Store } from '../stores/store.ts'
import { atOnce } from './at-once.ts'
import type { Outcome, TransferInput } from './object-jobs.ts'
import { type Planned, planTransfers } from './plan-transfers.ts'
import { countObjects, nextObjects, type Place } from './source-walk.ts'
import { transferOne } from './transfer-one.ts'
import { taken, targetOf } from './transfer-target.ts'

/** Objects that are planned together: what a crash makes the next try look at again. */
const BATCH = 100
/** Objects on their way at once. */
const AT_ONCE = 16

type Tally = { readonly [Each in Outcome]: number }

interface State {
  /** Undefined until counted, and for `fail` looked through for names that are taken. */
  readonly total?: number
  readonly tally: Tally
  readonly place: Place | undefined
  /** Under way when the state was written. Their targets were chosen then. */
  readonly plan: readonly Planned[]
  /** Unfinished copies in parts, by target key. */
  readonly uploads: Readonly<Record<string, string>>
}

const NOTHING: Tally = { done: 0, skipped: 0, missing: 0, changed: 0, failed: 0 }

/**
 * Copies or moves objects. Each target is chosen and written down before the first byte of it is copied, so a try after a
 * crash knows its own copies from other people's objects. A moved object is deleted only once its copy is there.
 */
export function transferJob(
  kind: 'copy' | 'move',
  use: {
    readonly gate: Gate
    readonly meter: Meter
    readonly storeOf: (id: StoreId) => Store
    readonly stars: StarPlaces
    readonly now: () => number
  },
): (job: Job<TransferInput>) => Promise<void> {
  return async (job) => {
    const { input, signal } = job
    const { items, from, to } = input
    const store = use.storeOf(input.store)
    const [source, target] = [
      { store: input.store, bucket: from },
      { store: input.store, bucket: to },
    ]
    let state: State = job.state<State>() ?? { tally: NOTHING, place: { item: 0 }, plan: [], uploads: {} }
    let resumed = state.plan.length > 0
    const write = (next: Partial<State>): Promise<void> => job.checkpoint((state = { ...state, ...next }))
    const told = (tally: Tally): void => job.progress(sum(tally), state.total)

    /** A folder of which something stays keeps its stars. */
    const moveFolderStars = async (): Promise<void> => {
      for (const item of items) {
        if (!('prefix' in item)) continue
        const left = await store.listObjects({ bucket: from, prefix: item.prefix, limit: 1 })
        if (!left.ok || left.value.objects.length > 0) continue
        await use.stars.folderMoved({ ...source, prefix: item.prefix }, { ...target, prefix: item.toPrefix })
      }
    }

    if (state.total === undefined) {
      const stopped = (): void => signal.throwIfAborted()
      const { objects } = await countObjects(store, from, items, Number.POSITIVE_INFINITY, stopped)
      if (input.onConflict === 'fail') await refuseTaken(store, input, stopped)
      job.progress(0, objects)
      await write({ total: objects })
    }

    for (;;) {
      const tally = { ...state.tally }
      const uploads = { ...state.uploads }
      const plan = state.plan
      const moved: MovedKey[] = []
      try {
        await atOnce(plan, AT_ONCE, async (planned) => {
          signal.throwIfAborted()
          const outcome = await transferOne({
            kind,
            gate: use.gate,
            meter: use.meter,
            store,
            job,
            planned,
            resumed,
            onMoved: (toKey) => moved.push({ from: planned.from, to: toKey }),
            parts: {
              uploadId: uploads[planned.to],
              signal,
              started: async (uploadId) => {
                uploads[planned.to] = uploadId
                await write({ uploads: { ...state.uploads, ...uploads } })
              },
            },
          })
          tally[outcome] += 1
          told(tally)
        })
      } catch (error) {
        if (signal.reason instanceof JobStoppedError && signal.reason.reason === 'cancelled') {
          for (const [key, uploadId] of Object.entries(uploads)) await store.abortUpload(to, key, uploadId)
        }
        await job.tell(aboutOf(tally)).catch(() => undefined)
        throw error
      } finally {
        await use.stars.moved(source, target, moved)
      }
      resumed = false
      if (state.place === undefined) {
        if (kind === 'move') await moveFolderStars()
        await job.tell(aboutOf(tally))
        break
      }
      signal.throwIfAborted()
      const { found, next } = await nextObjects(store, from, items, state.place, BATCH)
      const { planned, outcomes } = await planTransfers(store, input, found, use.now())
      for (const outcome of outcomes) tally[outcome] += 1
      told(tally)
      await write({ tally, place: next, plan: planned, uploads: {} })
    }
  }
}

function aboutOf({ skipped, missing, changed, failed }: Tally): Partial<Tally> {
  return {
    ...(skipped > 0 && { skipped }),
    ...(missing > 0 && { missing }),
    ...(changed > 0 && { changed }),
    ...(failed > 0 && { failed }),
  }
}

const sum = (tally: Tally): number => Object.values(tally).reduce((total, each) => total + each, 0)

/** For `fail`: nothing is copied where any name is taken. @throws AppError `precondition-failed` */
async function refuseTaken(store: Store, input: TransferInput, page: () => void): Promise<void> {
  const { items, from, to } = input
  for (const [index, item] of items.entries()) {
    if ('prefix' in item) {
      const there = await store.listObjects({ bucket: to, prefix: item.toPrefix, limit: 1 })
      if (there.ok && there.value.objects.length === 0) continue
    }
    let place: Place | undefined = { item: 0 }
    while (place !== undefined) {
      const { found, next }: Awaited<ReturnType<typeof nextObjects>> = await nextObjects(
        store,
        from,
        [item],
        place,
        1000,
      )
      await atOnce(found, AT_ONCE, async ({ key }) => {
        const target = targetOf(items, index, key)
        if ((await store.headObject(to, target)) !== undefined) throw taken(target)
      })
      page()
      place = next
    }
  }
}
