import Box from '@mui/material/Box'
import Paper from '@mui/material/Paper'
import Typography from '@mui/material/Typography'
import type { ReactElement, ReactNode } from 'react'
import { Brand } from '../shell/brand.tsx'
import { usePageTitle } from '../ui/page-title.ts'

/** Around the pages of people who are not signed in. */
export function EntryFrame({
  title,
  children,
}: {
  readonly title: string
  readonly children: ReactNode
}): ReactElement {
  usePageTitle(title)
  return (
    <Box component="main" sx={{ minHeight: '100%', display: 'grid', placeItems: 'center', p: 2 }}>
      <Paper variant="outlined" sx={{ width: '100%', maxWidth: 420, p: { xs: 3, sm: 4 }, borderRadius: 1.5 }}>
        <Brand />
        <Typography variant="h1" sx={{ mt: 3, mb: 2.5 }}>
          {title}
        </Typography>
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>{children}</Box>
      </Paper>
    </Box>
  )
}
