import HistoryOutlined from '@mui/icons-material/HistoryOutlined'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { activityQuery } from '../data/queries.ts'
import { useRows } from '../data/use-rows.ts'
import { Empty } from '../ui/empty.tsx'
import { Page } from '../ui/page.tsx'
import { RefreshButton } from '../ui/refresh-button.tsx'
import { EventTable } from './event-table.tsx'

export function ActivityPage(): ReactElement {
  const { api } = useApp()
  const query = useInfiniteQuery(activityQuery(api))
  const list = useRows(query, (page) => page.events)
  return (
    <Page title="Activity" actions={<RefreshButton query={query} />}>
      <EventTable
        label="Your activity"
        list={list}
        showUser={false}
        empty={<Empty icon={HistoryOutlined} title="No activity yet" />}
      />
    </Page>
  )
}
