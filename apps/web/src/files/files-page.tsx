import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { homeQuery } from '../app/queries.ts'
import { toFiles } from '../paths.ts'
import { ProblemAlert } from '../problem/problem-alert.tsx'
import { Page } from '../shell/page.tsx'
import { EVERY_ACTION } from './actions-at.ts'
import { FileBrowser } from './file-browser.tsx'
import { TableSkeleton } from './table-skeleton.tsx'

const TITLE = 'Your files'

const route = getRouteApi('/app/files')

export function FilesPage(): ReactElement {
  const { folder = '' } = route.useSearch()
  const { api } = useApp()
  const home = useQuery(homeQuery(api))

  if (!home.data) {
    return (
      <Page title={TITLE}>
        {home.isError ? (
          <ProblemAlert error={home.error} onRetry={() => void home.refetch()} />
        ) : (
          <TableSkeleton label="Preparing your storage" />
        )}
      </Page>
    )
  }
  const { bucket, prefix } = home.data
  return (
    <FileBrowser
      key={folder}
      bucket={bucket}
      prefix={`${prefix}${folder}`}
      root={prefix}
      rootName={TITLE}
      linkTo={(to) => toFiles(to.slice(prefix.length))}
      // One's home is one's own; where an administrator narrowed it, the server says so.
      actions={EVERY_ACTION}
    />
  )
}
