import { type DragEvent, type DragEventHandler, useRef } from 'react'
import { DRAG_TYPE, dragged, type Dragged } from './dragged.ts'
import type { Place } from './transfer-dialog.tsx'

export type OnFolderDrop = (kind: 'copy' | 'move', what: Dragged, to: Place) => void

interface FolderDrop {
  /** The folder under the pointer, and the element that is marked meanwhile. */
  readonly folderAt: (target: Element) => { readonly place: Place; readonly element: HTMLElement } | undefined
  /** Undefined where nothing may be dropped. */
  readonly onDrop: OnFolderDrop | undefined
}

export type DropHandlers = Readonly<Record<'onDragOver' | 'onDragLeave' | 'onDrop', DragEventHandler<HTMLElement>>>

/** Entries are dropped on a folder: moved, or copied with Ctrl. For the element around the folders. */
export function useFolderDrop({ folderAt, onDrop }: FolderDrop): DropHandlers {
  const marked = useRef<HTMLElement>(undefined)
  const mark = (element: HTMLElement | undefined): void => {
    if (marked.current === element) return
    delete marked.current?.dataset['dropTarget']
    marked.current = element
    if (element) element.dataset['dropTarget'] = 'true'
  }
  const dropAt = (event: DragEvent) => {
    const what = dragged.get()
    if (!onDrop || !what || !event.dataTransfer.types.includes(DRAG_TYPE)) return undefined
    const kind: 'copy' | 'move' = event.ctrlKey || event.altKey ? 'copy' : 'move'
    const folder = event.target instanceof Element ? folderAt(event.target) : undefined
    return folder && isWelcome(kind, what, folder.place) ? { ...folder, kind, what, onDrop } : undefined
  }
  return {
    onDragOver(event) {
      const drop = dropAt(event)
      mark(drop?.element)
      if (!drop) return
      event.preventDefault()
      event.dataTransfer.dropEffect = drop.kind
    },
    onDragLeave: () => mark(undefined),
    onDrop(event) {
      mark(undefined)
      const drop = dropAt(event)
      if (!drop) return
      event.preventDefault()
      dragged.set(undefined)
      drop.onDrop(drop.kind, drop.what, drop.place)
    },
  }
}

/** A folder goes neither into itself nor into what is below it; and nothing goes where it lies. */
function isWelcome(kind: 'copy' | 'move', { from, entries, canCopy, canMove }: Dragged, to: Place): boolean {
  if (!(kind === 'copy' ? canCopy : canMove)) return false
  if (from.bucket !== to.bucket) return true
  return (
    from.prefix !== to.prefix && !entries.some((entry) => entry.kind === 'folder' && to.prefix.startsWith(entry.prefix))
  )
}
