import type { SkyCrateClient } from '@skycrate/client/client'
import type { NewUpload } from './new-upload.ts'
import type { UploadEngine } from './upload-engine.ts'
import type { UploadItem } from './upload-item.ts'

/** S3's limit for one PUT. */
export const MAX_UPLOAD_BYTES = 5_368_709_120

export interface Uploads {
  readonly subscribe: (listener: () => void) => () => void
  /** The same array until something changes. */
  readonly items: () => readonly UploadItem[]
  /** Fetches what uploading needs, so that the first one begins at once. */
  prepare(): void
  /** @throws where what uploading needs cannot be fetched; what happens to each file is told in `items` */
  add(files: readonly NewUpload[], bucket: string, prefix: string): Promise<void>
  cancel(id: string): void
  retry(id: string): void
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
    async add(files, bucket, prefix) {
      const ready = await engine()
      ready.add(files, bucket, prefix)
    },
    cancel: (id) => started?.cancel(id),
    retry: (id) => started?.retry(id),
    cancelAll: () => started?.cancelAll(),
  }
}
