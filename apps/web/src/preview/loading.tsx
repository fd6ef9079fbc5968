import Box from '@mui/material/Box'
import CircularProgress from '@mui/material/CircularProgress'
import type { ReactElement } from 'react'

export function Loading(): ReactElement {
  return (
    <Box role="status" aria-label="Loading the preview" sx={{ m: 'auto' }}>
      <CircularProgress aria-hidden />
    </Box>
  )
}
