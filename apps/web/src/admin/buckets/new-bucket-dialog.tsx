import type { BucketDetail } from '@skycrate/contract/buckets/schemas'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'

interface NewBucketDialogProps {
  readonly mode: 'register' | 'create'
  readonly onDone: (bucket: BucketDetail) => void
  readonly onClose: () => void
}

const TEXTS = {
  register: {
    title: 'Register a bucket',
    submit: 'Register',
    hint: 'An existing bucket in any region of the store. Its settings do not change.',
  },
  create: {
    title: 'Create a bucket',
    submit: 'Create',
    hint: '3 to 63 lowercase letters, digits, hyphens and dots.',
  },
} as const

const wholeDays = (text: string): number | undefined => (/^\d{1,5}$/.test(text.trim()) ? Number(text) : undefined)

export function NewBucketDialog({ mode, onDone, onClose }: NewBucketDialogProps): ReactElement {
  const { api, queries } = useApp()
  const { title, submit, hint } = TEXTS[mode]
  const form = useForm({
    initial: { name: '', region: '', retentionDays: '' },
    validate: ({ retentionDays }) =>
      retentionDays.trim() !== '' && wholeDays(retentionDays) === undefined
        ? { retentionDays: 'must be a whole number of days' }
        : {},
    submit: ({ name, region, retentionDays }) =>
      api.request('addBucket', {
        body: {
          mode,
          name: name.trim(),
          ...(region.trim() === '' ? {} : { region: region.trim() }),
          ...(retentionDays.trim() === '' ? {} : { retentionDays: wholeDays(retentionDays)! }),
        },
      }),
    onDone: (bucket) => {
      void queries.invalidateQueries({ queryKey: [KEYS.buckets] })
      onDone(bucket)
    },
  })
  return (
    <FormDialog form={form} title={title} submitLabel={submit} onClose={onClose}>
      <TextInput
        form={form}
        name="name"
        label="Name"
        hint={hint}
        required
        autoFocus
        maxLength={63}
        autoComplete="off"
      />
      {mode === 'create' && (
        <>
          <TextInput form={form} name="region" label="Region (optional)" hint="Empty: the region of the store." />
          <TextInput
            form={form}
            name="retentionDays"
            label="Days to keep old versions (optional)"
            hint="Empty: the default, 30 days."
          />
        </>
      )}
    </FormDialog>
  )
}
