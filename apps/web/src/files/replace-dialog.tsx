import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogContentText from '@mui/material/DialogContentText'
import DialogTitle from '@mui/material/DialogTitle'
import { type ReactElement, useId } from 'react'

interface ReplaceDialogProps {
  readonly names: readonly string[]
  readonly onCancel: () => void
  readonly onReplace: () => void
}

/** How many names are told before they are only counted. */
const SHOWN = 3

export function ReplaceDialog({ names, onCancel, onReplace }: ReplaceDialogProps): ReactElement {
  const titleId = useId()
  const more = names.length - SHOWN
  return (
    <Dialog open onClose={onCancel} aria-labelledby={titleId} fullWidth maxWidth="xs">
      <DialogTitle id={titleId}>
        {names.length === 1 ? 'Replace a file?' : `Replace ${names.length} files?`}
      </DialogTitle>
      <DialogContent>
        <DialogContentText sx={{ overflowWrap: 'anywhere' }}>
          <strong>{names.slice(0, SHOWN).join(', ')}</strong>
          {more > 0 && ` and ${more} more`} {names.length === 1 ? 'is' : 'are'} already in this folder.
        </DialogContentText>
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button onClick={onCancel} color="inherit">
          Cancel
        </Button>
        <Button onClick={onReplace} variant="contained" autoFocus>
          Replace
        </Button>
      </DialogActions>
    </Dialog>
  )
}
