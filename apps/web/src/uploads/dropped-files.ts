import type { Drop } from './drop.ts'
import { type Chosen, type NewUpload, newUpload, type Origin } from './new-upload.ts'
import { OF_THE_SYSTEM } from './system-files.ts'

/** Files of one folder that are looked at at once. */
const AT_ONCE = 64

interface Found {
  readonly files: NewUpload[]
  readonly emptyFolders: string[]
  readonly leftOut: string[]
}

/** The files of a drop, those in dropped folders under their paths. */
export async function droppedFiles({ items, files }: Drop): Promise<Chosen> {
  if (items.every(({ entry }) => entry === null)) {
    return { files: files.map((file) => newUpload(file, file.name)), emptyFolders: [], leftOut: [] }
  }
  const found: Found = { files: [], emptyFolders: [], leftOut: [] }
  for (const { entry, handle } of items) {
    if (entry) await collect(entry, (await handle?.catch(() => undefined)) ?? undefined, [], found)
  }
  return found
}

/** @param within the way from the dropped folder to the entry */
async function collect(
  entry: FileSystemEntry,
  handle: FileSystemHandle | undefined,
  within: readonly string[],
  found: Found,
): Promise<void> {
  const path = entry.fullPath.replace(/^\/+/, '')
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    const origin: Origin | undefined = handle && { handle, within }
    found.files.push(newUpload(file, path, origin))
    return
  }
  if (!isDirectory(entry)) return
  const reader = entry.createReader()
  for (let count = 0; ;) {
    // A reader gives about a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) {
      if (count === 0) found.emptyFolders.push(path.normalize('NFC'))
      return
    }
    const ours = some.filter(({ name }) => !OF_THE_SYSTEM.has(name))
    found.leftOut.push(...some.filter((each) => !ours.includes(each)).map(({ name }) => name))
    count += ours.length
    for (let at = 0; at < ours.length; at += AT_ONCE) {
      const together = ours.slice(at, at + AT_ONCE)
      await Promise.all(together.map((child) => collect(child, handle, [...within, child.name], found)))
    }
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
