import FolderOpenOutlined from '@mui/icons-material/FolderOpenOutlined'
import ScheduleOutlined from '@mui/icons-material/ScheduleOutlined'
import StarOutlined from '@mui/icons-material/StarOutlineRounded'
import Box from '@mui/material/Box'
import { AUDIT_ACTIONS } from '@skycrate/contract/audit-actions'
import type { Recent, Starred } from '@skycrate/contract/starred/schemas'
import { useMutation, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { homeQuery } from '../data/queries.ts'
import { KEYS } from '../data/query-keys.ts'
import type { Rows } from '../data/use-rows.ts'
import { formatExactTime, formatTime } from '../format/format-time.ts'
import { shownName } from '../format/shown-name.ts'
import type { Column } from '../ui/column.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Page } from '../ui/page.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { RefreshButton } from '../ui/refresh-button.tsx'
import { placeLink } from './place-link.ts'
import { PlaceName } from './place-name.tsx'
import { starredQuery } from './starred-query.ts'

type Star = Starred['starred'][number]
type Use = Recent['recent'][number]

const time = (at: string): ReactElement => (
  <Box component="time" dateTime={at} title={formatExactTime(at)} sx={{ color: 'text.secondary' }}>
    {formatTime(at)}
  </Box>
)

const STAR_COLUMNS: readonly Column<Star>[] = [
  {
    id: 'name',
    header: 'Name',
    card: 'title',
    sortValue: ({ name }) => name,
    cell: (star) => <PlaceName place={star} />,
  },
  {
    id: 'starred',
    header: 'Starred',
    width: '190px',
    card: 'bare',
    sortValue: ({ starredAt }) => starredAt,
    cell: ({ starredAt }) => time(starredAt),
  },
]

const USE_COLUMNS: readonly Column<Use>[] = [
  {
    id: 'name',
    header: 'Name',
    card: 'title',
    sortValue: ({ name }) => name,
    cell: (use) => <PlaceName place={use} />,
  },
  {
    id: 'action',
    header: 'What you did',
    width: '200px',
    card: 'none',
    wideOnly: true,
    cell: ({ action }) => <Box sx={{ color: 'text.secondary' }}>{AUDIT_ACTIONS[action].label}</Box>,
  },
  { id: 'at', header: 'When', width: '190px', card: 'bare', sortValue: ({ at }) => at, cell: ({ at }) => time(at) },
]

const keyOf = ({ store, bucket, key }: Star | Use): string => `${store}/${bucket}/${key}`

/** What the person starred, wherever it is. */
export function StarredPage(): ReactElement {
  const { api, queries } = useApp()
  const query = useQuery(starredQuery(api))
  const showFolder = useShowFolder()
  const unstar = useMutation({
    mutationFn: ({ bucket, key, kind }: Star) =>
      api.request('unstar', { query: { bucket, ...(kind === 'file' ? { key } : { prefix: key }) } }),
    onSettled: () => queries.invalidateQueries({ queryKey: starredQuery(api).queryKey }),
  })
  return (
    <Page
      title="Starred"
      description="Files and folders that you starred. Each is shown as long as you have access to it."
      actions={<RefreshButton query={query} />}
    >
      {unstar.error !== null && (
        <Box sx={{ mb: 2, flexShrink: 0 }}>
          <ProblemAlert error={unstar.error} />
        </Box>
      )}
      <DataTable
        label="Starred files and folders"
        columns={STAR_COLUMNS}
        list={rowsOf(query, query.data?.starred)}
        rowKey={keyOf}
        rowName={({ name }) => shownName(name)}
        rowHeight={64}
        actions={(star) => [
          ...showFolder(star),
          { label: 'Take the star away', icon: <StarOutlined />, onSelect: () => unstar.mutate(star) },
        ]}
        onRowKey={(star, key) => {
          if (key === 'Delete') unstar.mutate(star)
          return key === 'Delete'
        }}
        empty={
          <Empty icon={StarOutlined} title="Nothing is starred">
            Choose Star in the menu of a file or folder, and you find it here.
          </Empty>
        }
      />
    </Page>
  )
}

/** The files that the person used last. */
export function RecentPage(): ReactElement {
  const { api } = useApp()
  const query = useQuery({
    queryKey: [KEYS.activity, 'recent'],
    queryFn: ({ signal }) => api.request('listRecent', {}, { signal }),
  })
  const showFolder = useShowFolder()
  return (
    <Page title="Recent" description="The files that you used last." actions={<RefreshButton query={query} />}>
      <DataTable
        label="Recent files"
        columns={USE_COLUMNS}
        list={rowsOf(query, query.data?.recent)}
        rowKey={keyOf}
        rowName={({ name }) => shownName(name)}
        rowHeight={64}
        actions={showFolder}
        empty={
          <Empty icon={ScheduleOutlined} title="Nothing yet">
            What you upload, look at and download is listed here.
          </Empty>
        }
      />
    </Page>
  )
}

/** The action that shows where something is. */
function useShowFolder() {
  const { api } = useApp()
  const navigate = useNavigate()
  const home = useQuery(homeQuery(api)).data
  return ({ bucket, key }: Star | Use) => {
    const parent = key.slice(0, key.lastIndexOf('/', key.length - 2) + 1)
    const onSelect = (): void => void navigate(placeLink(home, { bucket, key: parent }))
    return key === '' ? [] : [{ label: 'Show its folder', icon: <FolderOpenOutlined />, onSelect }]
  }
}

/** A short list that comes whole. */
function rowsOf<Row>(query: UseQueryResult, rows: readonly Row[] = []): Rows<Row> {
  return {
    rows,
    isPending: query.isPending,
    error: query.isError ? query.error : null,
    hasMore: false,
    isLoadingMore: false,
    loadMore: () => undefined,
    retry: () => void query.refetch(),
  }
}
