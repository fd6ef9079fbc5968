import MoreVert from '@mui/icons-material/MoreVert'
import IconButton from '@mui/material/IconButton'
import ListItemIcon from '@mui/material/ListItemIcon'
import Menu from '@mui/material/Menu'
import MenuItem from '@mui/material/MenuItem'
import { type ReactElement, type ReactNode, useState } from 'react'

/** What can be done to a row. List only what the person may do. */
export interface RowAction {
  readonly label: string
  readonly icon?: ReactNode
  /** Shown in the colour of danger. */
  readonly destructive?: boolean
  readonly onSelect: () => void
}

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
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={() => setAnchor(null)}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
        transformOrigin={{ vertical: 'top', horizontal: 'right' }}
      >
        {actions.map(({ label, icon, destructive, onSelect }) => (
          <MenuItem
            key={label}
            onClick={() => {
              setAnchor(null)
              onSelect()
            }}
            sx={destructive ? { color: 'error.main' } : {}}
          >
            {icon !== undefined && <ListItemIcon sx={{ color: 'inherit' }}>{icon}</ListItemIcon>}
            {label}
          </MenuItem>
        ))}
      </Menu>
    </>
  )
}
