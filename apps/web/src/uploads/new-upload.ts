/** Where a file that somebody chose can be read again after the page was loaded anew. */
export interface Origin {
  /** Of the file, or of a folder that it lies in. */
  readonly handle: FileSystemHandle
  /** From the handle's folder to the file; empty for a file's own handle. */
  readonly within: readonly string[]
}

/** A file that somebody chose or dropped. */
export interface NewUpload {
  readonly file: File
  /** Below the folder it goes to: a file's name, or a path where a folder was dropped. In Unicode's composed form (NFC). */
  readonly path: string
  readonly origin?: Origin | undefined
}

/** What somebody chose or dropped. */
export interface Chosen {
  readonly files: readonly NewUpload[]
  /** Paths of folders without anything in them, each without a slash at its end. */
  readonly emptyFolders: readonly string[]
  /** Names that were left out of the folders. */
  readonly leftOut: readonly string[]
}

/**
 * macOS gives names in decomposed form, in which `é` is two characters. Stored like that, `Résumé.txt` would stand beside
 * the `Résumé.txt` of everybody else, and look the same.
 */
export const newUpload = (file: File, path: string, origin?: Origin): NewUpload => ({
  file,
  path: path.normalize('NFC'),
  origin,
})
