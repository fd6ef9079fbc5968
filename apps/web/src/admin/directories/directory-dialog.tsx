import type { CreatedDirectory, Directory } from '@skycrate/contract/directories/schemas'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { useRows } from '../../data/use-rows.ts'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { SelectInput } from '../../ui/form/select-input.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'
import { issuersQuery } from '../issuers/issuer-queries.ts'

interface NewDirectoryDialogProps {
  readonly onCreated: (directory: CreatedDirectory) => void
  readonly onClose: () => void
}

const ANY = 'any'

export function NewDirectoryDialog({ onCreated, onClose }: NewDirectoryDialogProps): ReactElement {
  const { api, queries } = useApp()
  const issuers = useRows(useInfiniteQuery(issuersQuery(api)), (page) => page.issuers)
  const form = useForm({
    initial: { name: '', issuer: ANY, matchBy: 'external-id' as 'external-id' | 'email' },
    submit: ({ name, issuer, matchBy }) =>
      api.request('createDirectory', { body: { name, ...(issuer === ANY ? {} : { issuer, matchBy }) } }),
    onDone: (created) => {
      void queries.invalidateQueries({ queryKey: [KEYS.directories] })
      onCreated(created)
    },
  })
  return (
    <FormDialog form={form} title="New directory" submitLabel="Create" onClose={onClose}>
      <TextInput form={form} name="name" label="Name" required autoFocus autoComplete="off" maxLength={100} />
      <SelectInput
        form={form}
        name="issuer"
        label="Users sign in through"
        options={[
          { value: ANY, label: 'Any issuer' },
          ...issuers.rows.map(({ name, issuer }) => ({ value: issuer, label: name })),
        ]}
      />
      {form.values.issuer !== ANY && (
        <SelectInput
          form={form}
          name="matchBy"
          label="A user is known by"
          options={[
            { value: 'external-id', label: 'The directory’s externalId' },
            { value: 'email', label: 'A verified e-mail address' },
          ]}
          hint="externalId: it is the subject of the issuer’s tokens."
        />
      )}
    </FormDialog>
  )
}

interface RenameDirectoryDialogProps {
  readonly directory: Directory
  readonly onClose: () => void
}

export function RenameDirectoryDialog({ directory, onClose }: RenameDirectoryDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const form = useForm({
    initial: { name: directory.name },
    submit: (body) =>
      api.request('updateDirectory', { params: { id: directory.id }, body }, { ifMatch: directory.updatedAt }),
    onDone: () => {
      void queries.invalidateQueries({ queryKey: [KEYS.directories] })
      toasts.show('Saved')
      onClose()
    },
  })
  return (
    <FormDialog form={form} title={`Rename ${directory.name}`} submitLabel="Save" onClose={onClose}>
      <TextInput form={form} name="name" label="Name" required autoFocus autoComplete="off" maxLength={100} />
    </FormDialog>
  )
}
