import FormControl from '@mui/material/FormControl'
import FormControlLabel from '@mui/material/FormControlLabel'
import Radio from '@mui/material/Radio'
import RadioGroup from '@mui/material/RadioGroup'
import type { BucketSummary } from '@skycrate/contract/buckets/schemas'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'

interface DeleteBucketDialogProps {
  readonly bucket: Pick<BucketSummary, 'store' | 'name' | 'adopted'>
  /** @param isGone whether there is nothing left to look at */
  readonly onDone?: (isGone: boolean) => void
  readonly onClose: () => void
}

type Choice = 'forget' | 'empty' | 'contents'

export function DeleteBucketDialog({ bucket, onDone, onClose }: DeleteBucketDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const { store, name, adopted } = bucket
  const [choice, setChoice] = useState<Choice>(adopted ? 'forget' : 'empty')
  const choices: [Choice, string][] = [
    ...(adopted
      ? ([['forget', 'Unregister the bucket. The bucket and its objects are kept at the store.']] as const)
      : []),
    ['empty', 'Delete the bucket if it is empty.'],
    ['contents', 'Delete the bucket with all objects, old versions and unfinished uploads.'],
  ].map(([value, label]) => [value as Choice, label as string])
  const destroy = async (): Promise<void> => {
    const { state } = await api.request('deleteBucket', {
      params: { store, name },
      query: {
        confirm: name,
        contents: choice === 'contents' ? 'true' : 'false',
        forget: choice === 'forget' ? 'true' : 'false',
      },
    })
    toasts.show(
      { deleted: `Deleted ${name}`, forgotten: `Took ${name} off the list`, deleting: `${name} is being deleted` }[
        state
      ],
    )
    await queries.invalidateQueries({ queryKey: [KEYS.buckets, 'list'] })
    onDone?.(state !== 'deleting')
  }
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      confirmLabel={choice === 'forget' ? 'Unregister' : 'Delete'}
      destructive
      typedName={name}
      onConfirm={destroy}
      onClose={onClose}
    >
      <FormControl>
        <RadioGroup
          aria-label="What to delete"
          value={choice}
          onChange={(event) => setChoice(event.target.value as Choice)}
          sx={{ gap: 1, mb: 1 }}
        >
          {choices.map(([value, label]) => (
            <FormControlLabel
              key={value}
              value={value}
              label={label}
              control={<Radio size="small" sx={{ py: 0 }} />}
              sx={{ alignItems: 'flex-start', color: 'text.primary' }}
            />
          ))}
        </RadioGroup>
      </FormControl>
      All permissions on the bucket are deleted. This cannot be undone.
    </ConfirmDialog>
  )
}
