import type { Entry } from './entry.ts'
import type { Place } from './transfer-dialog.tsx'

/** Tells our own drags from files of the system. */
export const DRAG_TYPE = 'application/x-skycrate-entries'

/** What is dragged from a folder, and what may be done with it. */
export interface Dragged {
  readonly from: Place
  readonly entries: readonly Entry[]
  readonly canCopy: boolean
  readonly canMove: boolean
}

let current: Dragged | undefined

/** A browser tells what is dragged only once it is dropped, and until then what it is. */
export const dragged = {
  get: (): Dragged | undefined => current,
  set(next: Dragged | undefined): void {
    current = next
  },
}
