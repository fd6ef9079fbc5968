import type { BucketDetail } from '@skycrate/contract/buckets/schemas'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { SwitchInput } from '../../ui/form/switch-input.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'

interface DeliveryDialogProps {
  readonly bucket: BucketDetail
  readonly onClose: () => void
}

export function DeliveryDialog({ bucket, onClose }: DeliveryDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const { store, name, retentionDays, delivery, updatedAt } = bucket
  const form = useForm({
    initial: {
      url: delivery?.url ?? '',
      keyId: delivery?.keyId ?? '',
      cookieDomain: delivery?.cookieDomain ?? '',
      accelerated: bucket.accelerated,
    },
    paths: {
      url: '/delivery/url',
      keyId: '/delivery/keyId',
      cookieDomain: '/delivery/cookieDomain',
      accelerated: '/accelerated',
    },
    validate: ({ url, keyId }) =>
      url.trim() !== '' && keyId.trim() === '' ? { keyId: 'is needed: CloudFront checks the signatures with it' } : {},
    submit: ({ url, keyId, cookieDomain, accelerated }) =>
      api.request(
        'changeBucket',
        {
          params: { store, name },
          body: {
            retentionDays,
            accelerated,
            delivery:
              url.trim() === ''
                ? null
                : { url: url.trim(), keyId: keyId.trim(), cookieDomain: cookieDomain.trim() || null },
          },
        },
        { ifMatch: updatedAt },
      ),
    onDone: (changed) => {
      queries.setQueryData([KEYS.buckets, 'one', store, name], changed)
      toasts.show(`Changed how files of ${name} are delivered`)
      onClose()
    },
  })
  return (
    <FormDialog form={form} title="Delivery" submitLabel="Save" onClose={onClose}>
      <TextInput
        form={form}
        name="url"
        label="URL of CloudFront (optional)"
        hint="https:// and the host where a distribution serves this bucket. Empty: none does."
        autoFocus
      />
      <TextInput
        form={form}
        name="keyId"
        label="Key id"
        hint="Of a key in SKYCRATE_CDN_KEYS, whose public key is in a key group of the distribution."
      />
      <TextInput
        form={form}
        name="cookieDomain"
        label="Domain of signed cookies (optional)"
        hint="One that the host above and SkyCrate share."
      />
      <SwitchInput
        form={form}
        name="accelerated"
        label="S3 Transfer Acceleration"
        hint="It must be enabled for the bucket at AWS. Only for Amazon S3."
      />
    </FormDialog>
  )
}
