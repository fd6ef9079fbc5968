import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogContentText from '@mui/material/DialogContentText'
import DialogTitle from '@mui/material/DialogTitle'
import { type ReactElement, useId } from 'react'
import { useApp } from '../app/app-context.ts'

interface RecoveryCodesDialogProps {
  readonly codes: readonly string[]
  readonly onClose: () => void
}

/** Shown once: a click beside it does not close it. */
export function RecoveryCodesDialog({ codes, onClose }: RecoveryCodesDialogProps): ReactElement {
  const { toasts } = useApp()
  const titleId = useId()
  const text = codes.join('\n')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      toasts.show('Copied')
    } catch {
      toasts.show('The browser does not allow copying here. Download the codes instead.')
    }
  }
  const download = (): void => {
    const url = URL.createObjectURL(new Blob([`SkyCrate recovery codes\n${window.location.host}\n\n${text}\n`]))
    const link = document.createElement('a')
    link.href = url
    link.download = 'skycrate-recovery-codes.txt'
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 60_000)
  }
  return (
    <Dialog open aria-labelledby={titleId} fullWidth maxWidth="xs">
      <DialogTitle id={titleId}>Your recovery codes</DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        <DialogContentText>
          Each code signs you in once if you lose your app or passkey. They are shown only now. Keep them where nobody
          else finds them, and not on the same device.
        </DialogContentText>
        <Box
          component="ul"
          aria-label="Recovery codes"
          sx={{
            m: 0,
            p: 1.5,
            listStyle: 'none',
            display: 'grid',
            gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' },
            rowGap: 0.5,
            columnGap: 2,
            fontFamily: 'monospace',
            fontSize: '0.9rem',
            bgcolor: 'action.hover',
            borderRadius: 1,
          }}
        >
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </Box>
        <Box sx={{ display: 'flex', gap: 1 }}>
          <Button variant="outlined" onClick={() => void copy()}>
            Copy
          </Button>
          <Button variant="outlined" onClick={download}>
            Download
          </Button>
        </Box>
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button variant="contained" onClick={onClose}>
          I have kept them
        </Button>
      </DialogActions>
    </Dialog>
  )
}
