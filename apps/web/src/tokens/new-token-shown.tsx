import Alert from '@mui/material/Alert'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import type { CreatedToken } from '@skycrate/contract/tokens/schemas'
import { type ReactElement, useId } from 'react'
import { CopyText } from '../ui/copy-text.tsx'

interface NewTokenShownProps {
  readonly token: CreatedToken
  readonly onClose: () => void
}

export function NewTokenShown({ token, onClose }: NewTokenShownProps): ReactElement {
  const titleId = useId()
  return (
    <Dialog open aria-labelledby={titleId} fullWidth maxWidth="sm">
      <DialogTitle id={titleId}>{token.name}</DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        <Alert severity="info" variant="outlined">
          Copy the token now. It is not shown again.
        </Alert>
        <CopyText text={token.token} what="the token" />
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button variant="contained" onClick={onClose} autoFocus>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  )
}
