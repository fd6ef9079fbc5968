import type { StoreId } from '@skycrate/core/naming/store'
import { failureOf, type Gate } from '../access/gate.ts'
import { AppError } from '../errors/app-error.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { Job } from '../jobs/job.ts'
import type { Meter } from '../quotas/meter.ts'
import type { StarPlaces } from '../starred/star-places.ts'
import type { Store } from '../stores/store.ts'
import type { DeletionPage } from '../stores/version-store.ts'
import { atOnce } from './at-once.ts'
import { pathOf, type RestoreInput } from './object-jobs.ts'
import { restoreVersion } from './restore-version.ts'

const AT_ONCE = 16

interface State {
  readonly done: number
  readonly item: number
  readonly next: DeletionPage['next']
}

/** Brings back deleted objects. What is back already stays as it is, so a try after a crash may look at it again. */
export function restoreJob(use: {
  readonly gate: Gate
  readonly meter: Meter
  readonly storeOf: (id: StoreId) => Store
  readonly stars: StarPlaces
}): (job: Job<RestoreInput>) => Promise<void> {
  return async (job) => {
    const { caller, origin, bucket, items, store: storeId, deletedSince } = job.input
    const { signal } = job
    const store = use.storeOf(storeId)
    const since = deletedSince === null ? Number.NEGATIVE_INFINITY : Date.parse(deletedSince)
    let { done, item, next } = job.state<State>() ?? { done: 0, item: 0, next: undefined }

    const restore = async (key: string): Promise<void> => {
      signal.throwIfAborted()
      const operation = { action: 'write', store: storeId, bucket, key } as const
      await use.gate.pass(caller, operation, 'object.restore', origin, { jobId: job.id })
      try {
        const result = await restoreVersion(store, bucket, key, undefined)
        if (!result.ok) throw bucketMissing(bucket)
      } catch (error) {
        await use.gate.failed(caller, operation, 'object.restore', origin, failureOf(error))
        // Its versions have expired, or somebody deleted them for good.
        if (!(error instanceof AppError && error.code === 'not-found')) throw error
      }
      job.progress((done += 1))
    }

    for (let each = items[item]; each !== undefined; each = items[item]) {
      if ('key' in each) {
        await restore(each.key)
        await use.stars.restored({ store: storeId, bucket }, [each.key])
      } else {
        do {
          const page = await store.listDeletions(bucket, each.prefix, next)
          if (!page.ok) throw bucketMissing(bucket)
          const keys = page.value.deletions
            .filter(({ deletedAt }) => deletedAt.getTime() >= since)
            .map(({ key }) => key)
          await atOnce(keys, AT_ONCE, restore)
          await use.stars.restored({ store: storeId, bucket }, keys)
          next = page.value.next
          if (next !== undefined) await job.checkpoint({ done, item, next } satisfies State)
        } while (next !== undefined)
      }
      item += 1
      await job.checkpoint({ done, item, next: undefined } satisfies State)
    }
    await use.meter.recountSoon(storeId, bucket, items.map(pathOf))
    job.progress(done, done)
  }
}
