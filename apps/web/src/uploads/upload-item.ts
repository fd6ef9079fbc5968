/** A file on its way, or done with. */
export interface UploadItem {
  readonly id: string
  readonly name: string
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly sent: number
  readonly state: 'waiting' | 'sending' | 'done' | 'failed'
  /** Set where it failed. */
  readonly error: unknown
}
