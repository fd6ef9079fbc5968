import type { SkyCrateClient } from '@skycrate/client/client'
import { abortAtStore } from './abort-at-store.ts'
import { createJob } from './create-job.ts'
import { fits, matchInterrupted } from './interrupted-jobs.ts'
import { createKeptForOwner } from './kept-for-owner.ts'
import { createKeptUploads } from './kept-uploads.ts'
import type { Chosen, NewUpload } from './new-upload.ts'
import { openAgain } from './open-again.ts'
import { createPatience, failureOf } from './patience.ts'
import { unreadable } from './readable.ts'
import { createSlots } from './slots.ts'
import { takenBelow } from './taken-below.ts'
import type { TakenKeys } from './taken-keys.ts'
import { createToldChanges } from './told-changes.ts'
import { tooLong } from './too-long.ts'
import type { Decision, UploadState, UploadsView } from './upload-item.ts'
import { keyOf, type UploadJob } from './upload-job.ts'
import { createUploadQueue } from './upload-queue.ts'
import { createUploadRuns, type RunEnd } from './upload-runs.ts'
import { createUploadsProgress } from './uploads-progress.ts'
import { createUrlBatches } from './url-batches.ts'

/** Requests that send bytes at once: as many as browsers open connections to a host. */
const CONNECTIONS = 6
/** As people count: 2 before 10. */
const BY_NAME = new Intl.Collator(undefined, { numeric: true })
/** Milliseconds that a sign-out waits for uploads to be ended at the store. */
const ABORT_WAIT = 3_000

export interface UploadEngine {
  /** @param listener is told at most ten times a second */
  subscribe(listener: (view: UploadsView) => void): void
  add(chosen: Chosen, bucket: string, prefix: string, taken: TakenKeys): Promise<void>
  /** Resumes uploads that the person left unfinished in pages that are now closed. */
  recall(): Promise<void>
  /** Opens the files of interrupted uploads by their handles. Called by a click, so that the browser may ask. */
  openInterrupted(): Promise<void>
  /** The same for files that were chosen again. @returns how many of them were interrupted uploads */
  chooseAgain(files: readonly File[]): number
  pause(id: string): void
  resume(id: string): void
  pauseAll(): void
  resumeAll(): void
  cancel(id: string): void
  retry(id: string): void
  /** The server answers again, or somebody signed in. */
  wake(): void
  decide(id: string, decision: Decision, forAll: boolean): void
  /** Ends all of them, at the store too. */
  cancelAll(): Promise<void>
  /** Stops all of them and shows them no more; their owner can go on with them later. */
  leave(): void
}

interface EngineOptions {
  readonly api: SkyCrateClient
  /** Undefined while nobody is signed in. */
  readonly userId: () => string | undefined
  /** Whether nothing can be reached. */
  readonly isAway: () => boolean
  readonly onUploaded: (bucket: string, key: string) => void
}

/**
 * Sends files straight to S3: small ones in one piece with URLs that are vended many at a time, large ones in parts.
 * Neither replaces an object until somebody chose that.
 */
export function createUploadEngine({ api, userId, isAway, onUploaded }: EngineOptions): UploadEngine {
  const jobs = new Map<string, UploadJob>()
  const decisions = new Map<number, Decision>()
  const kept = createKeptUploads(Date.now)
  const ours = createKeptForOwner(kept, userId)
  const progress = createUploadsProgress()
  const queue = createUploadQueue()
  let listener: ((view: UploadsView) => void) | undefined
  let batches = 0

  const told = createToldChanges(
    jobs,
    () => queue.running.size > 0,
    (items) => listener?.(progress.of(performance.now(), items, queue.running)),
  )
  const patience = createPatience(isAway, (job) => told.changed(job))
  const urls = createUrlBatches(api, (limit) => queue.upcoming(limit))
  const runs = createUploadRuns({
    api,
    queue,
    patience,
    slots: createSlots(CONNECTIONS),
    urls,
    keep: (job) => ours.keep([job]),
    onProgress: (job) => told.changed(job),
    onEnd: (job, end) => settle(job, end),
    onIdle: () => told.now(),
  })

  const set = (job: UploadJob, state: UploadState, error?: unknown): void => {
    job.state = state
    job.error = error
    if (state === 'waiting') queue.put(job)
    else queue.withdraw(job)
    told.changed(job)
  }
  const settle = (job: UploadJob, end: RunEnd): void => {
    switch (end.outcome) {
      case 'done':
        job.sent = job.size
        set(job, 'done')
        ours.forget(job)
        onUploaded(job.bucket, keyOf(job))
        break
      case 'exists': {
        set(job, 'exists')
        const decision = job.copy > 0 ? 'keep-both' : decisions.get(job.batch)
        if (decision) apply([job], decision)
        break
      }
      case 'failed':
        set(job, 'failed', end.error)
    }
  }
  const remove = (job: UploadJob): void => {
    runs.halt(job)
    queue.withdraw(job)
    urls.drop(job)
    progress.leaveOut(job)
    jobs.delete(job.id)
    told.changed(job)
  }
  const cancel = (job: UploadJob): Promise<void> => {
    const isOpen = job.state !== 'done'
    remove(job)
    ours.forget(job)
    return isOpen ? abortAtStore(api, job) : Promise.resolve()
  }
  const pause = (job: UploadJob): void => {
    if (job.state !== 'waiting' && job.state !== 'sending') return
    runs.halt(job)
    if (!job.multipart) job.sent = 0
    set(job, 'paused')
  }
  const apply = (given: readonly UploadJob[], decision: Decision): void => {
    const taken = given.filter(({ state }) => state === 'exists')
    for (const job of taken) applyTo(job, decision)
    if (decision !== 'skip') void ours.keep(taken)
    // After the run that found it taken has ended.
    setTimeout(() => runs.pump())
  }
  const applyTo = (job: UploadJob, decision: Decision): void => {
    if (decision === 'skip') return void cancel(job)
    urls.drop(job)
    if (decision === 'replace') {
      // The parts are there; they only have to become the object.
      job.replace = true
    } else {
      void abortAtStore(api, job)
      job.multipart = undefined
      job.copy += 1
      job.sent = 0
    }
    job.mayBeThere = false
    set(job, 'waiting')
  }
  const begin = (job: UploadJob, file: File): void => {
    job.file = file
    set(job, 'waiting')
  }
  /** Opens the files of interrupted uploads by their handles. */
  const reopen = async (ask: boolean): Promise<void> => {
    for (const job of jobs.values()) {
      if (job.state !== 'interrupted' || !job.origin) continue
      const file = await openAgain(job.origin, ask)
      if (!file || job.state !== 'interrupted') continue
      if (fits(job, file)) begin(job, file)
      else set(job, 'failed', unreadable())
      runs.pump()
    }
  }

  return {
    subscribe(next) {
      listener = next
    },

    async add({ files, emptyFolders }, bucket, prefix, listed) {
      const taken = new Map([...listed, ...(await takenBelow(api, bucket, prefix, files))])
      batches += 1
      const interrupted = new Map<string, UploadJob>()
      for (const job of jobs.values()) {
        if (job.state === 'interrupted' && job.bucket === bucket) interrupted.set(`${job.prefix}${job.path}`, job)
      }
      const known = new Set(taken.values())
      const added: UploadJob[] = []
      const jobFor = ({ file, path: given, origin }: NewUpload): UploadJob | undefined => {
        const path = taken.get(`${prefix}${given}`.normalize('NFC'))?.slice(prefix.length) ?? given
        const before = interrupted.get(`${prefix}${path}`)
        if (before && fits(before, file)) {
          begin(before, file)
          return undefined
        }
        const type = file.type || 'application/octet-stream'
        const { size, lastModified } = file
        return createJob({ batch: batches, bucket, prefix, path, origin, file, size, type, lastModified })
      }
      // Folders tell their files in no order.
      for (const file of [...files].sort((a, b) => BY_NAME.compare(a.path, b.path))) {
        const job = jobFor(file)
        if (job) added.push(job)
      }
      for (const path of emptyFolders) added.push(createJob({ kind: 'folder', batch: batches, bucket, prefix, path }))
      for (const job of added) {
        jobs.set(job.id, job)
        const refusal = tooLong(keyOf(job))
        // Not worth a transfer: it would be refused at its end.
        if (refusal) set(job, 'failed', refusal)
        else set(job, job.kind === 'file' && known.has(keyOf(job)) ? 'exists' : 'waiting')
      }
      void ours.keep(added.filter(({ state }) => state !== 'failed'))
      runs.pump()
    },

    async recall() {
      const owner = userId()
      if (owner === undefined) return
      batches += 1
      const found = await kept.adopt(owner)
      for (const { kept: record, handle } of found) {
        if (jobs.has(record.id)) continue
        const { userId: _user, page: _page, handle: _handle, within, multipart, ...same } = record
        const job = createJob({
          ...same,
          batch: batches,
          origin: handle && { handle, within },
          multipart: multipart && { ...multipart, parts: undefined },
          // It may have arrived while the page was being closed.
          mayBeThere: true,
        })
        jobs.set(job.id, job)
        set(job, job.kind === 'folder' ? 'waiting' : 'interrupted')
      }
      await reopen(false)
      runs.pump()
    },

    openInterrupted: () => reopen(true),

    chooseAgain(files) {
      const matched = matchInterrupted(jobs.values(), files)
      for (const { job, file } of matched) begin(job, file)
      runs.pump()
      return matched.length
    },

    pause(id) {
      const job = jobs.get(id)
      if (job) pause(job)
      runs.pump()
    },
    resume(id) {
      const job = jobs.get(id)
      if (job?.state === 'paused') set(job, 'waiting')
      runs.pump()
    },
    pauseAll() {
      for (const job of jobs.values()) pause(job)
    },
    resumeAll() {
      for (const job of jobs.values()) if (job.state === 'paused') set(job, 'waiting')
      runs.pump()
    },
    cancel(id) {
      const job = jobs.get(id)
      if (job) void cancel(job)
      runs.pump()
    },
    retry(id) {
      const job = jobs.get(id)
      if (job?.state !== 'failed') return
      // What the store has is asked for.
      if (job.multipart) job.multipart.parts = undefined
      set(job, 'waiting')
      runs.pump()
    },
    wake() {
      patience.wake()
      for (const job of jobs.values()) {
        if (job.state === 'failed' && failureOf(job.error) !== 'lasting') set(job, 'waiting')
      }
      runs.pump()
    },
    decide(id, decision, forAll) {
      const job = jobs.get(id)
      if (!job) return
      if (forAll) decisions.set(job.batch, decision)
      apply(forAll ? [...jobs.values()].filter(({ batch }) => batch === job.batch) : [job], decision)
    },
    async cancelAll() {
      decisions.clear()
      const ended = Promise.all([...jobs.values()].map(cancel))
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, ABORT_WAIT))])
    },
    leave() {
      decisions.clear()
      for (const job of jobs.values()) remove(job)
    },
  }
}
