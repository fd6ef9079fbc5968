import Dialog from '@mui/material/Dialog'
import DialogContent from '@mui/material/DialogContent'
import DialogContentText from '@mui/material/DialogContentText'
import DialogTitle from '@mui/material/DialogTitle'
import type { Me } from '@skycrate/contract/auth/schemas'
import { type ReactElement, useId } from 'react'
import { useApp } from '../app/app-context.ts'
import { comeBack } from '../data/come-back.ts'
import { IssuerButtons } from './issuer-buttons.tsx'
import { SignInForm } from './sign-in-form.tsx'

/** Stands over the page, and hides it, after its session ended elsewhere. */
export function SignInAgain({ me }: { readonly me: Me }): ReactElement {
  const app = useApp()
  const titleId = useId()
  return (
    <Dialog
      open
      aria-labelledby={titleId}
      fullWidth
      maxWidth="xs"
      slotProps={{ backdrop: { sx: { bgcolor: 'background.default' } } }}
    >
      <DialogTitle id={titleId}>Sign in again</DialogTitle>
      <DialogContent>
        <DialogContentText sx={{ mb: 2.5 }}>
          Your session has ended. Sign in to continue where you left off. Your selections and entries are kept.
        </DialogContentText>
        <IssuerButtons />
        <SignInForm {...(me.email !== null && { email: me.email })} onSignedIn={() => comeBack(app)} />
      </DialogContent>
    </Dialog>
  )
}
