import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import TextField from '@mui/material/TextField'
import type { Me } from '@skycrate/contract/auth/schemas'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { ChallengeForm } from '../factors/challenge-form.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'

/** As the API has it (`PasswordChange` of the contract). */
const MIN_LENGTH = 15

// On the input alone: where all of a form is required, its labels need no asterisks.
const REQUIRED = { htmlInput: { required: true } } as const

interface ChangePasswordDialogProps {
  readonly me: Me
  readonly onClose: () => void
}

export function ChangePasswordDialog({ me, onClose }: ChangePasswordDialogProps): ReactElement {
  const { api } = useApp()
  const titleId = useId()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [repeated, setRepeated] = useState('')
  const [isAnswered, setIsAnswered] = useState(false)

  const change = useMutation({
    mutationFn: async () => {
      await api.changePassword({ currentPassword: current, newPassword: next })
      // The change ended every session, this one too.
      return me.email === null ? undefined : api.login({ email: me.email, password: next })
    },
  })
  const wrong = change.error instanceof SkyCrateError && change.error.code === 'invalid-credentials'
  const tooShort = next !== '' && next.length < MIN_LENGTH
  const differs = repeated !== '' && repeated !== next

  if (change.data !== undefined && 'challenge' in change.data && !isAnswered) {
    return (
      <Dialog open aria-labelledby={titleId} fullWidth maxWidth="xs">
        <DialogTitle id={titleId}>Password changed</DialogTitle>
        <DialogContent>
          <ChallengeForm challenge={change.data} submitLabel="Sign in" onAnswered={() => setIsAnswered(true)} />
        </DialogContent>
      </Dialog>
    )
  }
  if (change.isSuccess) {
    return (
      <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="xs">
        <DialogTitle id={titleId}>Password changed</DialogTitle>
        <DialogContent>
          <Alert severity="success" variant="outlined">
            Everywhere else, sign in again with the new password.
          </Alert>
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose} autoFocus>
            Close
          </Button>
        </DialogActions>
      </Dialog>
    )
  }
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="xs">
      <Box
        component="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (next.length >= MIN_LENGTH && repeated === next) change.mutate()
        }}
      >
        <DialogTitle id={titleId}>Change password</DialogTitle>
        <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2, '&&': { pt: 1 } }}>
          {change.isError && !wrong && <ProblemAlert error={change.error} />}
          {/* So that a password manager knows whose password this is. */}
          <input type="text" name="username" autoComplete="username" value={me.email ?? ''} readOnly hidden />
          <TextField
            type="password"
            label="Current password"
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
            error={wrong}
            helperText={wrong ? 'This is not your current password.' : undefined}
            autoFocus
            slotProps={REQUIRED}
          />
          <TextField
            type="password"
            label="New password"
            autoComplete="new-password"
            value={next}
            onChange={(event) => setNext(event.target.value)}
            error={tooShort}
            helperText={`At least ${MIN_LENGTH} characters`}
            slotProps={REQUIRED}
          />
          <TextField
            type="password"
            label="New password again"
            autoComplete="new-password"
            value={repeated}
            onChange={(event) => setRepeated(event.target.value)}
            error={differs}
            helperText={differs ? 'The two differ.' : undefined}
            slotProps={REQUIRED}
          />
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2 }}>
          <Button onClick={onClose} color="inherit">
            Cancel
          </Button>
          <Button type="submit" variant="contained" loading={change.isPending}>
            Change password
          </Button>
        </DialogActions>
      </Box>
    </Dialog>
  )
}
