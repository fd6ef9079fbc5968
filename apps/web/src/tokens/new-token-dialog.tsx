import type { Me } from '@skycrate/contract/auth/schemas'
import type { CreatedToken } from '@skycrate/contract/tokens/schemas'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { CheckboxGroup } from '../ui/form/checkbox-group.tsx'
import { FormDialog } from '../ui/form/form-dialog.tsx'
import { SelectInput } from '../ui/form/select-input.tsx'
import { SwitchInput } from '../ui/form/switch-input.tsx'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'

const ACTIONS = [
  { value: 'list', label: 'List' },
  { value: 'read', label: 'Read' },
  { value: 'write', label: 'Write' },
  { value: 'delete', label: 'Delete' },
] as const
type Action = (typeof ACTIONS)[number]['value']

const LIFETIMES = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
] as const
type Lifetime = (typeof LIFETIMES)[number]['value']

const DAY_MS = 86_400_000
const EVERYWHERE = ''
/** Locations that the choice names; others are typed. */
const MAX_PLACES = 100

interface NewTokenDialogProps {
  readonly me: Me
  readonly onClose: () => void
  readonly onCreated: (token: CreatedToken) => void
}

export function NewTokenDialog({ me, onClose, onCreated }: NewTokenDialogProps): ReactElement {
  const { api } = useApp()
  const locations = useQuery({
    queryKey: [KEYS.locations, 'for-tokens'],
    queryFn: ({ signal }) => api.request('locations', { query: { limit: MAX_PLACES } }, { signal }),
  })
  const places = (locations.data?.locations ?? []).map(({ bucket, prefix }) => ({
    value: JSON.stringify([bucket, prefix]),
    label: prefix === '' ? bucket : `${bucket}/${prefix}`,
  }))
  const form = useForm({
    initial: {
      name: '',
      place: EVERYWHERE,
      folder: '',
      actions: ['list', 'read'] as readonly Action[],
      lifetime: '30' as Lifetime,
      admin: false,
    },
    submit: ({ name, place, folder, actions, lifetime, admin }) => {
      const [bucket, prefix] = place === EVERYWHERE ? [] : (JSON.parse(place) as [string, string])
      const where = bucket === undefined ? {} : { bucket, prefix: `${prefix}${folder}` }
      return api.request('createToken', {
        body: {
          name,
          scopes: actions.length === 0 ? [] : [{ ...where, actions: [...actions] }],
          ...(admin && { admin }),
          expiresAt: new Date(Date.now() + Number(lifetime) * DAY_MS).toISOString(),
        },
      })
    },
    onDone: onCreated,
    paths: { place: '/scopes/0/bucket', folder: '/scopes/0/prefix', actions: '/scopes', lifetime: '/expiresAt' },
    validate: ({ name, folder, actions, admin }) => ({
      ...(name.trim() === '' ? { name: 'Say what it is for.' } : {}),
      ...(folder === '' || folder.endsWith('/') ? {} : { folder: "A folder ends in '/'." }),
      ...(actions.length === 0 && !admin ? { actions: 'Choose at least one.' } : {}),
    }),
  })
  return (
    <FormDialog form={form} title="New access token" submitLabel="Create" onClose={onClose} maxWidth="sm">
      <TextInput
        form={form}
        name="name"
        label="What is it for?"
        autoFocus
        maxLength={100}
        placeholder="Nightly backup"
      />
      <SelectInput
        form={form}
        name="place"
        label="Where"
        options={[{ value: EVERYWHERE, label: 'Everywhere that I have access' }, ...places]}
        hint="The token never reaches more than you do."
      />
      {form.values.place !== EVERYWHERE && (
        <TextInput form={form} name="folder" label="Folder in it" maxLength={1024} hint="Empty: all of it." />
      )}
      <CheckboxGroup form={form} name="actions" label="What may it do there?" options={ACTIONS} />
      <SelectInput form={form} name="lifetime" label="Valid for" options={LIFETIMES} />
      {me.isAdmin && (
        <SwitchInput
          form={form}
          name="admin"
          label="Administration"
          hint="It may do in the API whatever an administrator may, such as giving itself access."
        />
      )}
    </FormDialog>
  )
}
