import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { counted } from '../format/counted.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { useUploads } from '../uploads/use-uploads.ts'

interface SignOutDialogProps {
  readonly onSignOut: () => void
  readonly onClose: () => void
}

/** Asks before a sign-out that ends uploads. */
export function SignOutDialog({ onSignOut, onClose }: SignOutDialogProps): ReactElement {
  const { uploads } = useApp()
  const { waiting, sending, exists, paused } = useUploads().count
  const open = waiting + sending + exists + paused
  const end = async (): Promise<void> => {
    // While the session still allows it to be told to the store.
    await uploads.cancelAll()
    onSignOut()
  }
  return (
    <ConfirmDialog
      title="Sign out while files are uploading?"
      confirmLabel="Cancel uploads and sign out"
      destructive
      onConfirm={end}
      onClose={onClose}
    >
      {counted(open, 'file')} {open === 1 ? 'is' : 'are'} not uploaded yet. Signing out cancels what is left.
    </ConfirmDialog>
  )
}
