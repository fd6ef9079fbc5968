import PolicyOutlined from '@mui/icons-material/PolicyOutlined'
import { AUDIT_ACTION_NAMES } from '@skycrate/contract/audit-actions'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { actionName } from '../../audit/audit-actions.ts'
import { EventTable } from '../../audit/event-table.tsx'
import { OUTCOMES } from '../../audit/outcome-chip.tsx'
import { auditQuery, auditStatsQuery } from '../../data/queries.ts'
import { useRows } from '../../data/use-rows.ts'
import { Empty } from '../../ui/empty.tsx'
import { FilterBar } from '../../ui/filter-bar.tsx'
import type { Filter } from '../../ui/filter-field.tsx'
import { Page } from '../../ui/page.tsx'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import { usePageSearch } from '../../ui/use-page-search.ts'
import { AuditChart } from './audit-chart.tsx'
import { ExportButton } from './export-button.tsx'
import { type AuditSearch, parseAuditSearch } from './audit-search.ts'

const FILTERS: readonly Filter<keyof AuditSearch>[] = [
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
  { kind: 'text', name: 'userId', label: 'User id' },
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
  const stats = useQuery(auditStatsQuery(api, search))
  return (
    <Page
      title="Audit log"
      actions={
        <>
          <ExportButton search={search} format="csv" />
          <ExportButton search={search} format="jsonl" />
          <RefreshButton query={query} />
        </>
      }
    >
      {stats.data !== undefined && <AuditChart stats={stats.data} />}
      <FilterBar search={search} filters={FILTERS} onChange={(next) => setSearch(parseAuditSearch({ ...next }))} />
      <EventTable
        label="Audit events"
        list={list}
        showUser
        empty={<Empty icon={PolicyOutlined} title="No event matches" />}
      />
    </Page>
  )
}
