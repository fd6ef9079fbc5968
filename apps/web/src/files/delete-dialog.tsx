import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogContentText from '@mui/material/DialogContentText'
import DialogTitle from '@mui/material/DialogTitle'
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useId } from 'react'
import { useApp } from '../app/app-context.ts'
import { ProblemAlert } from '../problem/problem-alert.tsx'
import type { FileEntry } from './entry.ts'

interface DeleteDialogProps {
  readonly bucket: string
  readonly file: FileEntry
  readonly onClose: () => void
  readonly onDeleted: (file: FileEntry) => void
}

export function DeleteDialog({ bucket, file, onClose, onDeleted }: DeleteDialogProps): ReactElement {
  const { api, refreshListings } = useApp()
  const titleId = useId()
  const remove = useMutation({
    mutationFn: () => api.deleteObject(bucket, file.key),
    onSuccess: () => {
      refreshListings(bucket, file.key)
      onDeleted(file)
    },
  })
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="xs">
      <DialogTitle id={titleId}>Delete this file?</DialogTitle>
      <DialogContent>
        <DialogContentText sx={{ overflowWrap: 'anywhere', mb: remove.isError ? 2 : 0 }}>
          <strong>{file.name}</strong> will no longer be here for anyone.
        </DialogContentText>
        {remove.isError && <ProblemAlert error={remove.error} />}
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button onClick={onClose} color="inherit" autoFocus>
          Cancel
        </Button>
        <Button onClick={() => remove.mutate()} color="error" variant="contained" loading={remove.isPending}>
          Delete
        </Button>
      </DialogActions>
    </Dialog>
  )
}
