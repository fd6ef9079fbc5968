import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurableFile } from './durable-file.ts'

/** What a data directory says of itself. */
export interface StoreMarker {
  /** 32 hex digits, the same in a store and in its backups. */
  readonly id: string
  /** Versions of every key in the key file, as of the last look at it. */
  readonly keys: readonly string[]
  /** There in a backup on which no server has run yet: the next backup of the store may bring it up to date. */
  readonly isBackup?: true
}

const markerPath = (directory: string): string => join(directory, 'store.json')

const isMarker = (value: unknown): value is StoreMarker => {
  const { id, keys } = (value ?? {}) as Partial<StoreMarker>
  return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) && Array.isArray(keys)
}

/** Undefined where there is none. @throws Error for one that can't be understood */
export const readMarker = async (directory: string): Promise<StoreMarker | undefined> => {
  const path = markerPath(directory)
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (!(error instanceof SyntaxError)) throw error
  }
  if (isMarker(value)) return value
  throw new Error(`${path} is damaged. Delete it if the directory is a store: the next start writes it again.`)
}

/** After a crash either the old or the new one is there. */
export const writeMarker = (directory: string, marker: StoreMarker): Promise<void> =>
  writeDurableFile(markerPath(directory), `${JSON.stringify(marker, undefined, 2)}\n`, 0o600)
