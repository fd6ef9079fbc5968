import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { auditQuery } from '../app/queries.ts'
import { toAudit } from '../paths.ts'
import { Page } from '../shell/page.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { Events } from './events.tsx'
import { RefreshButton } from './refresh-button.tsx'

const route = getRouteApi('/app/audit')

export function AuditPage(): ReactElement {
  const { api } = useApp()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(auditQuery(api, search))
  return (
    <Page title="Audit log" actions={<RefreshButton query={query} />}>
      <AuditFilters search={search} onChange={(next) => void navigate({ ...toAudit(next), replace: true })} />
      <Events label="Audit events" query={query} showUser empty="Nothing matches." />
    </Page>
  )
}
