import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { useApp } from '../app/app-context.ts'
import type { Asking } from './asking.ts'
import { clipboard } from './clipboard.ts'
import type { Entry, FolderEntry } from './entry.ts'
import { sourcesOf, whatOf } from './sources.ts'
import type { OnConflict } from './transfer-dialog.tsx'
import type { FileOperations } from './use-operations.ts'

interface Use {
  readonly bucket: string
  readonly prefix: string
  readonly operations: FileOperations
  readonly onAsk: (asking: Asking) => void
  readonly onFailed: (error: unknown) => void
}

/** Cut, copied and dragged: what brings files to another folder without a dialog, unless a name is taken there. */
export function usePaste({ bucket, prefix, operations, onAsk, onFailed }: Use): {
  readonly clip: (kind: 'copy' | 'move') => (wanted: readonly Entry[]) => void
  readonly paste: () => void
  readonly drop: (kind: 'copy' | 'move', wanted: readonly Entry[], to: FolderEntry) => void
} {
  const { toasts } = useApp()
  const attempt = (what: string, work: (how?: OnConflict) => Promise<void>): void => {
    onFailed(undefined)
    work().catch((error: unknown) => {
      const isTaken = error instanceof SkyCrateError && error.code === 'precondition-failed'
      if (!isTaken) return onFailed(error)
      onAsk({ about: 'taken', what, again: work })
    })
  }
  return {
    clip: (kind) => (wanted) => {
      const what = whatOf(wanted)
      clipboard.set({ kind, from: { bucket, prefix }, sources: sourcesOf(wanted), what })
      toasts.show(`${kind === 'copy' ? 'Copied' : 'Cut'} ${what}. Paste with Ctrl+V in another folder.`)
    },
    paste() {
      const clipped = clipboard.get()
      if (!clipped) return
      const { kind, from } = clipped
      const isHere = from.bucket === bucket && from.prefix === prefix
      if (isHere && kind === 'move') return
      if (kind === 'move') clipboard.set(undefined)
      attempt(clipped.what, (how) => operations.paste(clipped, how ?? (isHere ? 'keep-both' : undefined)))
    },
    drop: (kind, wanted, to) =>
      attempt(whatOf(wanted), (how) => operations.transfer(kind, wanted, { bucket, prefix: to.prefix }, how)),
  }
}
