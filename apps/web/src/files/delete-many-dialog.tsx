import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { counted } from '../format/counted.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import type { Sources } from './sources.ts'

interface DeleteManyDialogProps {
  readonly bucket: string
  readonly sources: Sources
  /** What goes, such as "photos" or "3 items". */
  readonly what: string
  /** Whether it can be brought back. */
  readonly keepsVersions: boolean
  readonly onConfirm: () => Promise<unknown>
  readonly onClose: () => void
}

/** Says how much goes before folders are deleted. */
export function DeleteManyDialog(props: DeleteManyDialogProps): ReactElement {
  const { bucket, sources, what, keepsVersions, onConfirm, onClose } = props
  const { api } = useApp()
  const count = useQuery({
    queryKey: ['deletion', bucket, sources],
    queryFn: ({ signal }) =>
      api.request('deleteObjects', { body: { bucket, ...sources, countOnly: true } }, { signal }),
    gcTime: 0,
  })
  return (
    <ConfirmDialog title={`Delete ${what}?`} confirmLabel="Delete" destructive onConfirm={onConfirm} onClose={onClose}>
      <span role="status">
        {count.data
          ? `${count.data.more ? 'More than ' : ''}${counted(count.data.objects, 'file')}, ${formatBytes(count.data.bytes)}, will be deleted for everyone.`
          : count.isError
            ? 'The files could not be counted.'
            : 'Counting what will be deleted …'}
      </span>{' '}
      {keepsVersions ? 'You can undo this.' : 'This cannot be undone.'}
    </ConfirmDialog>
  )
}
