import type { BucketDetail } from '@skycrate/contract/buckets/schemas'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { SwitchInput } from '../../ui/form/switch-input.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'

interface RetentionDialogProps {
  readonly bucket: BucketDetail
  readonly onClose: () => void
}

export function RetentionDialog({ bucket, onClose }: RetentionDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const { store, name, adopted, defaultRetentionDays, updatedAt } = bucket
  const form = useForm({
    initial: { days: bucket.retentionDays === null ? '' : String(bucket.retentionDays), apply: false },
    paths: { days: '/retentionDays' },
    validate: ({ days }) => (/^\d{0,5}$/.test(days.trim()) ? {} : { days: 'must be a whole number of days' }),
    submit: ({ days, apply }) =>
      api.request(
        'changeBucket',
        {
          params: { store, name },
          body: {
            retentionDays: days.trim() === '' ? null : Number(days),
            ...(adopted && apply ? { apply: ['lifecycle'] } : {}),
          },
        },
        { ifMatch: updatedAt },
      ),
    onDone: (changed) => {
      queries.setQueryData([KEYS.buckets, 'one', store, name], changed)
      toasts.show(`Changed how long ${name} keeps old versions`)
      onClose()
    },
  })
  return (
    <FormDialog form={form} title="Keep old versions" submitLabel="Save" onClose={onClose}>
      <TextInput
        form={form}
        name="days"
        label="Days"
        hint={`Empty: the default, ${defaultRetentionDays} days. Older versions cannot be restored.`}
        autoFocus
      />
      {adopted && (
        <SwitchInput
          form={form}
          name="apply"
          label="Apply it to the bucket now"
          hint="Otherwise the settings of this registered bucket do not change."
        />
      )}
    </FormDialog>
  )
}
