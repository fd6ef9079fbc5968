import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import TextField from '@mui/material/TextField'
import { useMutation } from '@tanstack/react-query'
import { lazy, type ReactElement, Suspense, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { PasskeySignIn } from '../factors/passkey-sign-in.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'

// Most people have no second factor.
const ChallengeForm = lazy(() =>
  import('../factors/challenge-form.tsx').then((module) => ({ default: module.ChallengeForm })),
)

// On the input alone: where all of a form is required, its labels need no asterisks.
const REQUIRED = { htmlInput: { required: true } } as const

interface SignInFormProps {
  /** Whom it is offered to first. */
  readonly email?: string
  readonly onSignedIn: () => unknown
}

export function SignInForm({ email: known = '', onSignedIn }: SignInFormProps): ReactElement {
  const { api, tabs } = useApp()
  const [email, setEmail] = useState(known)
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => api.login({ email: email.trim(), password }),
    onSuccess: (result) => {
      if (!('challenge' in result)) return signedIn()
    },
  })
  const signedIn = (): unknown => {
    tabs.tell('signed-in')
    return onSignedIn()
  }
  if (signIn.data !== undefined && 'challenge' in signIn.data) {
    return (
      <Suspense fallback={null}>
        <ChallengeForm challenge={signIn.data} submitLabel="Sign in" onAnswered={signedIn} />
        <Button size="small" color="inherit" sx={{ mt: 1 }} fullWidth onClick={() => signIn.reset()}>
          Back
        </Button>
      </Suspense>
    )
  }
  return (
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
        autoFocus={known === ''}
        slotProps={REQUIRED}
      />
      <TextField
        name="password"
        type="password"
        label="Password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoFocus={known !== ''}
        slotProps={REQUIRED}
      />
      <Button type="submit" variant="contained" size="large" loading={signIn.isPending}>
        Sign in
      </Button>
      <PasskeySignIn onSignedIn={signedIn} />
    </Box>
  )
}
