import Drawer from '@mui/material/Drawer'
import type { ReactElement, ReactNode } from 'react'

interface PageDrawerProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly children: ReactNode
}

/** All pages, from the lower edge of a narrow window. */
export function PageDrawer({ open, onClose, children }: PageDrawerProps): ReactElement {
  return (
    <Drawer
      anchor="bottom"
      open={open}
      onClose={onClose}
      slotProps={{
        paper: {
          'aria-label': 'All pages',
          sx: {
            p: 2,
            pb: 'calc(16px + env(safe-area-inset-bottom))',
            borderRadius: '16px 16px 0 0',
            maxHeight: '80dvh',
          },
        },
      }}
    >
      {children}
    </Drawer>
  )
}
