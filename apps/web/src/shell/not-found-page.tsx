import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { ReactElement } from 'react'
import { toFiles } from '../paths.ts'
import { RouterLink } from '../ui/router-link.tsx'
import { usePageTitle } from '../ui/page-title.ts'

export function NotFoundPage(): ReactElement {
  usePageTitle('Not found')
  return (
    <Box
      component="main"
      sx={{ minHeight: '100%', display: 'grid', placeContent: 'center', p: 4, textAlign: 'center' }}
    >
      <Typography variant="h1" gutterBottom>
        There is no such page
      </Typography>
      <RouterLink {...toFiles()}>Go to your files</RouterLink>
    </Box>
  )
}
