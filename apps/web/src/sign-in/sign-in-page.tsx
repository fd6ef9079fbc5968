import Box from '@mui/material/Box'
import Paper from '@mui/material/Paper'
import Typography from '@mui/material/Typography'
import { parsePagePath } from '@skycrate/contract/page-path'
import { useRouter, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { PATHS, toNext } from '../paths.ts'
import { Brand } from '../shell/brand.tsx'
import { usePageTitle } from '../ui/page-title.ts'
import { IssuerButtons } from './issuer-buttons.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { SignInProblem } from './sign-in-problem.tsx'
import { SignInLinks } from './sign-in-links.tsx'

export function SignInPage(): ReactElement {
  const { interruption } = useApp()
  const router = useRouter()
  const { next, problem } = useSearch({ from: '/sign-in' })
  usePageTitle('Sign in')
  return (
    <Box component="main" sx={{ minHeight: '100%', display: 'grid', placeItems: 'center', p: 2 }}>
      <Paper variant="outlined" sx={{ width: '100%', maxWidth: 400, p: { xs: 3, sm: 4 }, borderRadius: 1.5 }}>
        <Brand />
        <Typography variant="h1" sx={{ mt: 3, mb: 2.5 }}>
          Sign in
        </Typography>
        {problem !== undefined && <SignInProblem code={problem} />}
        <IssuerButtons returnTo={parsePagePath(next) ?? PATHS.files} />
        <SignInForm
          onSignedIn={() => {
            interruption.end()
            return router.navigate(toNext(next))
          }}
        />
        <SignInLinks />
      </Paper>
    </Box>
  )
}
