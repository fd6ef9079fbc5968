import type { SkyCrateClient } from '@skycrate/client/client'
import type { Patience } from './patience.ts'
import { unreadable } from './readable.ts'
import { sendFile } from './send-file.ts'
import { sendFolder } from './send-folder.ts'
import { sendParts } from './send-parts.ts'
import type { Sending } from './sending.ts'
import type { Slots } from './slots.ts'
import type { UploadJob } from './upload-job.ts'
import { isLarge, type UploadQueue } from './upload-queue.ts'
import type { UrlBatches } from './url-batches.ts'

/** How an upload ended by itself: `exists` where its key is taken. */
export type RunEnd = { readonly outcome: 'done' | 'exists' } | { readonly outcome: 'failed'; readonly error: unknown }

/** Uploads under way: begins those that may, and stops them. */
export interface UploadRuns {
  /** Begins all that may begin now. */
  pump(): void
  /** Stops what is under way for a job; who does it says what the job is now. */
  halt(job: UploadJob): void
}

interface RunsOptions {
  readonly api: SkyCrateClient
  readonly queue: UploadQueue
  readonly patience: Patience
  readonly slots: Slots
  readonly urls: UrlBatches
  readonly keep: (job: UploadJob) => Promise<void>
  readonly onProgress: (job: UploadJob) => void
  readonly onEnd: (job: UploadJob, end: RunEnd) => void
  /** Nothing is under way any more. */
  readonly onIdle: () => void
}

export function createUploadRuns(options: RunsOptions): UploadRuns {
  const { api, queue, patience, slots, urls, keep, onEnd, onIdle } = options
  const onProgress = (job: UploadJob): void => {
    if (!queue.running.has(job)) return
    // It counts as under way once bytes have left.
    if (job.sent > 0) onSending(job)
    options.onProgress(job)
  }
  const onSending = (job: UploadJob): void => {
    if (job.state !== 'waiting' || !queue.running.has(job)) return
    job.state = 'sending'
    options.onProgress(job)
  }
  const send = async (job: UploadJob, signal: AbortSignal): Promise<'done' | 'exists'> => {
    const { file } = job
    const use: Sending = {
      api,
      urls,
      slots,
      keepTrying: (attempt) => patience.keepTrying(job, signal, attempt),
      onSending: () => onSending(job),
      onProgress: () => onProgress(job),
      keep: () => keep(job),
    }
    if (job.kind === 'folder') return sendFolder(use, job)
    if (file === undefined) throw unreadable()
    return isLarge(job) ? sendParts(use, job, file) : sendFile(use, job, file)
  }
  const run = async (job: UploadJob): Promise<void> => {
    const stop = new AbortController()
    job.stop = stop
    queue.begin(job)
    try {
      onEnd(job, { outcome: await send(job, stop.signal) })
    } catch (error) {
      // Paused, cancelled or left: who did it says what it is now.
      if (!stop.signal.aborted) onEnd(job, { outcome: 'failed', error })
    } finally {
      // It may have been started again meanwhile.
      if (job.stop === stop) {
        job.stop = undefined
        job.waitsFor = undefined
        queue.end(job)
      }
      pump()
      if (queue.running.size === 0) onIdle()
    }
  }
  const pump = (): void => {
    for (const job of queue.next()) void run(job)
  }
  return {
    pump,
    halt(job) {
      // What was under way may have arrived.
      if (job.stop) job.mayBeThere = true
      job.stop?.abort(new DOMException('The upload was stopped', 'AbortError'))
      job.stop = undefined
      job.waitsFor = undefined
      queue.end(job)
    },
  }
}
