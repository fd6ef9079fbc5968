import type { SkyCrateClient } from '@skycrate/client/client'
import type { NewUpload } from './new-upload.ts'
import type { UploadEngine } from './upload-engine.ts'
import type { TakenKeys } from './taken-keys.ts'
import type { Decision, UploadItem } from './upload-item.ts'

/** S3's limit for one PUT. */
export const MAX_UPLOAD_BYTES = 5_368_709_120

export interface Uploads {
  readonly subscribe: (listener: () => void) => () => void
  /** The same array until something changes. */
  readonly items: () => readonly UploadItem[]
  /** Fetches what uploading needs, so that the first one begins at once. */
  prepare(): void
  /**
   * Nothing is replaced unless `decide` says so.
   * @param taken keys that are known to be taken: asked about before anything is sent
   * @throws where what uploading needs cannot be fetched; what happens to each file is told in `items`
   */
  add(files: readonly NewUpload[], bucket: string, prefix: string, taken: TakenKeys): Promise<void>
  cancel(id: string): void
  retry(id: string): void
  /** Tries again what failed because the server was away or the session had ended. */
  retryBroken(): void
  /** What to do with a file in the state `exists`. @param forAll also with the others that were added with it */
  decide(id: string, decision: Decision, forAll: boolean): void
  /** Ends what is under way and forgets the rest. */
  readonly cancelAll: () => void
}

/** Uploads outlive the page they were started on. What does the work is fetched with the first of them. */
export function createUploads(api: SkyCrateClient, onUploaded: (bucket: string, key: string) => void): Uploads {
  const listeners = new Set<() => void>()
  let items: readonly UploadItem[] = []
  let started: UploadEngine | undefined
  let starting: Promise<UploadEngine> | undefined

  const start = async (): Promise<UploadEngine> => {
    const { createUploadEngine } = await import('./upload-engine.ts')
    started = createUploadEngine(api, onUploaded)
    started.subscribe((next) => {
      items = next
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
    items: () => items,
    prepare() {
      engine().catch(() => undefined)
    },
    async add(files, bucket, prefix, taken) {
      const ready = await engine()
      ready.add(files, bucket, prefix, taken)
    },
    cancel: (id) => started?.cancel(id),
    retry: (id) => started?.retry(id),
    retryBroken: () => started?.retryBroken(),
    decide: (id, decision, forAll) => started?.decide(id, decision, forAll),
    cancelAll: () => started?.cancelAll(),
  }
}
