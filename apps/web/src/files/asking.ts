import type { Entry, FileEntry } from './entry.ts'
import type { OnConflict } from './transfer-dialog.tsx'

/** What is asked about some entries of a folder. */
export type Asking =
  | { readonly about: 'new-folder' }
  | { readonly about: 'rename' | 'share' | 'class'; readonly entry: Entry }
  | { readonly about: 'versions' | 'preview' | 'details'; readonly file: FileEntry }
  | { readonly about: 'delete'; readonly entries: readonly Entry[] }
  | { readonly about: 'copy' | 'move'; readonly entries: readonly Entry[] }
  | { readonly about: 'taken'; readonly what: string; readonly again: (how: OnConflict) => Promise<void> }
  | {
      readonly about: 'menu'
      readonly at: { readonly left: number; readonly top: number }
      readonly entries: readonly Entry[]
    }
