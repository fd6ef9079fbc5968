import { type Chosen, type NewUpload, newUpload } from './new-upload.ts'
import { OF_THE_SYSTEM } from './system-files.ts'

/** Files of one folder that are opened at once. */
const AT_ONCE = 64

/** Of the browsers that give handles, by which files can be read again after a reload. */
interface Pickers {
  showOpenFilePicker?(options: { readonly multiple: boolean }): Promise<FileSystemFileHandle[]>
  showDirectoryPicker?(): Promise<FileSystemDirectoryHandle>
}

const pickers = window as Window & Pickers

/** Asks for files. @returns undefined where the person chose none */
export async function pickFiles(): Promise<Chosen | undefined> {
  const handles = await unlessCancelled(pickers.showOpenFilePicker?.({ multiple: true }))
  if (!handles) return undefined
  const files = await Promise.all(
    handles.map(async (handle) => newUpload(await handle.getFile(), handle.name, { handle, within: [] })),
  )
  return { files, emptyFolders: [], leftOut: [] }
}

/** Asks for a folder. @returns all that is in it, empty folders too; undefined where the person chose none */
export async function pickFolder(): Promise<Chosen | undefined> {
  const root = await unlessCancelled(pickers.showDirectoryPicker?.())
  if (!root) return undefined
  const found = { files: [] as NewUpload[], emptyFolders: [] as string[], leftOut: [] as string[] }
  await collect(root, root, [], found)
  return found
}

/** What an `<input type="file">` gives; one for folders tells of no empty ones. */
export function filesOfInput(files: readonly File[]): Chosen {
  const isOurs = ({ name, webkitRelativePath }: File): boolean => webkitRelativePath === '' || !OF_THE_SYSTEM.has(name)
  return {
    files: files.filter(isOurs).map((file) => newUpload(file, file.webkitRelativePath || file.name)),
    emptyFolders: [],
    leftOut: files.filter((file) => !isOurs(file)).map(({ name }) => name),
  }
}

async function collect(
  root: FileSystemDirectoryHandle,
  folder: FileSystemDirectoryHandle,
  within: readonly string[],
  found: { files: NewUpload[]; emptyFolders: string[]; leftOut: string[] },
): Promise<void> {
  const pathOf = (names: readonly string[]): string => [root.name, ...names].join('/')
  const inside: FileSystemHandle[] = []
  for await (const handle of folder.values()) {
    if (OF_THE_SYSTEM.has(handle.name)) {
      found.leftOut.push(handle.name)
      continue
    }
    inside.push(handle)
  }
  for (let at = 0; at < inside.length; at += AT_ONCE) {
    const files = inside.slice(at, at + AT_ONCE).filter(isFile)
    const read = await Promise.all(files.map((handle) => handle.getFile()))
    for (const [index, { name }] of files.entries()) {
      const [file, names] = [read[index], [...within, name]]
      if (file) found.files.push(newUpload(file, pathOf(names), { handle: root, within: names }))
    }
  }
  for (const handle of inside.filter(isDirectory)) await collect(root, handle, [...within, handle.name], found)
  if (inside.length === 0) found.emptyFolders.push(pathOf(within).normalize('NFC'))
}

const isFile = (handle: FileSystemHandle): handle is FileSystemFileHandle => handle.kind === 'file'
const isDirectory = (handle: FileSystemHandle): handle is FileSystemDirectoryHandle => handle.kind === 'directory'

async function unlessCancelled<T>(picked: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await picked
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    throw error
  }
}
