import { copyName } from '../uploads/copy-name.ts'

/** What no Windows file may be called, whatever its extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

/** One segment of a path as every system takes it, and that leads nowhere else. */
export function safeSegment(segment: string): string {
  const plain = segment
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- these are what is replaced
    .replaceAll(/[\u0000-\u001f\u007f<>:"|?*\\/]/g, '_')
    .replace(/[. ]+$/, (end) => '_'.repeat(end.length))
  return plain === '' ? '_' : RESERVED.test(plain) ? `_${plain}` : plain
}

/**
 * Names in a zip file for the keys of objects: below the folder into which it is unpacked, and each only once, also where
 * upper and lower case are the same.
 */
export interface ZipNames {
  /** @param path below the folder that is downloaded; ends in '/' for a folder, whose name does so, too */
  nameOf(path: string): string
}

export function createZipNames(): ZipNames {
  const taken = new Set<string>()
  /** The folders' names in the zip file, by their own. */
  const folders = new Map<string, string>()

  const unused = (name: string): string => {
    let free = name
    for (let count = 1; taken.has(free.toLowerCase()); count += 1) free = copyName(name, count)
    taken.add(free.toLowerCase())
    return free
  }
  const folderOf = (path: string): string => {
    const known = folders.get(path)
    if (known !== undefined) return known
    const start = path.slice(0, -1).lastIndexOf('/') + 1
    const name = `${unused(`${start === 0 ? '' : folderOf(path.slice(0, start))}${safeSegment(path.slice(start, -1))}`)}/`
    folders.set(path, name)
    return name
  }

  return {
    nameOf(path) {
      if (path.endsWith('/')) return folderOf(path)
      const start = path.lastIndexOf('/') + 1
      return unused(`${start === 0 ? '' : folderOf(path.slice(0, start))}${safeSegment(path.slice(start))}`)
    },
  }
}
