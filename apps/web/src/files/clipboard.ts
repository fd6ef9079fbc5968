import type { Place } from './transfer-dialog.tsx'
import type { Sources } from './sources.ts'

/** What was copied or cut, to be pasted in another folder. */
export interface Clipped {
  readonly kind: 'copy' | 'move'
  /** The folder that it lies in. */
  readonly from: Place
  readonly sources: Sources
  /** What it is called, such as "3 items". */
  readonly what: string
}

let clipped: Clipped | undefined

/** Outlives the folder's page: one copies here and pastes there. It ends with the page's script. */
export const clipboard = {
  get: (): Clipped | undefined => clipped,
  set(next: Clipped | undefined): void {
    clipped = next
  },
}
