import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import type { Asking } from './asking.ts'
import type { Entry, FileEntry } from './entry.ts'
import type { FileOperations } from './use-operations.ts'

interface Use {
  readonly bucket: string
  readonly operations: FileOperations
  /** Whether a deletion can be taken back: then it is done without a question. */
  readonly canUndo: boolean
  readonly onAsk: (asking: Asking) => void
  readonly onFailed: (error: unknown) => void
}

/** Deletes entries, or asks first. */
export function useDeletion({ bucket, operations, canUndo, onAsk, onFailed }: Use): (wanted: readonly Entry[]) => void {
  const { api, queries, refreshListings, toasts } = useApp()
  const deleteFile = async ({ key, name }: FileEntry): Promise<void> => {
    const refresh = (): void => {
      refreshListings(bucket, key)
      void queries.invalidateQueries({ queryKey: [KEYS.starred] })
    }
    onFailed(undefined)
    await api.deleteObject(bucket, key)
    refresh()
    toasts.show(`Deleted ${name}`, {
      undo: async () => {
        await api.restoreObject({ bucket, key })
        refresh()
      },
    })
  }
  return (wanted) => {
    const [only] = wanted
    const plain = wanted.every(({ kind }) => kind === 'file')
    if (!canUndo || !plain) return onAsk({ about: 'delete', entries: wanted })
    const deleted = wanted.length === 1 && only?.kind === 'file' ? deleteFile(only) : operations.remove(wanted, true)
    deleted.catch(onFailed)
  }
}
