import type { KeptUploads } from './kept-uploads.ts'
import type { UploadJob } from './upload-job.ts'

/** Milliseconds in which uploads that are done are gathered, to be forgotten together. */
const FORGET_EVERY = 300

/** Keeps uploads for the user who is signed in; without one, nothing is kept. */
export interface KeptForOwner {
  keep(jobs: readonly UploadJob[]): Promise<void>
  forget(job: UploadJob): void
}

export function createKeptForOwner(kept: KeptUploads, userId: () => string | undefined): KeptForOwner {
  let timer: ReturnType<typeof setTimeout> | undefined
  let forgotten: string[] = []
  return {
    async keep(jobs) {
      const owner = userId()
      if (owner !== undefined) await kept.keep(jobs, owner)
    },
    forget({ id }) {
      forgotten.push(id)
      timer ??= setTimeout(() => {
        timer = undefined
        void kept.forget(forgotten)
        forgotten = []
      }, FORGET_EVERY)
    },
  }
}
