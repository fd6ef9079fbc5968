import type { AuditEvents } from '@skycrate/contract/audit/schemas'
import Typography from '@mui/material/Typography'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { TableSkeleton } from '../files/table-skeleton.tsx'
import { ProblemAlert } from '../problem/problem-alert.tsx'
import { EventTable } from './event-table.tsx'

interface EventsProps {
  readonly label: string
  readonly query: UseInfiniteQueryResult<InfiniteData<AuditEvents>>
  readonly showUser: boolean
  /** Said where there is none. */
  readonly empty: string
}

/** What a query of audit events has so far, in each of its states. */
export function Events({ label, query, showUser, empty }: EventsProps): ReactElement {
  const { data, error, isError, isPending, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = query
  const events = data?.pages.flatMap((page) => page.events) ?? []
  if (isPending) return <TableSkeleton label="Loading the events" />
  return (
    <>
      {isError && <ProblemAlert error={error} onRetry={() => void (events.length > 0 ? fetchNextPage() : refetch())} />}
      {events.length > 0 ? (
        <EventTable
          label={label}
          events={events}
          showUser={showUser}
          hasMore={hasNextPage && !isError}
          loadingMore={isFetchingNextPage}
          onMore={() => void fetchNextPage()}
        />
      ) : (
        !isError && <Typography color="textSecondary">{empty}</Typography>
      )}
    </>
  )
}
