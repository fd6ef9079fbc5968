import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** A copy of the whole index as it was after the entry `position` of the journal. */
export interface BaseFile {
  readonly path: string
  readonly position: number
}

export const basePath = (directory: string, position: number): string =>
  join(directory, `base-${String(position).padStart(16, '0')}.sqlite`)

/** The bases of a journal's directory, the newest first. */
export const listBases = async (directory: string): Promise<readonly BaseFile[]> => {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .filter((name) => /^base-[0-9]{16}\.sqlite$/.test(name))
    .toSorted()
    .toReversed()
    .map((name) => ({ path: join(directory, name), position: Number(name.slice(5, 21)) }))
}
