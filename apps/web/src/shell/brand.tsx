import Box from '@mui/material/Box'
import type { ReactElement } from 'react'

export function Brand(): ReactElement {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.25, typography: 'h2', fontWeight: 700 }}>
      <img src="/favicon.svg" alt="" width={28} height={28} />
      SkyCrate
    </Box>
  )
}
