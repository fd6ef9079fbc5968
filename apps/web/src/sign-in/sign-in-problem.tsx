import Alert from '@mui/material/Alert'
import type { ReactElement } from 'react'

/** What the address of the sign-in page tells of a sign-in at an issuer, by its error code. */
const MESSAGES: Readonly<Record<string, string>> = {
  'sign-in-expired': 'This sign-in took too long or was used before. Try again.',
  'sign-in-refused': 'The sign-in was refused. Try again, or ask an administrator.',
  'account-suspended': 'Your account is suspended. Ask an administrator.',
  'issuer-unavailable': 'The sign-in service cannot be reached. Try again in a moment.',
  'too-many-requests': 'Too many sign-ins were started. Wait a moment and try again.',
  'not-found': 'This way to sign in is no longer offered. Choose another.',
}

export function SignInProblem({ code }: { readonly code: string }): ReactElement {
  return (
    <Alert severity="error" variant="outlined" sx={{ mb: 2.5 }}>
      {(Object.hasOwn(MESSAGES, code) ? MESSAGES[code] : undefined) ?? 'The sign-in did not succeed. Try again.'}
    </Alert>
  )
}
