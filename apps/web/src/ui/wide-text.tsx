import Box from '@mui/material/Box'
import type { ReactElement, ReactNode } from 'react'

/** The text of a button that shows its icon alone on a phone. The button needs an `aria-label`. */
export function WideText({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <Box component="span" sx={{ display: { xs: 'none', sm: 'inline' } }}>
      {children}
    </Box>
  )
}
