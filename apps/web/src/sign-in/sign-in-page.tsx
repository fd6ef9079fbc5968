import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Paper from '@mui/material/Paper'
import TextField from '@mui/material/TextField'
import Typography from '@mui/material/Typography'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { toFiles } from '../paths.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { Brand } from '../shell/brand.tsx'
import { usePageTitle } from '../ui/page-title.ts'

const route = getRouteApi('/sign-in')

// On the input alone: where all of a form is required, its labels need no asterisks.
const REQUIRED = { htmlInput: { required: true } } as const

export function SignInPage(): ReactElement {
  const { api } = useApp()
  const router = useRouter()
  const { next } = route.useSearch()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  usePageTitle('Sign in')

  const signIn = useMutation({
    mutationFn: () => api.login({ email: email.trim(), password }),
    onSuccess: () => (next === undefined ? router.navigate(toFiles()) : router.navigate({ href: next })),
  })

  return (
    <Box component="main" sx={{ minHeight: '100%', display: 'grid', placeItems: 'center', p: 2 }}>
      <Paper variant="outlined" sx={{ width: '100%', maxWidth: 400, p: { xs: 3, sm: 4 }, borderRadius: 1.5 }}>
        <Brand />
        <Typography variant="h1" sx={{ mt: 3, mb: 2.5 }}>
          Sign in
        </Typography>
        <Box
          component="form"
          onSubmit={(event) => {
            event.preventDefault()
            signIn.mutate()
          }}
          sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}
        >
          {signIn.isError && <ProblemAlert error={signIn.error} />}
          <TextField
            name="email"
            type="email"
            label="E-mail"
            autoComplete="username"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            autoFocus
            slotProps={REQUIRED}
          />
          <TextField
            name="password"
            type="password"
            label="Password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            slotProps={REQUIRED}
          />
          <Button type="submit" variant="contained" size="large" loading={signIn.isPending}>
            Sign in
          </Button>
        </Box>
      </Paper>
    </Box>
  )
}
