import { type NewUpload, newUpload } from './new-upload.ts'

export interface Dropped {
  readonly files: readonly NewUpload[]
  /** Names that were left out of the folders. */
  readonly leftOut: readonly string[]
}

/** What systems put into folders for themselves. In macOS the name of a folder's icon ends in a carriage return. */
const OF_THE_SYSTEM: ReadonlySet<string> = new Set(['.DS_Store', 'Icon\r', 'Thumbs.db', 'desktop.ini'])

/** The files of a drop, those in dropped folders under their paths. Empty folders have nothing to upload. */
export async function droppedFiles(data: DataTransfer): Promise<Dropped> {
  // All at once: the items of a drop are gone with its event.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry())
  if (entries.every((entry) => entry === null)) {
    return { files: [...data.files].map((file) => newUpload(file, file.name)), leftOut: [] }
  }
  const leftOut: string[] = []
  const found = await Promise.all(entries.flatMap((entry) => (entry ? [filesIn(entry, leftOut)] : [])))
  return { files: found.flat(), leftOut }
}

async function filesIn(entry: FileSystemEntry, leftOut: string[]): Promise<NewUpload[]> {
  const path = entry.fullPath.replace(/^\/+/, '')
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [newUpload(file, path)]
  }
  if (!isDirectory(entry)) return []
  const reader = entry.createReader()
  const found: NewUpload[] = []
  for (;;) {
    // A reader gives about a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return found
    for (const child of some) {
      if (OF_THE_SYSTEM.has(child.name)) leftOut.push(child.name)
      else found.push(...(await filesIn(child, leftOut)))
    }
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
