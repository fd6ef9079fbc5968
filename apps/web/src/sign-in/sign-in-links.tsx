import Box from '@mui/material/Box'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { toForgotPassword, toLocations, toSignUp } from '../paths.ts'
import { RouterLink } from '../ui/router-link.tsx'
import { signUpQuery } from './sign-up-query.ts'

/** What else people without a password can do. */
export function SignInLinks(): ReactElement {
  const { api } = useApp()
  const { data: options } = useQuery(signUpQuery(api))
  return (
    <Box
      sx={{ display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', gap: 1, mt: 2, typography: 'body2' }}
    >
      <RouterLink {...toForgotPassword()}>Forgot your password?</RouterLink>
      {options !== undefined && options.mode !== 'closed' && <RouterLink {...toSignUp()}>Create an account</RouterLink>}
      {options?.guests === true && <RouterLink {...toLocations()}>Continue without signing in</RouterLink>}
    </Box>
  )
}
