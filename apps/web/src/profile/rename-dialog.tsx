import type { Me } from '@skycrate/contract/auth/schemas'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { meQuery } from '../data/queries.ts'
import { FormDialog } from '../ui/form/form-dialog.tsx'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'

interface RenameDialogProps {
  readonly me: Me
  readonly onClose: () => void
}

export function RenameDialog({ me, onClose }: RenameDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const form = useForm({
    initial: { name: me.name ?? '' },
    submit: ({ name }) => api.request('updateMe', { body: { name: name.trim() === '' ? null : name.trim() } }),
    onDone: (renamed) => {
      queries.setQueryData(meQuery(api).queryKey, renamed)
      toasts.show('Saved')
      onClose()
    },
  })
  return (
    <FormDialog form={form} title="Your name" submitLabel="Save" onClose={onClose}>
      <TextInput
        form={form}
        name="name"
        label="Name"
        autoComplete="name"
        autoFocus
        maxLength={200}
        hint="Shown to administrators and in the audit log. Empty: your e-mail address is shown."
      />
    </FormDialog>
  )
}
