import { SkyCrateError } from '@skycrate/client/skycrate-error'
import Alert from '@mui/material/Alert'
import AlertTitle from '@mui/material/AlertTitle'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import type { ReactElement } from 'react'

interface ProblemAlertProps {
  readonly error: unknown
  readonly onRetry?: (() => void) | undefined
  /** Mistakes that are told elsewhere, such as beside the fields of a form. */
  readonly toldElsewhere?: (path: string) => boolean
}

/** An error as its reader needs it: what happened, what to do, and the number to quote. */
export function ProblemAlert({ error, onRetry, toldElsewhere }: ProblemAlertProps): ReactElement {
  const known = error instanceof SkyCrateError ? error : undefined
  const mistakes = known?.errors.filter(({ path }) => toldElsewhere?.(path) !== true) ?? []
  return (
    <Alert
      severity="error"
      variant="outlined"
      sx={{ bgcolor: 'background.paper', overflowWrap: 'anywhere' }}
      action={
        onRetry && (
          <Button color="inherit" size="small" onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      <AlertTitle sx={{ mb: 0 }}>{known?.title ?? 'Something went wrong on this page'}</AlertTitle>
      {known ? known.detail : 'Reload the page. If the problem persists, contact an administrator.'}
      {mistakes.length > 0 && (
        <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
          {mistakes.map(({ path, message }) => (
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
