/** What to do with a file whose name is taken. */
export type Decision = 'keep-both' | 'replace' | 'skip'

/**
 * `exists`: the key is taken, and nobody decided yet what to do. `interrupted`: it was under way when its page was closed,
 * and its file has to be opened again.
 */
export type UploadState = 'waiting' | 'sending' | 'paused' | 'done' | 'failed' | 'exists' | 'interrupted'

/** A file on its way, or done with. */
export interface UploadItem {
  readonly id: string
  readonly name: string
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly sent: number
  readonly state: UploadState
  /** What it waits for, where it is tried again by itself. */
  readonly waitsFor: 'connection' | 'sign-in' | undefined
  /** Whether it was to replace a file. */
  readonly replaced: boolean
  /** Whether the browser can open the file by itself once it is allowed to. */
  readonly hasHandle: boolean
  /** Set where it failed. */
  readonly error: unknown
}

/** All uploads at one time. */
export interface UploadsView {
  readonly items: readonly UploadItem[]
  readonly count: Readonly<Record<UploadState, number>>
  /** Of all that is not yet done with: 0 to 1. */
  readonly fraction: number
  readonly bytesPerSecond: number
  /** What all that is under way waits for. */
  readonly waitsFor: UploadItem['waitsFor']
  /** Undefined while there is nothing to tell it from. */
  readonly secondsLeft: number | undefined
}
