import { useInfiniteQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { useIsGuest } from '../app/guest-context.ts'
import { locationsQuery } from '../data/queries.ts'
import { bucketsOf } from '../locations/buckets-of.ts'
import { toLocation } from '../paths.ts'
import { Page } from '../ui/page.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { TableSkeleton } from '../ui/table-skeleton.tsx'
import { usePageSearch } from '../ui/use-page-search.ts'
import { actionsAt, actionsForGuest, rootOf } from './actions-at.ts'
import { FolderPage } from './folder-page.tsx'
import { prefixIn } from './folder-search.ts'

export function LocationPage(): ReactElement {
  const { bucket = '' }: { readonly bucket?: string } = useParams({ strict: false })
  const [{ prefix = '', file }, setSearch] = usePageSearch(prefixIn)
  const { api } = useApp()
  const isGuest = useIsGuest()
  const buckets = useInfiniteQuery(locationsQuery(api))

  if (!buckets.data) {
    return (
      <Page title={bucket}>
        {buckets.isError ? (
          <ProblemAlert error={buckets.error} onRetry={() => void buckets.refetch()} />
        ) : (
          <TableSkeleton label="Loading" />
        )}
      </Page>
    )
  }
  const named = bucketsOf(buckets.data.pages).find((each) => each.bucket === bucket)
  // Where the list has been seen to its end, a bucket that is not in it is one where nothing is allowed.
  const known = named ?? (buckets.hasNextPage ? undefined : { bucket, locations: [], moreLocations: false })
  const root = rootOf(known, prefix)
  return (
    <FolderPage
      bucket={bucket}
      prefix={prefix}
      root={root}
      rootName={root === '' ? bucket : `${bucket}/${root}`}
      linkTo={(to) => toLocation(bucket, to)}
      show={file}
      onShown={() => setSearch(prefix === '' ? {} : { prefix })}
      actionsAt={(at) => {
        const actions = actionsAt(known, at)
        return isGuest ? new Set(actionsForGuest(actions)) : actions
      }}
    />
  )
}
