import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { useApp } from '../app/app-context.ts'
import type { Asking } from './asking.ts'
import { clipboard } from './clipboard.ts'
import type { Entry } from './entry.ts'
import { sourcesOf, whatOf } from './sources.ts'
import type { OnConflict } from './transfer-dialog.tsx'
import type { OnFolderDrop } from './use-folder-drop.ts'
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
  readonly drop: OnFolderDrop
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
      attempt(clipped.what, (how) =>
        operations.bring(clipped, { bucket, prefix }, how ?? (isHere ? 'keep-both' : undefined)),
      )
    },
    drop(kind, { from, entries }, to) {
      const dropped = { kind, from, sources: sourcesOf(entries), what: whatOf(entries) }
      attempt(dropped.what, (how) => operations.bring(dropped, to, how))
    },
  }
}
