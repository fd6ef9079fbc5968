import type { SkyCrateClient } from '@skycrate/client/client'
import type { Chosen } from './new-upload.ts'
import type { UploadEngine } from './upload-engine.ts'
import type { TakenKeys } from './taken-keys.ts'
import type { Decision, UploadItem, UploadsView } from './upload-item.ts'

/** S3's limit for one object. */
export const MAX_UPLOAD_BYTES = 5_497_558_138_880

export interface Uploads extends Pick<
  UploadEngine,
  | 'cancel'
  | 'retry'
  | 'pause'
  | 'resume'
  | 'pauseAll'
  | 'resumeAll'
  | 'wake'
  | 'leave'
  | 'cancelAll'
  | 'openInterrupted'
> {
  readonly subscribe: (listener: () => void) => () => void
  /** The same object until something changes. */
  readonly view: () => UploadsView
  readonly items: () => readonly UploadItem[]
  /** Whether something is left to send that ends with the page. */
  readonly isBusy: () => boolean
  /** Loads the upload engine, and resumes uploads that were left unfinished in pages that are now closed. */
  prepare(): void
  /**
   * Nothing is replaced unless `decide` says so.
   * @param taken keys that are known to be taken: asked about before anything is sent
   * @throws where what uploading needs cannot be fetched; what happens to each file is told in `items`
   */
  add(chosen: Chosen, bucket: string, prefix: string, taken: TakenKeys): Promise<void>
  /** Goes on with interrupted uploads whose files were chosen again. @returns how many */
  chooseAgain(files: readonly File[]): number
  /** What to do with a file in the state `exists`. @param forAll also with the others that were added with it */
  decide(id: string, decision: Decision, forAll: boolean): void
}

const NOTHING: UploadsView = {
  items: [],
  count: { waiting: 0, sending: 0, paused: 0, done: 0, failed: 0, exists: 0, interrupted: 0 },
  fraction: 0,
  bytesPerSecond: 0,
  waitsFor: undefined,
  secondsLeft: undefined,
}

/** Uploads outlive the page they were started on. What does the work is fetched with the first of them. */
export function createUploads(options: {
  readonly api: SkyCrateClient
  readonly userId: () => string | undefined
  readonly isAway: () => boolean
  readonly onUploaded: (bucket: string, key: string) => void
}): Uploads {
  const listeners = new Set<() => void>()
  let view = NOTHING
  let started: UploadEngine | undefined
  let starting: Promise<UploadEngine> | undefined

  const start = async (): Promise<UploadEngine> => {
    const { createUploadEngine } = await import('./upload-engine.ts')
    started = createUploadEngine(options)
    started.subscribe((next) => {
      view = next
      for (const listener of listeners) listener()
    })
    return started
  }
  const engine = (): Promise<UploadEngine> => {
    starting ??= start().catch((error: unknown) => {
      starting = undefined
      throw error
    })
    return starting
  }

  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    view: () => view,
    items: () => view.items,
    isBusy: () => view.count.waiting + view.count.sending + view.count.exists + view.count.paused > 0,
    prepare() {
      engine()
        .then((ready) => ready.recall())
        .catch(() => undefined)
    },
    async add(chosen, bucket, prefix, taken) {
      const ready = await engine()
      await ready.add(chosen, bucket, prefix, taken)
    },
    openInterrupted: async () => started?.openInterrupted(),
    chooseAgain: (files) => started?.chooseAgain(files) ?? 0,
    cancel: (id) => started?.cancel(id),
    retry: (id) => started?.retry(id),
    pause: (id) => started?.pause(id),
    resume: (id) => started?.resume(id),
    pauseAll: () => started?.pauseAll(),
    resumeAll: () => started?.resumeAll(),
    wake: () => started?.wake(),
    decide: (id, decision, forAll) => started?.decide(id, decision, forAll),
    cancelAll: async () => started?.cancelAll(),
    leave: () => started?.leave(),
  }
}
