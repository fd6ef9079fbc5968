import Alert from '@mui/material/Alert'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import Button from '@mui/material/Button'
import type { CreatedShare } from '@skycrate/contract/shares/schemas'
import { type ReactElement, useId, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import type { Entry } from '../files/entry.ts'
import { CopyText } from '../ui/copy-text.tsx'
import { FormDialog } from '../ui/form/form-dialog.tsx'
import { SelectInput } from '../ui/form/select-input.tsx'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'
import { shownName } from '../format/shown-name.ts'

const LIFETIMES = [
  { value: '1', label: '1 day' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '365', label: '1 year' },
  { value: '', label: 'Until I switch it off' },
] as const
type Lifetime = (typeof LIFETIMES)[number]['value']

const KINDS = [
  { value: 'download', label: 'See and download the files' },
  { value: 'upload', label: 'Upload files, and see nothing' },
] as const
type Kind = (typeof KINDS)[number]['value']

const TYPES = [
  { value: '', label: 'All types' },
  { value: 'image/*', label: 'Images' },
  { value: 'image/* video/*', label: 'Images and videos' },
  { value: 'application/pdf', label: 'PDF documents' },
] as const
type Types = (typeof TYPES)[number]['value']

const SIZES = [
  { value: '10', label: '10 MB' },
  { value: '100', label: '100 MB' },
  { value: '1000', label: '1 GB' },
  { value: '5000', label: '5 GB' },
] as const
type Size = (typeof SIZES)[number]['value']

const DAY_MS = 86_400_000
const MEGABYTE = 1_000_000

interface ShareDialogProps {
  readonly bucket: string
  readonly entry: Entry
  /** What the person may let others do: of a file, download. */
  readonly kinds: readonly Kind[]
  readonly onClose: () => void
}

/** Makes a link for people without an account, and shows it once. */
export function ShareDialog({ bucket, entry, kinds, onClose }: ShareDialogProps): ReactElement {
  const { api, queries } = useApp()
  const [created, setCreated] = useState<CreatedShare>()
  const form = useForm({
    initial: {
      kind: (kinds[0] ?? 'download') as Kind,
      lifetime: '7' as Lifetime,
      password: '',
      times: '',
      types: '' as Types,
      size: '100' as Size,
    },
    validate: ({ password, times }) => ({
      password: password !== '' && password.length < 4 ? 'Enter at least 4 characters' : undefined,
      times: times === '' || /^[1-9]\d{0,4}$/.test(times) ? undefined : 'Enter a number from 1 to 99,999',
    }),
    submit: ({ kind, lifetime, password, times, types, size }) => {
      const isBox = kind === 'upload'
      const most = times === '' ? {} : { [isBox ? 'maxUploads' : 'maxDownloads']: Number(times) }
      return api.request('createShare', {
        body: {
          bucket,
          ...(entry.kind === 'file' ? { key: entry.key } : { prefix: entry.prefix }),
          ...(lifetime !== '' && { expiresAt: new Date(Date.now() + Number(lifetime) * DAY_MS).toISOString() }),
          ...(password !== '' && { password }),
          ...most,
          ...(isBox && { upload: true, maxSize: Number(size) * MEGABYTE }),
          ...(isBox && types !== '' && { contentTypes: types.split(' ') }),
        },
      })
    },
    onDone: (share) => {
      setCreated(share)
      void queries.invalidateQueries({ queryKey: [KEYS.shares] })
    },
    paths: { lifetime: '/expiresAt', types: '/contentTypes', size: '/maxSize' },
  })
  if (created !== undefined) return <CreatedDialog share={created} onClose={onClose} />
  const isBox = form.values.kind === 'upload'
  return (
    <FormDialog
      form={form}
      title={`Share ${shownName(entry.name)}`}
      submitLabel="Create link"
      onClose={onClose}
      maxWidth="sm"
    >
      {entry.kind === 'folder' && (
        <SelectInput
          form={form}
          name="kind"
          label="Whoever has the link can"
          options={KINDS.filter(({ value }) => kinds.includes(value))}
          {...(isBox && { hint: 'Nothing is replaced: each file gets a name of its own.' })}
        />
      )}
      <SelectInput form={form} name="lifetime" label="The link works for" options={LIFETIMES} />
      <TextInput
        form={form}
        name="password"
        label="Password (optional)"
        type="password"
        autoComplete="new-password"
        maxLength={1024}
        hint="Tell it to them in another way than the link."
      />
      <TextInput
        form={form}
        name="times"
        label={isBox ? 'Uploads at most (optional)' : 'Downloads at most (optional)'}
        hint={isBox ? 'Empty: 1,000.' : 'Empty: as many as they like.'}
      />
      {isBox && (
        <>
          <SelectInput form={form} name="size" label="A file has at most" options={SIZES} />
          <SelectInput form={form} name="types" label="What may be uploaded" options={TYPES} />
        </>
      )}
    </FormDialog>
  )
}

function CreatedDialog({
  share,
  onClose,
}: {
  readonly share: CreatedShare
  readonly onClose: () => void
}): ReactElement {
  const titleId = useId()
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="sm">
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        The link to {share.name}
      </DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        <Alert severity="info" variant="outlined">
          Copy the link now. It is not shown again. You can switch it off in Shared links.
        </Alert>
        <CopyText text={share.url} what="the link" />
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button variant="contained" onClick={onClose} autoFocus>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  )
}
