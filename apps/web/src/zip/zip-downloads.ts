import type { Entry } from '../files/entry.ts'

export interface ZipRequest {
  readonly bucket: string
  /** The folder that the entries lie in: names in the zip file begin after it. */
  readonly prefix: string
  readonly entries: readonly Entry[]
  /** Of the zip file, without its extension. */
  readonly name: string
}

export interface ZipDownload {
  readonly id: number
  readonly name: string
  /** `saving`: the finished file is handed to the browser. */
  readonly state: 'running' | 'saving' | 'done' | 'failed'
  readonly files: number
  /** Bytes of the files so far. */
  readonly bytes: number
  /** Keys that are not in it: gone meanwhile, or refused. */
  readonly leftOut: readonly string[]
  readonly error?: unknown
  readonly cancel: () => void
}

/** Downloads of many files outlive the page they were started on. */
let downloads: readonly ZipDownload[] = []
const listeners = new Set<() => void>()

export const zipDownloads = {
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  items: (): readonly ZipDownload[] => downloads,
  set(next: readonly ZipDownload[]): void {
    downloads = next
    for (const listener of listeners) listener()
  },
}
