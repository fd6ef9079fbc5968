import type { Passkey } from '@skycrate/contract/factors/schemas'
import Typography from '@mui/material/Typography'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { FormDialog } from '../ui/form/form-dialog.tsx'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'
import { makePasskey } from './ask-passkey.ts'

interface PasskeyDialogProps {
  /** Undefined: a new one. */
  readonly passkey?: Passkey
  readonly onDone: () => void
  readonly onClose: () => void
}

export function PasskeyDialog({ passkey, onDone, onClose }: PasskeyDialogProps): ReactElement {
  const { api } = useApp()
  const form = useForm({
    initial: { name: passkey?.name ?? '' },
    submit: async ({ name }) => {
      if (passkey !== undefined) {
        await api.request('renamePasskey', { params: { id: passkey.id }, body: { name } })
        return
      }
      const { challenge_token, options } = await api.request('startPasskey', {})
      const made = await makePasskey(options)
      await api.request('createPasskey', { body: { challenge_token, name, passkey: made } })
    },
    onDone,
  })
  const isNew = passkey === undefined
  return (
    <FormDialog
      form={form}
      title={isNew ? 'Add a passkey' : 'Rename the passkey'}
      submitLabel={isNew ? 'Continue' : 'Save'}
      onClose={onClose}
    >
      {isNew && (
        <Typography>
          A passkey is kept by this device, by your password manager or on a security key. The browser asks you next.
        </Typography>
      )}
      <TextInput
        form={form}
        name="name"
        label="Name"
        autoComplete="off"
        autoFocus
        required
        maxLength={100}
        hint="By which you will recognise it, such as Laptop"
      />
    </FormDialog>
  )
}
