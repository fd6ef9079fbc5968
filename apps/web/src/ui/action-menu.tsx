import ListItemIcon from '@mui/material/ListItemIcon'
import Menu, { type MenuProps } from '@mui/material/Menu'
import MenuItem from '@mui/material/MenuItem'
import type { ReactElement } from 'react'
import type { MenuAction } from './menu-action.ts'

export interface ActionMenuProps extends Pick<MenuProps, 'anchorOrigin' | 'transformOrigin'> {
  readonly actions: readonly MenuAction[]
  /** Open as long as there is one. */
  readonly anchor: HTMLElement | null
  readonly onClose: () => void
}

/** What can be done, in a menu at the button that opened it. */
export function ActionMenu({ actions, anchor, onClose, ...place }: ActionMenuProps): ReactElement {
  return (
    <Menu anchorEl={anchor} open={anchor !== null} onClose={onClose} {...place}>
      {actions.map(({ label, icon, destructive, onSelect }) => (
        <MenuItem
          key={label}
          onClick={() => {
            onClose()
            onSelect()
          }}
          sx={destructive ? { color: 'error.main' } : {}}
        >
          {icon !== undefined && <ListItemIcon sx={{ color: 'inherit' }}>{icon}</ListItemIcon>}
          {label}
        </MenuItem>
      ))}
    </Menu>
  )
}
