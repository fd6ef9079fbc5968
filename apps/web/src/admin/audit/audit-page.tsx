import PolicyOutlined from '@mui/icons-material/PolicyOutlined'
import Box from '@mui/material/Box'
import { AUDIT_ACTION_NAMES } from '@skycrate/contract/audit-actions'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { actionName } from '../../audit/audit-actions.ts'
import { EventTable } from '../../audit/event-table.tsx'
import { OUTCOMES } from '../../audit/outcome-chip.tsx'
import { auditQuery, auditStatsQuery } from '../../data/queries.ts'
import { KEYS } from '../../data/query-keys.ts'
import { useRows } from '../../data/use-rows.ts'
import { Empty } from '../../ui/empty.tsx'
import { FilterBar } from '../../ui/filter-bar.tsx'
import type { Filter } from '../../ui/filter-field.tsx'
import { Page } from '../../ui/page.tsx'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import { usePageSearch } from '../../ui/use-page-search.ts'
import { searchPeople } from '../users/group-choices.ts'
import { usePersonName } from '../users/use-person-name.ts'
import { AuditChart } from './audit-chart.tsx'
import { ExportButton } from './export-button.tsx'
import { type AuditSearch, parseAuditSearch } from './audit-search.ts'

const BEFORE_USER: readonly Filter<keyof AuditSearch>[] = [
  {
    kind: 'select',
    name: 'action',
    label: 'Action',
    options: AUDIT_ACTION_NAMES.map((value) => ({ value, label: actionName(value) })),
  },
  {
    kind: 'select',
    name: 'outcome',
    label: 'Outcome',
    width: 140,
    options: Object.entries(OUTCOMES).map(([value, { name }]) => ({ value, label: name })),
  },
]
const AFTER_USER: readonly Filter<keyof AuditSearch>[] = [
  { kind: 'text', name: 'bucket', label: 'Bucket', width: 160 },
  { kind: 'text', name: 'prefix', label: 'Key begins with', width: 160 },
  { kind: 'text', name: 'requestId', label: 'Request id', width: 160 },
  { kind: 'time', name: 'from', label: 'From', width: 220 },
  { kind: 'time', name: 'to', label: 'To', width: 220 },
]

export function AuditPage(): ReactElement {
  const { api } = useApp()
  const [search, setSearch] = usePageSearch(parseAuditSearch)
  const query = useInfiniteQuery(auditQuery(api, search))
  const list = useRows(query, (page) => page.events)
  // Of somebody who was deleted, the log alone still has the name.
  const userName = usePersonName(search.userId, () => {
    const event = list.rows.find(({ userId }) => userId === search.userId)
    return event?.userName ?? event?.userEmail
  })
  const filters: readonly Filter<keyof AuditSearch>[] = [
    ...BEFORE_USER,
    {
      kind: 'search',
      name: 'userId',
      label: 'User',
      width: 240,
      queryKey: KEYS.users,
      search: (text, signal) => searchPeople(api, text, signal),
      nameOf: () => userName,
    },
    ...AFTER_USER,
  ]
  const stats = useQuery(auditStatsQuery(api, search))
  return (
    <Page
      title="Audit log"
      actions={
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <RefreshButton query={query} />
          <ExportButton search={search} />
        </Box>
      }
    >
      {stats.data !== undefined && <AuditChart stats={stats.data} />}
      <FilterBar search={search} filters={filters} onChange={(next) => setSearch(parseAuditSearch({ ...next }))} />
      <EventTable
        label="Audit events"
        list={list}
        showUser
        empty={<Empty icon={PolicyOutlined} title="No event matches" />}
      />
    </Page>
  )
}
