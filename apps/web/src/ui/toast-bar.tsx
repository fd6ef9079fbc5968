import Button from '@mui/material/Button'
import Snackbar from '@mui/material/Snackbar'
import { type ReactElement, useState, useSyncExternalStore } from 'react'
import { useApp } from '../app/app-context.ts'
import { SkyCrateError } from '@skycrate/client/skycrate-error'

/** Milliseconds; longer where there is something to decide. */
const SHOWN = 5_000
const SHOWN_WITH_UNDO = 10_000

/** Shows the toasts. Stands once, in the frame of the app. */
export function ToastBar(): ReactElement {
  const { toasts } = useApp()
  const toast = useSyncExternalStore(toasts.subscribe, toasts.current)
  const [undoing, setUndoing] = useState(false)
  const close = (): void => {
    if (toast) toasts.close(toast.id)
  }
  const undo = async (): Promise<void> => {
    setUndoing(true)
    try {
      await toast?.undo?.()
    } catch (error) {
      toasts.show(
        error instanceof SkyCrateError
          ? (error.detail ?? error.title)
          : 'The action could not be undone. Reload the page.',
      )
    } finally {
      setUndoing(false)
      close()
    }
  }
  return (
    <Snackbar
      key={toast?.id ?? 'none'}
      open={toast !== undefined}
      message={toast?.message}
      autoHideDuration={undoing ? null : toast?.undo ? SHOWN_WITH_UNDO : SHOWN}
      onClose={(_event, reason) => {
        if (reason !== 'clickaway') close()
      }}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'left' }}
      action={
        toast?.undo && (
          <Button size="small" color="inherit" loading={undoing} onClick={() => void undo()}>
            Undo
          </Button>
        )
      }
      sx={{ bottom: { xs: 'calc(72px + env(safe-area-inset-bottom))', md: 24 } }}
      slotProps={{ content: { sx: { overflowWrap: 'anywhere' } } }}
    />
  )
}
