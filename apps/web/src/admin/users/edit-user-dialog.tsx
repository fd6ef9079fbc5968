import type { User } from '@skycrate/contract/users/schemas'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { type Choice, SearchInput } from '../../ui/form/search-input.tsx'
import { SwitchInput } from '../../ui/form/switch-input.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'
import { nameOf } from '../../ui/name-of.ts'
import { searchOwnGroups } from './group-choices.ts'

interface EditUserDialogProps {
  readonly user: User
  readonly onClose: () => void
}

export function EditUserDialog({ user, onClose }: EditUserDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const [groups, setGroups] = useState<Choice[]>(user.groups.map((name) => ({ id: name, label: name })))
  const form = useForm({
    initial: { name: user.name ?? '', isAdmin: user.isAdmin },
    submit: ({ name, isAdmin }) =>
      api.request(
        'updateUser',
        {
          params: { id: user.id },
          body: {
            name: name.trim() === '' ? null : name.trim(),
            isAdmin,
            state: user.state === 'deleting' ? 'suspended' : user.state,
            groups: groups.map(({ id }) => id),
          },
        },
        { ifMatch: user.updatedAt },
      ),
    onDone: () => {
      void queries.invalidateQueries({ queryKey: [KEYS.users] })
      void queries.invalidateQueries({ queryKey: [KEYS.groups] })
      toasts.show('Saved')
      onClose()
    },
  })
  return (
    <FormDialog form={form} title={`Edit ${nameOf(user)}`} submitLabel="Save" onClose={onClose}>
      <TextInput form={form} name="name" label="Name" autoFocus autoComplete="off" maxLength={200} />
      <SearchInput
        id="user-groups"
        label="Groups"
        multiple
        value={groups}
        onChange={setGroups}
        queryKey={KEYS.groups}
        search={(text, signal) => searchOwnGroups(api, text, signal)}
        {...(user.claimGroups.length === 0
          ? {}
          : { hint: `From the issuer: ${user.claimGroups.map(({ name }) => name).join(', ')}` })}
      />
      <SwitchInput form={form} name="isAdmin" label="Administrator" />
    </FormDialog>
  )
}
