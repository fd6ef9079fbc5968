import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Paper from '@mui/material/Paper'
import Typography from '@mui/material/Typography'
import { useRouter } from '@tanstack/react-router'
import { type ReactElement, useEffect } from 'react'
import { toFiles } from '../paths.ts'
import { Brand } from '../shell/brand.tsx'
import { usePageTitle } from '../ui/page-title.ts'

/** Where a sign-in at an issuer ends that a page began in another window, to go on itself. */
export function SignedInPage(): ReactElement {
  const router = useRouter()
  usePageTitle('Signed in')
  // The page that waits is told by main.tsx. Browsers close only windows that a page opened.
  useEffect(() => window.close(), [])
  return (
    <Box component="main" sx={{ minHeight: '100%', display: 'grid', placeItems: 'center', p: 2 }}>
      <Paper variant="outlined" sx={{ width: '100%', maxWidth: 400, p: { xs: 3, sm: 4 }, borderRadius: 1.5 }}>
        <Brand />
        <Typography variant="h1" sx={{ mt: 3, mb: 1 }}>
          You are signed in
        </Typography>
        <Typography color="textSecondary" sx={{ mb: 2.5 }}>
          Close this window and continue where you left off.
        </Typography>
        <Button variant="outlined" onClick={() => void router.navigate(toFiles())}>
          Go to your files
        </Button>
      </Paper>
    </Box>
  )
}
