import type { UploadItem } from './upload-item.ts'
import { itemOf, type UploadJob } from './upload-job.ts'

/** Milliseconds between two tellings of progress: with more files less often, since each telling looks at all of them. */
const tellEvery = (files: number): number => Math.max(100, Math.min(500, files / 5))
/** The same while something is under way and nothing changes. */
const TELL_IDLE_EVERY = 1_000

/** Gathers what changed of uploads, and tells of it at most ten times a second. */
export interface ToldChanges {
  changed(job: UploadJob): void
  /** Does not wait with what changed. */
  now(): void
}

/** @param isMoving whether something is under way. @param tell is given all uploads as they are now */
export function createToldChanges(
  jobs: ReadonlyMap<string, UploadJob>,
  isMoving: () => boolean,
  tell: (items: readonly UploadItem[]) => void,
): ToldChanges {
  const views = new Map<string, UploadItem>()
  const changed = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  const tellAll = (): void => {
    // Speed falls also while nothing happens.
    timer = isMoving() ? setTimeout(tellAll, TELL_IDLE_EVERY) : undefined
    for (const id of changed) {
      const job = jobs.get(id)
      if (job) views.set(id, itemOf(job))
      else views.delete(id)
    }
    changed.clear()
    tell([...views.values()])
  }

  return {
    changed({ id }) {
      if (changed.size === 0) {
        clearTimeout(timer)
        timer = setTimeout(tellAll, tellEvery(jobs.size))
      }
      changed.add(id)
    },
    now() {
      if (changed.size === 0) return
      clearTimeout(timer)
      timer = setTimeout(tellAll)
    },
  }
}
