import type { NewUpload } from './new-upload.ts'

/** The files of a drop, those in dropped folders under their paths. Empty folders have nothing to upload. */
export async function droppedFiles(data: DataTransfer): Promise<NewUpload[]> {
  // All at once: the items of a drop are gone with its event.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry())
  if (entries.every((entry) => entry === null)) return [...data.files].map((file) => ({ file, path: file.name }))
  const found = await Promise.all(entries.flatMap((entry) => (entry ? [filesIn(entry)] : [])))
  return found.flat()
}

async function filesIn(entry: FileSystemEntry): Promise<NewUpload[]> {
  const path = entry.fullPath.replace(/^\/+/, '')
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ file, path }]
  }
  if (!isDirectory(entry)) return []
  const reader = entry.createReader()
  const found: NewUpload[] = []
  for (;;) {
    // A reader gives about a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return found
    for (const child of some) found.push(...(await filesIn(child)))
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
