/** What to do with a file whose name is taken. */
export type Decision = 'keep-both' | 'replace' | 'skip'

/** A file on its way, or done with. */
export interface UploadItem {
  readonly id: string
  readonly name: string
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly sent: number
  /** `exists`: the key is taken, and nobody decided yet what to do. */
  readonly state: 'waiting' | 'sending' | 'done' | 'failed' | 'exists'
  /** Whether it was to replace a file. */
  readonly replaced: boolean
  /** Set where it failed. */
  readonly error: unknown
}
