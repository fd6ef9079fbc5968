import MoreVert from '@mui/icons-material/MoreVert'
import IconButton from '@mui/material/IconButton'
import { type ReactElement, useState } from 'react'
import { LateMenu } from './late-menu.tsx'
import type { MenuAction } from './menu-action.ts'

/** What can be done to a row. List only what the person may do. */
export type RowAction = MenuAction

interface RowActionsProps {
  readonly actions: readonly RowAction[]
  /** What a screen reader says the menu is for. */
  readonly rowName: string
}

export function RowActions({ actions, rowName }: RowActionsProps): ReactElement | null {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  if (actions.length === 0) return null
  return (
    <>
      <IconButton
        size="small"
        aria-label={`Actions for ${rowName}`}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <MoreVert fontSize="small" />
      </IconButton>
      <LateMenu
        actions={actions}
        anchor={anchor}
        onClose={() => setAnchor(null)}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
        transformOrigin={{ vertical: 'top', horizontal: 'right' }}
      />
    </>
  )
}
