import Box from '@mui/material/Box'
import Paper from '@mui/material/Paper'
import Typography from '@mui/material/Typography'
import type { ReactElement, ReactNode } from 'react'

interface TrayProps {
  readonly label: string
  /** Pixels from the right on wide screens. */
  readonly right: number
  /** Read out when it changes. */
  readonly summary: string
  /** Buttons beside the summary. */
  readonly actions: ReactNode
  /** Lines of the list (`li`). */
  readonly children: ReactNode
}

/** A panel at the lower edge that stays while people move between pages: what goes on in the background. */
export function Tray({ label, right, summary, actions, children }: TrayProps): ReactElement {
  return (
    <Paper
      component="section"
      aria-label={label}
      elevation={8}
      sx={{
        position: 'fixed',
        zIndex: 'snackbar',
        right: { xs: 8, md: right },
        bottom: { xs: 'calc(68px + env(safe-area-inset-bottom))', md: 24 },
        width: 380,
        maxWidth: 'calc(100vw - 16px)',
        maxHeight: 'min(420px, 50dvh)',
        display: 'flex',
        flexDirection: 'column',
        overflow: 'hidden',
        border: 1,
        borderColor: 'divider',
      }}
    >
      <Box
        sx={{
          display: 'flex',
          alignItems: 'center',
          pl: 2,
          pr: 1,
          minHeight: 48,
          borderBottom: 1,
          borderColor: 'divider',
        }}
      >
        <Typography variant="body2" role="status" sx={{ flex: 1, fontWeight: 600 }}>
          {summary}
        </Typography>
        {actions}
      </Box>
      <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', overflow: 'auto' }}>
        {children}
      </Box>
    </Paper>
  )
}
