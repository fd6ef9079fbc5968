import Skeleton from '@mui/material/Skeleton'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactElement, ReactNode } from 'react'
import { ProblemAlert } from './problem-alert.tsx'

interface QueryStateProps<Data> {
  readonly query: UseQueryResult<Data>
  readonly children: (data: Data) => ReactNode
}

/** What a query gives, or what it is waiting for, or why it failed. */
export function QueryState<Data>({ query, children }: QueryStateProps<Data>): ReactElement {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.isError) return <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />
  return (
    <div role="status" aria-label="Loading">
      <Skeleton variant="text" width="60%" />
      <Skeleton variant="text" width="40%" />
    </div>
  )
}
