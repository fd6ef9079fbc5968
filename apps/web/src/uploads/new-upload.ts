/** A file that somebody chose or dropped. */
export interface NewUpload {
  readonly file: File
  /** Below the folder it goes to: a file's name, or a path where a folder was dropped. */
  readonly path: string
}
