import Button from '@mui/material/Button'
import Box from '@mui/material/Box'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogContentText from '@mui/material/DialogContentText'
import DialogTitle from '@mui/material/DialogTitle'
import TextField from '@mui/material/TextField'
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, useId, useState } from 'react'
import { ProblemAlert } from './problem-alert.tsx'

interface ConfirmDialogProps {
  /** A question, such as "Delete this file?". */
  readonly title: string
  readonly children: ReactNode
  /** The verb on the button that does it. */
  readonly confirmLabel: string
  /** Whether it destroys something. */
  readonly destructive?: boolean
  /** What has to be typed before it can be done, for what can't be brought back. */
  readonly typedName?: string
  /** @throws what the dialog then shows, and stays open */
  readonly onConfirm: () => Promise<unknown>
  /** Called when it is done, and when it is cancelled. */
  readonly onClose: () => void
}

/** Asks before something is done. Cancel has the focus, so that Enter by habit does nothing. */
export function ConfirmDialog(props: ConfirmDialogProps): ReactElement {
  const { title, children, confirmLabel, destructive = false, typedName, onConfirm, onClose } = props
  const titleId = useId()
  const textId = useId()
  const [typed, setTyped] = useState('')
  const action = useMutation({ mutationFn: onConfirm, onSuccess: onClose })
  const ready = typedName === undefined || typed === typedName
  return (
    <Dialog
      open
      onClose={() => {
        if (!action.isPending) onClose()
      }}
      aria-labelledby={titleId}
      aria-describedby={textId}
      fullWidth
      maxWidth="xs"
    >
      <Box
        component="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) action.mutate()
        }}
      >
        <DialogTitle id={titleId}>{title}</DialogTitle>
        <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
          <DialogContentText id={textId} component="div" sx={{ overflowWrap: 'anywhere' }}>
            {children}
          </DialogContentText>
          {typedName !== undefined && (
            <TextField
              label={`Type ${typedName} to confirm`}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
              size="small"
              slotProps={{ htmlInput: { spellCheck: false, autoCapitalize: 'off' } }}
            />
          )}
          {action.isError && <ProblemAlert error={action.error} />}
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2 }}>
          <Button onClick={onClose} color="inherit" autoFocus disabled={action.isPending}>
            Cancel
          </Button>
          <Button
            type="submit"
            color={destructive ? 'error' : 'primary'}
            variant="contained"
            disabled={!ready}
            loading={action.isPending}
          >
            {confirmLabel}
          </Button>
        </DialogActions>
      </Box>
    </Dialog>
  )
}
