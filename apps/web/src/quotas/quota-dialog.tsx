import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import type { Quota } from '@skycrate/contract/quotas/schemas'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useId } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { FormDialog } from '../ui/form/form-dialog.tsx'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'
import { QueryState } from '../ui/query-state.tsx'
import { QuotaUse } from './quota-use.tsx'

const GIGABYTE = 1e9

export interface QuotaOf {
  readonly kind: Quota['kind']
  /** Of a bucket its name. */
  readonly id: string
  readonly name: string
}

interface QuotaDialogProps {
  readonly of: QuotaOf
  readonly onClose: () => void
}

/** The quota of a user, a group or a bucket: seen, set, deleted. */
export function QuotaDialog({ of, onClose }: QuotaDialogProps): ReactElement {
  const { api } = useApp()
  const titleId = useId()
  const { kind, id, name } = of
  const query = useQuery({
    queryKey: [KEYS.quotas, kind, id],
    queryFn: ({ signal }) => api.request('quota', { params: { kind, id } }, { signal }),
    gcTime: 0,
  })
  if (query.data !== undefined) return <QuotaForm of={of} quota={query.data.quota} onClose={onClose} />
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="xs">
      <DialogTitle id={titleId}>Quota of {name}</DialogTitle>
      <DialogContent>
        <QueryState query={query}>{() => null}</QueryState>
      </DialogContent>
    </Dialog>
  )
}

interface QuotaFormProps extends QuotaDialogProps {
  readonly quota: Quota | null
}

function QuotaForm({ of, quota, onClose }: QuotaFormProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const { kind, id, name } = of
  const done = (text: string): void => {
    toasts.show(text)
    void queries.invalidateQueries({ queryKey: [KEYS.quotas] })
    onClose()
  }
  const form = useForm({
    initial: {
      gigabytes: textOf(quota?.maxBytes, GIGABYTE),
      objects: textOf(quota?.maxObjects, 1),
    },
    validate: ({ gigabytes, objects }) => ({
      gigabytes: gigabytes === '' || /^\d{1,6}(\.\d{1,9})?$/.test(gigabytes) ? undefined : 'Enter a number, such as 10',
      objects:
        objects !== '' && !/^\d{1,12}$/.test(objects)
          ? 'Enter a whole number'
          : objects === '' && gigabytes === ''
            ? 'Enter at least one of them'
            : undefined,
    }),
    submit: ({ gigabytes, objects }) =>
      api.request('setQuota', {
        params: { kind, id },
        body: {
          maxBytes: gigabytes === '' ? null : Math.round(Number(gigabytes) * GIGABYTE),
          maxObjects: objects === '' ? null : Number(objects),
        },
      }),
    onDone: () => done(`The quota of ${name} is set`),
    paths: { gigabytes: '/maxBytes', objects: '/maxObjects' },
  })
  const remove = async (): Promise<void> => {
    await api.request('deleteQuota', { params: { kind, id } })
    done(`${name.slice(0, 1).toUpperCase()}${name.slice(1)} has no quota any more`)
  }
  return (
    <FormDialog
      form={form}
      title={`Quota of ${name}`}
      submitLabel="Save"
      onClose={onClose}
      {...(quota !== null && {
        extraAction: (
          <Button color="error" onClick={() => void remove()}>
            Delete the quota
          </Button>
        ),
      })}
    >
      {quota !== null && <QuotaUse quota={quota} />}
      <TextInput
        form={form}
        name="gigabytes"
        label="Gigabytes at most"
        autoFocus
        hint={id === 'everyone' ? HINTS.everyone : HINTS[kind]}
      />
      <TextInput form={form} name="objects" label="Files at most" hint="Empty: any number." />
    </FormDialog>
  )
}

const textOf = (limit: number | null | undefined, unit: number): string =>
  limit === null || limit === undefined ? '' : String(limit / unit)

const HINTS = {
  user: 'In their home. Empty: any number.',
  group: 'In the homes of all members together. Empty: any number.',
  bucket: 'In the bucket. Empty: any number.',
  everyone: 'In the home of each user without a quota of their own. Empty: any number.',
} as const satisfies Record<Quota['kind'] | 'everyone', string>
