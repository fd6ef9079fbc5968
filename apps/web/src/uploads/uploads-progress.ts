import { createSpeed } from './speed.ts'
import type { UploadItem, UploadState, UploadsView } from './upload-item.ts'
import type { UploadJob } from './upload-job.ts'

/** Bytes that a file counts for beyond its own, so that the time left of many small ones is told right. */
const PER_FILE = 50_000

/** What is done of an upload, in bytes. */
const workOf = ({ sent, state }: Pick<UploadJob, 'sent' | 'state'>): number => sent + (state === 'done' ? PER_FILE : 0)

/** How far all uploads are, how fast they go and how long they take. */
export interface UploadsProgress {
  /** @param now in milliseconds. @param running what is under way */
  of(now: number, items: readonly UploadItem[], running: ReadonlySet<UploadJob>): UploadsView
  /** A file is listed no more: speed does not fall when the list is cleared. */
  leaveOut(job: UploadJob): void
}

export function createUploadsProgress(): UploadsProgress {
  const [byteSpeed, workSpeed] = [createSpeed(), createSpeed()]
  let [sentBefore, workBefore] = [0, 0]
  return {
    of(now, items, running) {
      const count: Record<UploadState, number> = {
        waiting: 0,
        sending: 0,
        paused: 0,
        done: 0,
        failed: 0,
        exists: 0,
        interrupted: 0,
      }
      let [sent, work, all, left] = [0, 0, 0, 0]
      for (const item of items) {
        count[item.state] += 1
        sent += item.sent
        work += workOf(item)
        all += item.size + PER_FILE
        if (item.state === 'waiting' || item.state === 'sending') left += item.size + PER_FILE - workOf(item)
      }
      const pace = workSpeed.at(now, workBefore + work)
      const waits = [...running].map(({ waitsFor }) => waitsFor)
      return {
        items,
        count,
        fraction: all === 0 ? 0 : Math.min(1, work / all),
        bytesPerSecond: byteSpeed.at(now, sentBefore + sent),
        waitsFor: waits.includes(undefined) ? undefined : waits[0],
        secondsLeft: pace > 0 && left > 0 ? left / pace : undefined,
      }
    },
    leaveOut(job) {
      sentBefore += job.sent
      workBefore += workOf(job)
    },
  }
}
