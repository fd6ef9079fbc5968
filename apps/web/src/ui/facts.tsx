import Box from '@mui/material/Box'
import type { ReactElement, ReactNode } from 'react'

/** A list of facts (`Fact`), their names in one column and their values in the other. */
export function Facts({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <Box
      component="dl"
      sx={{
        m: 0,
        display: 'grid',
        gridTemplateColumns: 'minmax(96px, auto) minmax(0, 1fr)',
        columnGap: 2,
        rowGap: 0.75,
        typography: 'body2',
      }}
    >
      {children}
    </Box>
  )
}
