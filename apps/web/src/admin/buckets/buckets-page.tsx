import Add from '@mui/icons-material/Add'
import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import StorageOutlined from '@mui/icons-material/StorageOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import type { BucketSummary } from '@skycrate/contract/buckets/schemas'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { useRows } from '../../data/use-rows.ts'
import { toBucket } from '../../paths.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { Empty } from '../../ui/empty.tsx'
import { FilterBar } from '../../ui/filter-bar.tsx'
import type { Filter } from '../../ui/filter-field.tsx'
import { Page } from '../../ui/page.tsx'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import { usePageSearch } from '../../ui/use-page-search.ts'
import { BUCKET_COLUMNS } from './bucket-columns.tsx'
import { bucketsQuery } from './bucket-queries.ts'
import { type BucketSearch, parseBucketSearch } from './bucket-search.ts'
import { BUCKET_KINDS, BUCKET_STATES } from './bucket-words.ts'
import { DeleteBucketDialog } from './delete-bucket-dialog.tsx'
import { NewBucketDialog } from './new-bucket-dialog.tsx'

const FILTERS: readonly Filter<keyof BucketSearch>[] = [
  { kind: 'text', name: 'search', label: 'Search', placeholder: 'Part of the name' },
  {
    kind: 'select',
    name: 'kind',
    label: 'Kind',
    width: 160,
    options: Object.entries(BUCKET_KINDS).map(([value, label]) => ({ value, label })),
  },
  {
    kind: 'select',
    name: 'state',
    label: 'State',
    width: 160,
    options: (['ready', 'created', 'failed', 'collided', 'deleting', 'deleted'] as const).map((value) => ({
      value,
      label: BUCKET_STATES[value].name,
    })),
  },
]

export function BucketsPage(): ReactElement {
  const { api } = useApp()
  const navigate = useNavigate()
  const [search, setSearch] = usePageSearch(parseBucketSearch)
  const query = useInfiniteQuery(bucketsQuery(api, search))
  const list = useRows(query, (page) => page.buckets)
  const [adding, setAdding] = useState<'register' | 'create'>()
  const [deleting, setDeleting] = useState<BucketSummary>()
  const isFiltered = Object.keys(search).length > 0
  return (
    <Page
      title="Buckets"
      actions={
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', flexWrap: 'wrap' }}>
          <RefreshButton query={query} />
          <Button variant="outlined" onClick={() => setAdding('register')}>
            Register
          </Button>
          <Button variant="contained" startIcon={<Add />} onClick={() => setAdding('create')}>
            Create
          </Button>
        </Box>
      }
    >
      <FilterBar search={search} filters={FILTERS} onChange={(next) => setSearch(parseBucketSearch({ ...next }))} />
      <DataTable
        label="Buckets"
        columns={BUCKET_COLUMNS}
        list={list}
        rowKey={({ store, name }) => `${store}/${name}`}
        rowName={({ name }) => name}
        actions={(bucket) => [
          { label: 'Open', onSelect: () => void navigate(toBucket(bucket.store, bucket.name)) },
          ...(bucket.kind === 'registered' || bucket.kind === 'created'
            ? [
                {
                  label: 'Delete…',
                  icon: <DeleteOutlined fontSize="small" />,
                  destructive: true,
                  onSelect: () => setDeleting(bucket),
                },
              ]
            : []),
        ]}
        empty={
          isFiltered ? (
            <Empty icon={StorageOutlined} title="No bucket matches" />
          ) : (
            <Empty icon={StorageOutlined} title="No bucket yet">
              Register an existing bucket, or create one, to give users access to it.
            </Empty>
          )
        }
      />
      {adding !== undefined && (
        <NewBucketDialog
          mode={adding}
          onDone={({ store, name }) => void navigate(toBucket(store, name))}
          onClose={() => setAdding(undefined)}
        />
      )}
      {deleting !== undefined && <DeleteBucketDialog bucket={deleting} onClose={() => setDeleting(undefined)} />}
    </Page>
  )
}
