import type { ObjectList } from '@skycrate/contract/objects/schemas'

export interface FolderEntry {
  readonly kind: 'folder'
  readonly name: string
  readonly prefix: string
}

export interface FileEntry {
  readonly kind: 'file'
  readonly name: string
  readonly key: string
  readonly size: number
  readonly lastModified: string
  readonly etag: string
  readonly storageClass: string
}

/** A line of a folder. */
export type Entry = FolderEntry | FileEntry

/**
 * The lines of a folder: its folders, then its files, each in S3's order. An object named as the folder itself is what
 * other tools leave to mark an empty folder, and no line of it.
 */
export function entriesOf(pages: readonly ObjectList[], prefix: string): Entry[] {
  const folders = pages.flatMap(({ prefixes }) =>
    prefixes.map((folder): Entry => ({
      kind: 'folder',
      name: folder.slice(prefix.length).replace(/\/$/, ''),
      prefix: folder,
    })),
  )
  const files = pages.flatMap(({ objects }) =>
    objects
      .filter(({ key }) => key !== prefix)
      .map(({ key, size, lastModified, etag, storageClass }): Entry => ({
        kind: 'file',
        name: key.slice(prefix.length),
        key,
        size,
        lastModified,
        etag,
        storageClass,
      })),
  )
  return [...folders, ...files]
}

export const filesOf = (entries: readonly Entry[]): FileEntry[] =>
  entries.filter((entry): entry is FileEntry => entry.kind === 'file')
