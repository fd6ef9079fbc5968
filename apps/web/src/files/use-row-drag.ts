import { type DragEvent, type DragEventHandler, useRef } from 'react'
import type { Entry, FolderEntry } from './entry.ts'
import { entryAt, wantedAt } from './use-file-keys.ts'

/** Tells our own drags from files of the system. */
const TYPE = 'application/x-skycrate-entries'

interface RowDrag {
  readonly entries: readonly Entry[]
  readonly selected: readonly Entry[]
  readonly onMove: (kind: 'copy' | 'move', entries: readonly Entry[], to: FolderEntry) => void
}

type Handlers = Readonly<
  Record<'onDragStart' | 'onDragOver' | 'onDragLeave' | 'onDrop' | 'onDragEnd', DragEventHandler<HTMLElement>>
>

/** Rows are dragged onto the row of a folder: moved, or copied with Ctrl. For the element around the rows. */
export function useRowDrag({ entries, selected, onMove }: RowDrag): Handlers {
  const dragged = useRef<readonly Entry[]>([])
  const marked = useRef<HTMLElement>(undefined)
  const mark = (row: HTMLElement | undefined): void => {
    if (marked.current === row) return
    delete marked.current?.dataset['dropTarget']
    marked.current = row
    if (row) row.dataset['dropTarget'] = 'true'
  }
  const folderAt = ({ target }: DragEvent): FolderEntry | undefined => {
    const entry = entryAt(target, entries)
    return entry?.kind === 'folder' && !dragged.current.includes(entry) ? entry : undefined
  }
  return {
    onDragStart(event) {
      dragged.current = wantedAt(event.target, entries, selected)
      if (!entryAt(event.target, entries)) return
      event.dataTransfer.setData(TYPE, String(dragged.current.length))
      event.dataTransfer.effectAllowed = 'copyMove'
    },
    onDragOver(event) {
      if (!event.dataTransfer.types.includes(TYPE)) return
      const folder = folderAt(event)
      mark(
        folder && event.target instanceof Element
          ? (event.target.closest<HTMLElement>('[data-key]') ?? undefined)
          : undefined,
      )
      if (!folder) return
      event.preventDefault()
      event.dataTransfer.dropEffect = event.ctrlKey || event.altKey ? 'copy' : 'move'
    },
    onDragLeave: () => mark(undefined),
    onDrop(event) {
      mark(undefined)
      const folder = folderAt(event)
      if (!event.dataTransfer.types.includes(TYPE) || !folder) return
      event.preventDefault()
      onMove(event.ctrlKey || event.altKey ? 'copy' : 'move', dragged.current, folder)
      dragged.current = []
    },
    onDragEnd() {
      mark(undefined)
      dragged.current = []
    },
  }
}
