import type { KeptUploads } from './kept-uploads.ts'
import type { UploadJob } from './upload-job.ts'

/** Milliseconds in which uploads that are done are gathered, to be forgotten together. */
const FORGET_EVERY = 300

/** Uploads that are kept at once: writing thousands would freeze the page. */
const TOGETHER = 500

/** Keeps uploads for the user who is signed in; without one, nothing is kept. */
export interface KeptForOwner {
  keep(jobs: readonly UploadJob[]): Promise<void>
  forget(job: UploadJob): void
}

export function createKeptForOwner(kept: KeptUploads, userId: () => string | undefined): KeptForOwner {
  let timer: ReturnType<typeof setTimeout> | undefined
  let forgotten: string[] = []
  /** Done or cancelled, maybe before they were kept. */
  const over = new WeakSet<UploadJob>()
  return {
    async keep(jobs) {
      const owner = userId()
      if (owner === undefined) return
      for (let at = 0; at < jobs.length; at += TOGETHER) {
        const open = jobs.slice(at, at + TOGETHER).filter((job) => !over.has(job))
        await kept.keep(open, owner)
      }
    },
    forget(job) {
      over.add(job)
      forgotten.push(job.id)
      timer ??= setTimeout(() => {
        timer = undefined
        void kept.forget(forgotten)
        forgotten = []
      }, FORGET_EVERY)
    },
  }
}
