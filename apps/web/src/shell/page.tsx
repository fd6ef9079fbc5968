import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { ReactElement, ReactNode } from 'react'
import { usePageTitle } from './page-title.ts'

interface PageProps {
  readonly title: string
  /** What stands above the content instead of the bare title. */
  readonly heading?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** The frame of every signed-in page; what is below the heading fills the rest of the window. */
export function Page({ title, heading, actions, children }: PageProps): ReactElement {
  usePageTitle(title)
  return (
    <Box
      component="main"
      sx={{ flex: 1, minWidth: 0, minHeight: 0, display: 'flex', flexDirection: 'column', px: { xs: 2, md: 4 }, pb: 2 }}
    >
      <Box
        sx={{
          display: 'flex',
          alignItems: 'center',
          justifyContent: 'space-between',
          gap: 2,
          minHeight: { xs: 56, md: 80 },
          flexShrink: 0,
        }}
      >
        {heading ?? (
          <Typography variant="h1" noWrap>
            {title}
          </Typography>
        )}
        {actions}
      </Box>
      {children}
    </Box>
  )
}
