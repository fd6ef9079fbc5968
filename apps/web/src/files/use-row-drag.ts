import type { DragEventHandler } from 'react'
import { DRAG_TYPE, dragged } from './dragged.ts'
import type { Entry } from './entry.ts'
import type { Place } from './transfer-dialog.tsx'
import { entryAt, wantedAt } from './use-file-keys.ts'
import { type DropHandlers, type OnFolderDrop, useFolderDrop } from './use-folder-drop.ts'

interface RowDrag {
  /** The folder whose entries are shown. */
  readonly place: Place
  readonly entries: readonly Entry[]
  readonly selected: readonly Entry[]
  readonly canCopy: boolean
  readonly canMove: boolean
  /** Undefined where nothing may be dropped. */
  readonly onDrop: OnFolderDrop | undefined
}

type Handlers = DropHandlers & Readonly<Record<'onDragStart' | 'onDragEnd', DragEventHandler<HTMLElement>>>

/** Rows are dragged onto the row of a folder, or another folder on the page. For the element around the rows. */
export function useRowDrag({ place, entries, selected, canCopy, canMove, onDrop }: RowDrag): Handlers {
  const drop = useFolderDrop({
    onDrop,
    folderAt(target) {
      const entry = entryAt(target, entries)
      const element = target.closest<HTMLElement>('[data-key]')
      if (entry?.kind !== 'folder' || !element) return undefined
      return { place: { bucket: place.bucket, prefix: entry.prefix }, element }
    },
  })
  return {
    ...drop,
    onDragStart(event) {
      if (!entryAt(event.target, entries)) return
      dragged.set({ from: place, entries: wantedAt(event.target, entries, selected), canCopy, canMove })
      event.dataTransfer.setData(DRAG_TYPE, 'entries')
      event.dataTransfer.effectAllowed = 'copyMove'
    },
    onDragEnd: () => dragged.set(undefined),
  }
}
