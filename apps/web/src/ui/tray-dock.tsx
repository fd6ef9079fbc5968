import Box from '@mui/material/Box'
import type { ReactElement, ReactNode } from 'react'

/** Where trays stand: beside each other, on phones one above the other. */
export function TrayDock({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <Box
      sx={{
        position: 'fixed',
        // Below dialogs, which ask for an answer.
        zIndex: 'appBar',
        right: { xs: 8, md: 24 },
        bottom: { xs: 'calc(68px + env(safe-area-inset-bottom))', md: 24 },
        maxWidth: { xs: 'calc(100vw - 16px)', md: 'calc(100vw - 48px)' },
        maxHeight: 'calc(100dvh - 140px)',
        display: 'flex',
        flexDirection: { xs: 'column-reverse', md: 'row-reverse' },
        alignItems: 'flex-end',
        gap: { xs: 1, md: 2 },
        // The page behind it can be used.
        pointerEvents: 'none',
        '& > *': { pointerEvents: 'auto' },
      }}
    >
      {children}
    </Box>
  )
}
