import type { ReactNode } from 'react'

/** An entry of a menu. */
export interface MenuAction {
  readonly label: string
  readonly icon?: ReactNode
  /** Shown in the colour of danger. */
  readonly destructive?: boolean
  readonly onSelect: () => void
}
