import type { SkyCrateClient } from '@skycrate/client/client'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { createKeptUploads } from './kept-uploads.ts'
import type { Chosen, NewUpload } from './new-upload.ts'
import { openAgain } from './open-again.ts'
import { createPatience, failureOf } from './patience.ts'
import { unreadable } from './readable.ts'
import { sendFile } from './send-file.ts'
import { sendParts } from './send-parts.ts'
import type { Sending } from './sending.ts'
import { createSlots } from './slots.ts'
import { createSpeed } from './speed.ts'
import type { TakenKeys } from './taken-keys.ts'
import type { Decision, UploadItem, UploadState, UploadsView } from './upload-item.ts'
import { itemOf, keyOf, type UploadJob } from './upload-job.ts'
import { createUrlBatches } from './url-batches.ts'

/** Requests that send bytes at once. Browsers open six connections to a host, and one is left for downloads. */
const CONNECTIONS = 5
/** Files under way at once: those that wait for a connection have their URLs meanwhile. */
const FILES_AT_ONCE = 8
/** Large files under way at once. */
const LARGE_AT_ONCE = 2
/** Bytes from which a file goes in parts. */
const IN_PARTS_FROM = 16 * 1024 ** 2
/** Milliseconds between two tellings of progress. */
const TELL_EVERY = 100
/** The same while something is under way and nothing changes. */
const TELL_IDLE_EVERY = 1_000
/** Milliseconds in which uploads that are done are gathered, to be forgotten together. */
const FORGET_EVERY = 300
/** Milliseconds that a sign-out waits for uploads to be ended at the store. */
const ABORT_WAIT = 3_000
/** Bytes that a file counts for beyond its own, so that the time left of many small ones is told right. */
const PER_FILE = 50_000

/** What is done of an upload, in bytes. */
const workOf = ({ sent, state }: Pick<UploadJob, 'sent' | 'state'>): number => sent + (state === 'done' ? PER_FILE : 0)

export interface UploadEngine {
  /** @param listener is told at most every TELL_EVERY milliseconds */
  subscribe(listener: (view: UploadsView) => void): void
  add(chosen: Chosen, bucket: string, prefix: string, taken: TakenKeys): void
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
 * Sends files straight to S3: small ones in one piece with URLs that are vended a hundred at a time, large ones in parts.
 * Neither replaces an object until somebody chose that.
 */
export function createUploadEngine({ api, userId, isAway, onUploaded }: EngineOptions): UploadEngine {
  const jobs = new Map<string, UploadJob>()
  const views = new Map<string, UploadItem>()
  const changed = new Set<string>()
  const decisions = new Map<number, Decision>()
  const running = new Set<UploadJob>()
  const kept = createKeptUploads(Date.now)
  const [byteSpeed, workSpeed] = [createSpeed(), createSpeed()]
  let listener: ((view: UploadsView) => void) | undefined
  let batches = 0
  let telling: ReturnType<typeof setTimeout> | undefined
  let forgetting: ReturnType<typeof setTimeout> | undefined
  let forgotten: string[] = []
  /** Of files that are listed no more, so that speed does not fall when the list is cleared. */
  let [sentBefore, workBefore] = [0, 0]

  const tellSoon = (job: UploadJob): void => {
    if (changed.size === 0) {
      clearTimeout(telling)
      telling = setTimeout(tell, TELL_EVERY)
    }
    changed.add(job.id)
  }
  const tell = (): void => {
    telling = undefined
    // Speed falls also while nothing happens.
    if (running.size > 0) telling = setTimeout(tell, TELL_IDLE_EVERY)
    for (const id of changed) {
      const job = jobs.get(id)
      if (job) views.set(id, itemOf(job))
      else views.delete(id)
    }
    changed.clear()
    listener?.(viewOf([...views.values()]))
  }
  const viewOf = (items: readonly UploadItem[]): UploadsView => {
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
    const now = performance.now()
    const pace = workSpeed.at(now, workBefore + work)
    return {
      items,
      count,
      fraction: all === 0 ? 0 : Math.min(1, work / all),
      bytesPerSecond: byteSpeed.at(now, sentBefore + sent),
      waitsFor: [...running].every(({ waitsFor }) => waitsFor !== undefined)
        ? [...running].find(({ waitsFor }) => waitsFor !== undefined)?.waitsFor
        : undefined,
      secondsLeft: pace > 0 && left > 0 ? left / pace : undefined,
    }
  }

  const keep = async (which: readonly UploadJob[]): Promise<void> => {
    const owner = userId()
    if (owner !== undefined) await kept.keep(which, owner)
  }
  const forget = (job: UploadJob): void => {
    forgotten.push(job.id)
    forgetting ??= setTimeout(() => {
      forgetting = undefined
      void kept.forget(forgotten)
      forgotten = []
    }, FORGET_EVERY)
  }

  const patience = createPatience(isAway, tellSoon)
  const slots = createSlots(CONNECTIONS)
  const isLarge = ({ size }: UploadJob): boolean => size >= IN_PARTS_FROM
  const nextOf = function* (): Generator<UploadJob> {
    for (const job of queue) if (job.state === 'waiting' && !running.has(job)) yield job
  }
  /** In the order in which they are sent. */
  const queue = new Set<UploadJob>()
  const urls = createUrlBatches(api, (limit) => {
    const found: UploadJob[] = []
    for (const job of nextOf()) {
      if (job.kind === 'file' && !isLarge(job)) found.push(job)
      if (found.length === limit) break
    }
    return found
  })

  const pump = (): void => {
    let large = [...running].filter(isLarge).length
    for (const job of nextOf()) {
      if (running.size >= FILES_AT_ONCE) return
      if (isLarge(job)) {
        if (large >= LARGE_AT_ONCE) continue
        large += 1
      }
      void run(job)
    }
  }
  const set = (job: UploadJob, state: UploadState, error?: unknown): void => {
    job.state = state
    job.error = error
    if (state === 'waiting') queue.add(job)
    else queue.delete(job)
    tellSoon(job)
  }
  const onProgress = (job: UploadJob): void => {
    if (!running.has(job)) return
    // It counts as under way once bytes have left.
    if (job.state === 'waiting' && job.sent > 0) job.state = 'sending'
    tellSoon(job)
  }

  const run = async (job: UploadJob): Promise<void> => {
    const stop = new AbortController()
    job.stop = stop
    running.add(job)
    try {
      const outcome = await send(job, stop.signal)
      if (outcome === 'done') {
        job.sent = job.size
        set(job, 'done')
        forget(job)
        onUploaded(job.bucket, keyOf(job))
      } else {
        set(job, 'exists')
        const decision = job.copy > 0 ? 'keep-both' : decisions.get(job.batch)
        if (decision) apply(job, decision)
      }
    } catch (error) {
      // Paused, cancelled or left: who did it says what it is now.
      if (!stop.signal.aborted) set(job, 'failed', error)
    } finally {
      // It may have been started again meanwhile.
      if (job.stop === stop) {
        job.stop = undefined
        job.waitsFor = undefined
        running.delete(job)
      }
      pump()
    }
  }
  const send = async (job: UploadJob, signal: AbortSignal): Promise<'done' | 'exists'> => {
    const { file } = job
    const use: Sending = {
      api,
      urls,
      slots,
      keepTrying: (attempt) => patience.keepTrying(job, signal, attempt),
      onProgress: () => onProgress(job),
      keep: () => keep([job]),
    }
    if (job.kind === 'folder') return createFolder(use, job)
    if (file === undefined) throw unreadable()
    return isLarge(job) ? sendParts(use, job, file) : sendFile(use, job, file)
  }
  const createFolder = async ({ keepTrying }: Sending, job: UploadJob): Promise<'done'> => {
    const body = { bucket: job.bucket, key: keyOf(job) }
    await keepTrying(async (signal) => {
      try {
        await api.request('createFolder', { body }, { signal })
      } catch (error) {
        // A folder that is there already is as good.
        if (!(error instanceof SkyCrateError && error.code === 'conflict')) throw error
      }
    })
    return 'done'
  }

  const halt = (job: UploadJob): void => {
    // What was under way may have arrived.
    if (job.stop) job.mayBeThere = true
    job.stop?.abort(new DOMException('The upload was stopped', 'AbortError'))
    job.stop = undefined
    job.waitsFor = undefined
    running.delete(job)
  }
  const abortAtStore = async ({ bucket, multipart, ...job }: UploadJob): Promise<void> => {
    if (!multipart) return
    const query = { bucket, key: keyOf({ ...job, bucket, multipart }), uploadId: multipart.uploadId }
    await api.request('abortUpload', { query }).catch(() => undefined)
  }
  const remove = (job: UploadJob): void => {
    halt(job)
    queue.delete(job)
    urls.drop(job)
    sentBefore += job.sent
    workBefore += workOf(job)
    jobs.delete(job.id)
    tellSoon(job)
  }
  const cancel = (job: UploadJob): Promise<void> => {
    const isOpen = job.state !== 'done'
    remove(job)
    forget(job)
    pump()
    return isOpen ? abortAtStore(job) : Promise.resolve()
  }
  const apply = (job: UploadJob, decision: Decision): void => {
    if (job.state !== 'exists') return
    if (decision === 'skip') return void cancel(job)
    urls.drop(job)
    if (decision === 'replace') {
      // The parts are there; they only have to become the object.
      job.replace = true
    } else {
      void abortAtStore({ ...job })
      job.multipart = undefined
      job.copy += 1
      job.sent = 0
    }
    job.mayBeThere = false
    set(job, 'waiting')
    void keep([job])
    // After the run that found it taken has ended.
    setTimeout(pump)
  }
  const begin = (job: UploadJob, file: File): void => {
    job.file = file
    set(job, 'waiting')
  }
  const fits = (job: UploadJob, file: File): boolean => job.size === file.size && job.lastModified === file.lastModified

  const create = (given: Partial<UploadJob> & Pick<UploadJob, 'bucket' | 'prefix' | 'path'>): UploadJob => ({
    // Not every address may use it: those without HTTPS that are not this machine.
    id: crypto.randomUUID?.() ?? String(Math.random()),
    kind: 'file',
    size: 0,
    type: '',
    lastModified: 0,
    createdAt: Date.now(),
    origin: undefined,
    batch: batches,
    file: undefined,
    replace: false,
    copy: 0,
    multipart: undefined,
    mayBeThere: false,
    state: 'waiting',
    waitsFor: undefined,
    sent: 0,
    error: undefined,
    stop: undefined,
    ...given,
  })

  return {
    subscribe(next) {
      listener = next
    },

    add({ files, emptyFolders }, bucket, prefix, taken) {
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
        return create({ bucket, prefix, path, origin, file, size, type, lastModified })
      }
      for (const file of files) {
        const job = jobFor(file)
        if (job) added.push(job)
      }
      for (const path of emptyFolders) added.push(create({ kind: 'folder', bucket, prefix, path }))
      for (const job of added) {
        jobs.set(job.id, job)
        // Not worth a transfer: it would be refused at its end.
        set(job, job.kind === 'file' && known.has(keyOf(job)) ? 'exists' : 'waiting')
      }
      void keep(added)
      pump()
    },

    async recall() {
      const owner = userId()
      if (owner === undefined) return
      batches += 1
      const found = await kept.adopt(owner)
      for (const { kept: record, handle } of found) {
        if (jobs.has(record.id)) continue
        const { userId: _user, page: _page, handle: _handle, within, multipart, ...same } = record
        const job = create({
          ...same,
          origin: handle && { handle, within },
          multipart: multipart && { ...multipart, parts: undefined },
          // It may have arrived while the page was being closed.
          mayBeThere: true,
        })
        jobs.set(job.id, job)
        set(job, job.kind === 'folder' ? 'waiting' : 'interrupted')
      }
      await reopen(false)
      pump()
    },

    openInterrupted: () => reopen(true),

    chooseAgain(files) {
      let matched = 0
      const open = [...jobs.values()].filter(({ state }) => state === 'interrupted')
      for (const file of files) {
        const path = (file.webkitRelativePath || file.name).normalize('NFC')
        const name = path.slice(path.lastIndexOf('/') + 1)
        const same = open.filter((job) => job.state === 'interrupted' && fits(job, file))
        const job = same.find((each) => each.path === path) ?? same.find((each) => each.path.split('/').at(-1) === name)
        if (!job) continue
        matched += 1
        begin(job, file)
      }
      pump()
      return matched
    },

    pause(id) {
      const job = jobs.get(id)
      if (job) pause(job)
      pump()
    },
    resume(id) {
      const job = jobs.get(id)
      if (job?.state === 'paused') set(job, 'waiting')
      pump()
    },
    pauseAll() {
      for (const job of jobs.values()) pause(job)
    },
    resumeAll() {
      for (const job of jobs.values()) if (job.state === 'paused') set(job, 'waiting')
      pump()
    },
    cancel(id) {
      const job = jobs.get(id)
      if (job) void cancel(job)
    },
    retry(id) {
      const job = jobs.get(id)
      if (job?.state !== 'failed') return
      // What the store has is asked for.
      if (job.multipart) job.multipart.parts = undefined
      set(job, 'waiting')
      pump()
    },
    wake() {
      patience.wake()
      for (const job of jobs.values()) {
        if (job.state === 'failed' && failureOf(job.error) !== 'lasting') set(job, 'waiting')
      }
      pump()
    },
    decide(id, decision, forAll) {
      const job = jobs.get(id)
      if (!job) return
      if (forAll) decisions.set(job.batch, decision)
      for (const each of forAll ? jobs.values() : [job]) if (each.batch === job.batch) apply(each, decision)
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

  function pause(job: UploadJob): void {
    if (job.state !== 'waiting' && job.state !== 'sending') return
    halt(job)
    if (!job.multipart) job.sent = 0
    set(job, 'paused')
  }

  async function reopen(ask: boolean): Promise<void> {
    for (const job of jobs.values()) {
      if (job.state !== 'interrupted' || !job.origin) continue
      const file = await openAgain(job.origin, ask)
      if (!file || job.state !== 'interrupted') continue
      if (fits(job, file)) begin(job, file)
      else set(job, 'failed', unreadable())
      pump()
    }
  }
}
