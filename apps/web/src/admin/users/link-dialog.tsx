import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogContentText from '@mui/material/DialogContentText'
import DialogTitle from '@mui/material/DialogTitle'
import type { OneTimeLink } from '@skycrate/contract/users/schemas'
import { type ReactElement, useId } from 'react'
import { formatTime } from '../../format/format-time.ts'
import { CopyText } from '../../ui/copy-text.tsx'

interface LinkDialogProps {
  readonly title: string
  readonly link: OneTimeLink
  readonly onClose: () => void
}

/** A link for an administrator to pass on. It is shown this once. */
export function LinkDialog({ title, link, onClose }: LinkDialogProps): ReactElement {
  const titleId = useId()
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="sm">
      <DialogTitle id={titleId}>{title}</DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        <DialogContentText>
          Send this link to the user. It works once, until {formatTime(link.expiresAt)}, and is not shown again.
        </DialogContentText>
        <CopyText text={link.link} what="the link" />
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button variant="contained" onClick={onClose} autoFocus>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  )
}
