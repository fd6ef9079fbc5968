import type { InventoryFiles } from '@skycrate/contract/storage/inventory-schemas'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'
import { inventoryQuery } from './bucket-queries.ts'

interface InventoryDialogProps {
  readonly store: string
  readonly name: string
  readonly files: InventoryFiles
  readonly onClose: () => void
}

/** Asks where S3 Inventory delivers the files about a bucket. */
export function InventoryDialog({ store, name, files, onClose }: InventoryDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const form = useForm({
    initial: { bucket: files.location?.bucket ?? '', prefix: files.location?.prefix ?? '' },
    paths: { bucket: '/location/bucket', prefix: '/location/prefix' },
    validate: ({ bucket, prefix }) => {
      if (bucket.trim() === '') return {}
      return prefix.trim() === '' ? { prefix: 'is needed: the folder of the inventory' } : {}
    },
    submit: ({ bucket, prefix }) =>
      api.request('setInventoryFiles', {
        params: { store, name },
        body: {
          location: bucket.trim() === '' ? null : { bucket: bucket.trim(), prefix: prefix.trim().replace(/\/*$/, '/') },
        },
      }),
    onDone: (changed) => {
      queries.setQueryData(inventoryQuery(api, store, name).queryKey, changed)
      toasts.show(changed.location === null ? `${name} is listed again` : `${name} is counted from inventory files`)
      onClose()
    },
  })
  return (
    <FormDialog form={form} title="Inventory files" submitLabel="Save" onClose={onClose}>
      <TextInput
        form={form}
        name="bucket"
        label="Bucket of the files (optional)"
        hint="The destination of the S3 Inventory of this bucket, in the same store. Empty: SkyCrate lists the bucket itself."
        autoFocus
      />
      <TextInput
        form={form}
        name="prefix"
        label="Folder"
        hint={`Destination prefix, this bucket and the name of the inventory: for example daily/${name}/all/`}
      />
    </FormDialog>
  )
}
