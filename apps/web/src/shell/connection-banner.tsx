import Alert from '@mui/material/Alert'
import Button from '@mui/material/Button'
import { type ReactElement, useSyncExternalStore } from 'react'
import { useApp } from '../app/app-context.ts'

/** Tells that the server does not answer. The page and the uploads stay as they are meanwhile. */
export function ConnectionBanner(): ReactElement | null {
  const { connection } = useApp()
  const lost = useSyncExternalStore(connection.subscribe, connection.isLost)
  if (!lost) return null
  return (
    <Alert
      severity="warning"
      variant="filled"
      role="status"
      square
      action={
        <Button size="small" color="inherit" onClick={() => void connection.ask()}>
          Try now
        </Button>
      }
      sx={{ flexShrink: 0, alignItems: 'center', color: 'warning.contrastText', bgcolor: 'warning.main' }}
    >
      The server can’t be reached. This page and your uploads are kept and will resume when it is available again.
    </Alert>
  )
}
