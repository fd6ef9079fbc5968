import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { ReactElement, ReactNode } from 'react'
import { usePageTitle } from './page-title.ts'

interface PageProps {
  readonly title: string
  /** What stands above the content instead of the bare title. */
  readonly heading?: ReactNode
  /** A sentence under the title that says what the page is for. */
  readonly description?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** The frame of every signed-in page; what is below the heading fills the rest of the window. */
export function Page({ title, heading, description, actions, children }: PageProps): ReactElement {
  usePageTitle(title)
  return (
    <Box
      component="main"
      // Takes the focus when what had it is gone.
      tabIndex={-1}
      sx={{
        flex: 1,
        minWidth: 0,
        minHeight: 0,
        display: 'flex',
        flexDirection: 'column',
        overflowY: 'auto',
        px: { xs: 2, md: 4 },
        pb: 2,
        outline: 'none',
      }}
    >
      <Box
        sx={{
          display: 'flex',
          alignItems: 'center',
          justifyContent: 'space-between',
          flexWrap: 'wrap',
          columnGap: 2,
          rowGap: 1,
          minHeight: { xs: 56, md: 80 },
          pt: { xs: 1, md: description === undefined ? 1 : 2.5 },
          pb: description === undefined ? 1 : 2,
          flexShrink: 0,
        }}
      >
        <Box sx={{ minWidth: 0, flex: { xs: heading === undefined ? '1 1 200px' : '1 1 100%', md: '1 1 200px' } }}>
          {heading ?? (
            <Typography variant="h1" noWrap>
              {title}
            </Typography>
          )}
          {description !== undefined && (
            <Typography variant="body2" color="textSecondary" sx={{ mt: 0.25, maxWidth: 720 }}>
              {description}
            </Typography>
          )}
        </Box>
        {actions}
      </Box>
      {children}
    </Box>
  )
}
