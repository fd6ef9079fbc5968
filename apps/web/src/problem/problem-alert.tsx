import { SkyCrateError } from '@skycrate/client/skycrate-error'
import Alert from '@mui/material/Alert'
import AlertTitle from '@mui/material/AlertTitle'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import type { ReactElement } from 'react'

interface ProblemAlertProps {
  readonly error: unknown
  readonly onRetry?: (() => void) | undefined
}

/** An error as its reader needs it: what happened, what to do, and the number to quote. */
export function ProblemAlert({ error, onRetry }: ProblemAlertProps): ReactElement {
  const known = error instanceof SkyCrateError ? error : undefined
  return (
    <Alert
      severity="error"
      variant="outlined"
      sx={{ bgcolor: 'background.paper' }}
      action={
        onRetry && (
          <Button color="inherit" size="small" onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      <AlertTitle sx={{ mb: 0 }}>{known?.title ?? 'Something went wrong in this page'}</AlertTitle>
      {known ? known.detail : 'Reload it; if that does not help, tell the operator.'}
      {known && known.errors.length > 0 && (
        <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
          {known.errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              {path} {message}
            </li>
          ))}
        </Box>
      )}
      {known?.requestId !== undefined && (
        <Box sx={{ mt: 0.5, color: 'text.secondary', typography: 'caption', overflowWrap: 'anywhere' }}>
          Request {known.requestId}
        </Box>
      )}
    </Alert>
  )
}
