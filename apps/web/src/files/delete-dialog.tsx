import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import type { FileEntry } from './entry.ts'

interface DeleteDialogProps {
  readonly bucket: string
  readonly file: FileEntry
  readonly onClose: () => void
}

export function DeleteDialog({ bucket, file, onClose }: DeleteDialogProps): ReactElement {
  const { api, refreshListings, toasts } = useApp()
  return (
    <ConfirmDialog
      title="Delete this file?"
      confirmLabel="Delete"
      destructive
      onConfirm={async () => {
        await api.deleteObject(bucket, file.key)
        refreshListings(bucket, file.key)
        toasts.show(`Deleted ${file.name}`)
      }}
      onClose={onClose}
    >
      <strong>{file.name}</strong> will no longer be here for anyone.
    </ConfirmDialog>
  )
}
