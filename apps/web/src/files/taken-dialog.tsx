import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogContentText from '@mui/material/DialogContentText'
import DialogTitle from '@mui/material/DialogTitle'
import { type ReactElement, useId } from 'react'
import type { OnConflict } from './transfer-dialog.tsx'

interface TakenDialogProps {
  readonly what: string
  readonly onChoose: (how: OnConflict) => void
  readonly onClose: () => void
}

/** Asks what to do where a pasted or dragged file meets one of its name. */
export function TakenDialog({ what, onChoose, onClose }: TakenDialogProps): ReactElement {
  const titleId = useId()
  const choose = (how: OnConflict) => (): void => {
    onClose()
    onChoose(how)
  }
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="xs">
      <DialogTitle id={titleId}>This name is taken</DialogTitle>
      <DialogContent>
        <DialogContentText sx={{ overflowWrap: 'anywhere' }}>
          <strong>{what}</strong> is already there. Replacing it keeps its earlier version only where the bucket keeps
          versions.
        </DialogContentText>
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2, flexWrap: 'wrap', rowGap: 1 }}>
        <Button onClick={onClose} color="inherit" autoFocus>
          Cancel
        </Button>
        <Button onClick={choose('replace')} color="error">
          Replace
        </Button>
        <Button onClick={choose('keep-both')} variant="contained">
          Keep both
        </Button>
      </DialogActions>
    </Dialog>
  )
}
