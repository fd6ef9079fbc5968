import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import RestoreRounded from '@mui/icons-material/RestoreRounded'
import Box from '@mui/material/Box'
import type { Deletions } from '@skycrate/contract/versions/schemas'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { type ReactElement, useMemo } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { useRows } from '../data/use-rows.ts'
import { useSelection } from '../files/use-selection.ts'
import { SelectionBar } from '../files/selection-bar.tsx'
import { counted } from '../format/counted.ts'
import { failureOf, whenEnded } from '../jobs/when-ended.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Page } from '../ui/page.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { RefreshButton } from '../ui/refresh-button.tsx'
import { trashColumns } from './trash-columns.tsx'
import { trashQuery } from './trash-query.ts'

export type Deleted = Deletions['deletions'][number]

/** Files that one request restores. */
const TOGETHER = 1000

interface DeletedFilesProps {
  readonly title: string
  readonly bucket: string
  /** Names are told from here. */
  readonly root: string
  /** What the list is of. */
  readonly place: string
}

export function DeletedFiles({ title, bucket, root, place }: DeletedFilesProps): ReactElement {
  const { api, queries, refreshListings, toasts } = useApp()
  const query = useInfiniteQuery(trashQuery(api, bucket, root))
  const list = useRows(query, ({ deletions }) => deletions)
  const { selection, clear, ofTable } = useSelection(list.rows.map(({ key }) => key))
  const selected = list.rows.filter(({ key }) => selection.keys.has(key))
  const columns = useMemo(() => trashColumns(root), [root])

  const restore = useMutation({
    async mutationFn(wanted: readonly Deleted[]) {
      const [only] = wanted
      if (wanted.length === 1 && only) {
        await api.restoreObject({ bucket, key: only.key })
        refreshListings(bucket, only.key)
        toasts.show(`Restored ${only.key.slice(root.length)}`)
        return
      }
      for (let at = 0; at < wanted.length; at += TOGETHER) {
        const keys = wanted.slice(at, at + TOGETHER).map(({ key }) => key)
        const { id } = await api.request('restoreDeleted', { body: { bucket, keys } })
        // The tray tells of its failure.
        if (failureOf(await whenEnded(api, id)) !== undefined) return
      }
      toasts.show(`Restored ${counted(wanted.length, 'file')}`)
    },
    onSettled() {
      void queries.invalidateQueries({ queryKey: [KEYS.jobs] })
      void queries.invalidateQueries({ queryKey: [KEYS.trash] })
    },
  })
  const restoreAction = (wanted: readonly Deleted[]) => ({
    label: 'Restore',
    icon: <RestoreRounded />,
    onSelect: () => restore.mutate(wanted),
  })

  return (
    <Page
      title={title}
      description={`What was deleted from ${place}, until it is gone for good. Restoring puts a file back where it was.`}
      actions={<RefreshButton query={query} />}
    >
      {restore.error !== null && (
        <Box sx={{ mb: 2, flexShrink: 0 }}>
          <ProblemAlert error={restore.error} />
        </Box>
      )}
      {selected.length > 0 && (
        <SelectionBar count={selected.length} actions={[restoreAction(selected)]} onClear={clear} />
      )}
      <DataTable
        label="Deleted files"
        columns={columns}
        list={list}
        rowKey={({ key }) => key}
        rowName={({ key }) => key.slice(root.length)}
        actions={(row) => [restoreAction([row])]}
        selection={ofTable}
        empty={
          <Empty icon={DeleteOutlined} title="The trash is empty">
            Deleted files are kept here where the bucket keeps versions.
          </Empty>
        }
      />
    </Page>
  )
}
