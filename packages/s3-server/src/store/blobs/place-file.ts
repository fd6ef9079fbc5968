import { constants, copyFile, link, rename, stat, unlink } from 'node:fs/promises'
import { syncFile } from '../durable-file.ts'

const sizeOf = async (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    },
  )

/**
 * Makes `to` have what `from` has: the same file under a second name, or with `copy`, and across file systems, one of its
 * own, synced. What is there already with the right size stays: blobs never change. False when `from` is gone.
 */
export const placeFile = async (from: string, to: string, copy: boolean): Promise<boolean> => {
  const size = await sizeOf(from)
  if (size === undefined) return false
  if ((await sizeOf(to)) === size) return true
  try {
    if (!copy) {
      try {
        await link(from, to)
        return true
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EEXIST') await unlink(to)
        else if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP') throw error
      }
    }
    const temporary = `${to}.part`
    await copyFile(from, temporary, constants.COPYFILE_FICLONE)
    await syncFile(temporary)
    await rename(temporary, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && (await sizeOf(from)) === undefined) return false
    throw error
  }
}
