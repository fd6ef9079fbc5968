import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes the entries of a directory (new names, renames) survive a power loss. */
export const syncDirectory = async (path: string): Promise<void> => {
  // Windows can't open directories; its file systems journal their entries.
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the bytes of a file that was written by other means survive a power loss. */
export const syncFile = async (path: string): Promise<void> => {
  // Windows syncs only what may be written.
  const handle = await open(path, process.platform === 'win32' ? 'r+' : 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes a whole small file so that after a crash either the old or the new content is there. */
export const writeDurableFile = async (path: string, content: string, mode: number): Promise<void> => {
  const temporary = `${path}.new`
  const handle = await open(temporary, 'w', mode)
  try {
    // One that a crash left has the mode that it had.
    await handle.chmod(mode)
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, path)
  await syncDirectory(dirname(path))
}
