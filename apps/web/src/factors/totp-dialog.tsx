import Box from '@mui/material/Box'
import Link from '@mui/material/Link'
import Typography from '@mui/material/Typography'
import type { NewTotp } from '@skycrate/contract/factors/schemas'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { CopyText } from '../ui/copy-text.tsx'
import { FormDialog } from '../ui/form/form-dialog.tsx'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'
import { QrCode } from './qr-code.tsx'

interface TotpDialogProps {
  readonly totp: NewTotp
  readonly onDone: () => void
  readonly onClose: () => void
}

/** The secret as a picture and as a text, until the first code proves that the app has it. */
export function TotpDialog({ totp, onDone, onClose }: TotpDialogProps): ReactElement {
  const { api } = useApp()
  const form = useForm({
    initial: { code: '' },
    submit: ({ code }) => api.request('confirmTotp', { body: { code } }),
    onDone,
  })
  return (
    <FormDialog form={form} title="Set up an authenticator app" submitLabel="Set up" onClose={onClose}>
      <Typography>Scan this code with an authenticator app on your phone.</Typography>
      <QrCode text={totp.uri} label="QR code for the authenticator app" />
      <Typography variant="body2" component="div">
        Or enter this key, or <Link href={totp.uri}>open the app on this device</Link>:
        <Box sx={{ mt: 0.5 }}>
          <CopyText text={totp.secret} what="the key" />
        </Box>
      </Typography>
      <TextInput
        form={form}
        name="code"
        label="Code"
        autoComplete="one-time-code"
        autoFocus
        required
        maxLength={12}
        hint="The six digits that the app shows now"
      />
    </FormDialog>
  )
}
