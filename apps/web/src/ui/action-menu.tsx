import ListItemIcon from '@mui/material/ListItemIcon'
import Menu, { type MenuProps } from '@mui/material/Menu'
import MenuItem from '@mui/material/MenuItem'
import type { ReactElement } from 'react'
import type { MenuAction } from './menu-action.ts'

export interface ActionMenuProps extends Pick<MenuProps, 'anchorOrigin' | 'transformOrigin'> {
  readonly actions: readonly MenuAction[]
  /** Open as long as there is one: a button, or a place in the window. */
  readonly anchor: HTMLElement | { readonly left: number; readonly top: number } | null
  /** What a screen reader calls it; default: nothing. */
  readonly label?: string | undefined
  readonly onClose: () => void
}

/** What can be done, in a menu at the button that opened it, or where the right button was pressed. */
export function ActionMenu({ actions, anchor, label, onClose, ...place }: ActionMenuProps): ReactElement {
  const isPlace = anchor !== null && !(anchor instanceof HTMLElement)
  return (
    <Menu
      open={anchor !== null}
      onClose={onClose}
      {...(isPlace ? { anchorReference: 'anchorPosition', anchorPosition: anchor } : { anchorEl: anchor, ...place })}
      {...(label !== undefined && { slotProps: { list: { 'aria-label': label } } })}
      // The right button again closes it, rather than open the browser's own.
      onContextMenu={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      {actions.map(({ label: name, icon, destructive, onSelect }) => (
        <MenuItem
          key={name}
          onClick={() => {
            onClose()
            onSelect()
          }}
          sx={destructive ? { color: 'error.main' } : {}}
        >
          {icon !== undefined && <ListItemIcon sx={{ color: 'inherit' }}>{icon}</ListItemIcon>}
          {name}
        </MenuItem>
      ))}
    </Menu>
  )
}
