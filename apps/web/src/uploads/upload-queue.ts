import type { UploadJob } from './upload-job.ts'

/** Files under way at once: those that wait for a connection have their URLs meanwhile. */
const FILES_AT_ONCE = 8
/** Large files under way at once. */
const LARGE_AT_ONCE = 2
/** Bytes from which a file goes in parts. */
const IN_PARTS_FROM = 16 * 1024 ** 2

export const isLarge = ({ size }: UploadJob): boolean => size >= IN_PARTS_FROM

/** Which uploads wait, which are under way, and which comes next. */
export interface UploadQueue {
  readonly running: ReadonlySet<UploadJob>
  /** At the end, unless it waits already. */
  put(job: UploadJob): void
  withdraw(job: UploadJob): void
  begin(job: UploadJob): void
  end(job: UploadJob): void
  /** Those that may begin now. */
  next(): UploadJob[]
  /** The files in one piece that come next, at most so many. */
  upcoming(limit: number): UploadJob[]
}

export function createUploadQueue(): UploadQueue {
  /** In the order in which they are sent. */
  const queue = new Set<UploadJob>()
  const running = new Set<UploadJob>()
  const waiting = function* (): Generator<UploadJob> {
    for (const job of queue) if (job.state === 'waiting' && !running.has(job)) yield job
  }
  return {
    running,
    put: (job) => void queue.add(job),
    withdraw: (job) => void queue.delete(job),
    begin: (job) => void running.add(job),
    end: (job) => void running.delete(job),
    next() {
      const found: UploadJob[] = []
      let large = [...running].filter(isLarge).length
      for (const job of waiting()) {
        if (running.size + found.length >= FILES_AT_ONCE) break
        if (isLarge(job)) {
          if (large >= LARGE_AT_ONCE) continue
          large += 1
        }
        found.push(job)
      }
      return found
    },
    upcoming(limit) {
      const found: UploadJob[] = []
      for (const job of waiting()) {
        if (job.kind === 'file' && !isLarge(job)) found.push(job)
        if (found.length === limit) break
      }
      return found
    },
  }
}
