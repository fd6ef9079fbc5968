import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { activityQuery } from '../app/queries.ts'
import { Page } from '../shell/page.tsx'
import { Events } from './events.tsx'
import { RefreshButton } from './refresh-button.tsx'

export function ActivityPage(): ReactElement {
  const { api } = useApp()
  const query = useInfiniteQuery(activityQuery(api))
  return (
    <Page title="Activity" actions={<RefreshButton query={query} />}>
      <Events label="Your activity" query={query} showUser={false} empty="You have done nothing here yet." />
    </Page>
  )
}
