import Typography from '@mui/material/Typography'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { formatTime } from '../format/format-time.ts'
import { FormDialog } from '../ui/form/form-dialog.tsx'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'

/** Asks for the password, since the account is deleted with all its files. */
export function DeleteAccountDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { api, toasts } = useApp()
  const form = useForm({
    initial: { password: '' },
    submit: ({ password }) => api.request('deleteAccount', { body: { password } }),
    onDone: ({ deleteAt }) => {
      toasts.show(`Your account will be deleted after ${formatTime(deleteAt)}. To keep it, sign in before.`)
      onClose()
      // Every session has ended, this one too.
      api.logout().catch(() => undefined)
    },
  })
  return (
    <FormDialog form={form} title="Delete your account" submitLabel="Delete the account" onClose={onClose}>
      <Typography>
        You are signed out everywhere. After a few days your account, your home and all files in it are deleted. To keep
        them, sign in before.
      </Typography>
      <TextInput
        form={form}
        name="password"
        label="Your password"
        type="password"
        autoComplete="current-password"
        autoFocus
        required
      />
    </FormDialog>
  )
}
