import type { CreatedUser, NewUser } from '@skycrate/contract/users/schemas'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { type Choice, SearchInput } from '../../ui/form/search-input.tsx'
import { SelectInput } from '../../ui/form/select-input.tsx'
import { SwitchInput } from '../../ui/form/switch-input.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'
import { searchOwnGroups } from './group-choices.ts'

interface NewUserDialogProps {
  readonly onCreated: (user: CreatedUser) => void
  readonly onClose: () => void
}

type Way = 'invite' | 'password' | 'issuer'

export function NewUserDialog({ onCreated, onClose }: NewUserDialogProps): ReactElement {
  const { api, queries } = useApp()
  const [groups, setGroups] = useState<Choice[]>([])
  const form = useForm({
    initial: { email: '', name: '', way: 'invite' as Way, password: '', isAdmin: false },
    submit: ({ email, name, way, password, isAdmin }) => {
      const wayIn: Pick<NewUser, 'invite' | 'password' | 'identity'> =
        way === 'invite' ? { invite: true } : way === 'password' ? { password } : { identity: {} }
      const named = name.trim() === '' ? {} : { name: name.trim() }
      const body = { email, ...named, isAdmin, groups: groups.map(({ id }) => id), ...wayIn }
      return api.request('createUser', { body })
    },
    onDone: (user) => {
      void queries.invalidateQueries({ queryKey: [KEYS.users] })
      onClose()
      onCreated(user)
    },
  })
  return (
    <FormDialog form={form} title="New user" submitLabel="Create" onClose={onClose}>
      <TextInput form={form} name="email" label="E-mail" type="email" autoFocus required autoComplete="off" />
      <TextInput form={form} name="name" label="Name" autoComplete="off" maxLength={200} />
      <SelectInput
        form={form}
        name="way"
        label="How they sign in"
        options={[
          { value: 'invite', label: 'With a password that they choose (invitation link)' },
          { value: 'password', label: 'With a password that you choose' },
          { value: 'issuer', label: 'Through an issuer, with this verified e-mail address' },
        ]}
      />
      {form.values.way === 'password' && (
        <TextInput
          form={form}
          name="password"
          label="Password"
          type="password"
          autoComplete="new-password"
          hint="At least 15 characters"
          required
        />
      )}
      <SearchInput
        id="new-user-groups"
        label="Groups"
        multiple
        value={groups}
        onChange={setGroups}
        queryKey={KEYS.groups}
        search={(text, signal) => searchOwnGroups(api, text, signal)}
      />
      <SwitchInput form={form} name="isAdmin" label="Administrator" />
    </FormDialog>
  )
}
