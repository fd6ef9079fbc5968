import Box from '@mui/material/Box'
import type { ReactElement, ReactNode } from 'react'

/**
 * The text of a button that shows its icon alone on a phone, and within `data-narrow` where the window is not very wide. The
 * button needs an `aria-label` and a `title`.
 */
export function WideText({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <Box
      component="span"
      sx={{
        display: { xs: 'none', sm: 'inline' },
        '[data-narrow] &': { display: { xs: 'none', xl: 'inline' } },
      }}
    >
      {children}
    </Box>
  )
}
