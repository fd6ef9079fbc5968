/** A file that somebody chose or dropped. */
export interface NewUpload {
  readonly file: File
  /** Below the folder it goes to: a file's name, or a path where a folder was dropped. In Unicode's composed form (NFC). */
  readonly path: string
}

/**
 * macOS gives names in decomposed form, in which `é` is two characters. Stored like that, `Résumé.txt` would stand beside
 * the `Résumé.txt` of everybody else, and look the same.
 */
export const newUpload = (file: File, path: string): NewUpload => ({ file, path: path.normalize('NFC') })
