import type { StorageClasses } from '@skycrate/contract/storage/class-schemas'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import type { Entry } from '../files/entry.ts'
import { counted } from '../format/counted.ts'
import { FormDialog } from '../ui/form/form-dialog.tsx'
import { SelectInput } from '../ui/form/select-input.tsx'
import { useForm } from '../ui/form/use-form.ts'
import { className } from './class-words.ts'
import { formatMoney } from './format-money.ts'

interface ClassDialogProps {
  readonly bucket: string
  readonly entry: Entry
  readonly onClose: () => void
}

type Class = StorageClasses['classes'][number]

/** Asks which storage class a file, or every file of a folder, is to have. */
export function ClassDialog({ bucket, entry, onClose }: ClassDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const { data } = useQuery({
    queryKey: [KEYS.storage, 'classes'],
    queryFn: ({ signal }) => api.request('storageClasses', {}, { signal }),
    staleTime: Infinity,
  })
  const form = useForm({
    initial: { storageClass: entry.kind === 'file' ? entry.storageClass : 'STANDARD' },
    submit: ({ storageClass }) =>
      api.request('changeClass', {
        body: { bucket, storageClass, ...(entry.kind === 'file' ? { key: entry.key } : { prefix: entry.prefix }) },
      }),
    onDone: () => {
      void queries.invalidateQueries({ queryKey: [KEYS.jobs] })
      toasts.show(`Changing the class of ${entry.name}`)
      onClose()
    },
  })
  const classes = data?.classes ?? []
  const chosen = classes.find(({ name }) => name === form.values.storageClass)
  const known = classes.some(({ name }) => name === form.values.storageClass)
  return (
    <FormDialog form={form} title={`Storage class of ${entry.name}`} submitLabel="Change" onClose={onClose}>
      <SelectInput
        form={form}
        name="storageClass"
        label="Class"
        options={[
          ...(known ? [] : [{ value: form.values.storageClass, label: className(form.values.storageClass) }]),
          ...classes.map((each) => ({ value: each.name, label: className(each.name) })),
        ]}
        hint={`${entry.kind === 'folder' ? 'Every file of the folder gets it. ' : ''}${chosen === undefined ? '' : hintOf(chosen, data?.currency ?? 'USD')}`}
      />
    </FormDialog>
  )
}

function hintOf({ archive, minimumDays, perGBMonth }: Class, currency: string): string {
  const told = [
    perGBMonth !== null && `${formatMoney(perGBMonth, currency)} per GB a month.`,
    archive && 'A file must be restored before anybody can open it, which takes hours.',
    minimumDays > 0 && `At least ${counted(minimumDays, 'day')} are paid for.`,
    'The file as it was stays as an old version where the bucket keeps versions.',
  ]
  return told.filter((each) => each !== false).join(' ')
}
