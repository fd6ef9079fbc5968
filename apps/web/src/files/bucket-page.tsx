import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { bucketsQuery } from '../app/queries.ts'
import { toBucket } from '../paths.ts'
import { ProblemAlert } from '../problem/problem-alert.tsx'
import { Page } from '../shell/page.tsx'
import { actionsAt, rootOf } from './actions-at.ts'
import { FileBrowser } from './file-browser.tsx'
import { TableSkeleton } from './table-skeleton.tsx'

const route = getRouteApi('/app/buckets/$bucket')

export function BucketPage(): ReactElement {
  const { bucket } = route.useParams()
  const { prefix = '' } = route.useSearch()
  const { api } = useApp()
  const buckets = useInfiniteQuery(bucketsQuery(api))

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
  const named = buckets.data.pages.flatMap((page) => page.buckets).find((each) => each.bucket === bucket)
  // Where the list has been seen to its end, a bucket that is not in it is one where nothing is allowed.
  const known = named ?? (buckets.hasNextPage ? undefined : { bucket, locations: [], moreLocations: false })
  const root = rootOf(known, prefix)
  return (
    <FileBrowser
      key={`${bucket}/${prefix}`}
      bucket={bucket}
      prefix={prefix}
      root={root}
      rootName={root === '' ? bucket : `${bucket}/${root}`}
      linkTo={(to) => toBucket(bucket, to)}
      actions={actionsAt(known, prefix)}
    />
  )
}
