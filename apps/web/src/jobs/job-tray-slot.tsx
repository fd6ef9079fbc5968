import type { Me } from '@skycrate/contract/auth/schemas'
import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactElement, Suspense } from 'react'
import { useApp } from '../app/app-context.ts'
import { objectJobsQuery } from './job-queries.ts'

const JobTray = lazy(() => import('./job-tray.tsx').then((module) => ({ default: module.JobTray })))

/** Where the tray of operations appears; it is fetched with the first of them. */
export function JobTraySlot({ me }: { readonly me: Me }): ReactElement | null {
  const { api } = useApp()
  const { data: jobs = [] } = useQuery(objectJobsQuery(api, me.id))
  if (jobs.length === 0) return null
  return (
    <Suspense fallback={null}>
      <JobTray me={me} />
    </Suspense>
  )
}
