import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogContentText from '@mui/material/DialogContentText'
import DialogTitle from '@mui/material/DialogTitle'
import type { CreatedDirectory } from '@skycrate/contract/directories/schemas'
import { type ReactElement, useId } from 'react'
import { CopyText } from '../../ui/copy-text.tsx'

interface TokenDialogProps {
  readonly directory: CreatedDirectory
  readonly onClose: () => void
}

/** What the directory has to be given. The token is shown this once. */
export function TokenDialog({ directory, onClose }: TokenDialogProps): ReactElement {
  const titleId = useId()
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="sm">
      <DialogTitle id={titleId}>Connect {directory.name}</DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        <DialogContentText>
          Enter this URL and this token in the directory. The token is not shown again.
        </DialogContentText>
        <CopyText text={directory.url} what="the URL" />
        <CopyText text={directory.secret} what="the token" />
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button variant="contained" onClick={onClose} autoFocus>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  )
}
