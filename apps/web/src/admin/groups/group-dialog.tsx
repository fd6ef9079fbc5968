import type { GroupSummary } from '@skycrate/contract/groups/schemas'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { SwitchInput } from '../../ui/form/switch-input.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'

interface GroupDialogProps {
  /** Undefined: a new one. */
  readonly group?: GroupSummary
  readonly onClose: () => void
}

export function GroupDialog({ group, onClose }: GroupDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const form = useForm({
    initial: {
      name: group?.name ?? '',
      description: group?.description ?? '',
      requiresSecondFactor: group?.requiresSecondFactor ?? false,
    },
    submit: async (body) => {
      if (group === undefined) return void (await api.request('createGroup', { body }))
      await api.request('updateGroup', { params: { id: group.id }, body }, { ifMatch: group.updatedAt })
    },
    onDone: () => {
      void queries.invalidateQueries({ queryKey: [KEYS.groups] })
      void queries.invalidateQueries({ queryKey: [KEYS.permissions] })
      toasts.show('Saved')
      onClose()
    },
  })
  const isIssuers = group !== undefined && group.issuer !== null
  return (
    <FormDialog
      form={form}
      title={group === undefined ? 'New group' : `Edit ${group.name}`}
      submitLabel={group === undefined ? 'Create' : 'Save'}
      onClose={onClose}
    >
      <TextInput
        form={form}
        name="name"
        label="Name"
        autoFocus={!isIssuers}
        required
        autoComplete="off"
        maxLength={256}
        disabled={isIssuers}
        {...(isIssuers ? { hint: `Said by ${group.issuer}` } : {})}
      />
      <TextInput form={form} name="description" label="Description" multiline minRows={2} maxLength={1000} />
      {!isIssuers && (
        <SwitchInput
          form={form}
          name="requiresSecondFactor"
          label="Require a second factor"
          hint="Members who have none must set one up before they can do anything else."
        />
      )}
    </FormDialog>
  )
}
