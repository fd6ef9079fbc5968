import CircularProgress from '@mui/material/CircularProgress'
import Box from '@mui/material/Box'
import type { ReactElement } from 'react'

export function PendingPage(): ReactElement {
  return (
    <Box sx={{ flex: 1, minHeight: 200, height: '100%', display: 'grid', placeItems: 'center' }}>
      <CircularProgress aria-label="Loading" />
    </Box>
  )
}
