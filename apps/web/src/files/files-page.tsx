import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { homeQuery } from '../data/queries.ts'
import { toFiles } from '../paths.ts'
import { Page } from '../ui/page.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { TableSkeleton } from '../ui/table-skeleton.tsx'
import { usePageSearch } from '../ui/use-page-search.ts'
import { EVERY_ACTION } from './actions-at.ts'
import { FolderPage } from './folder-page.tsx'
import { folderIn } from './folder-search.ts'

const TITLE = 'Your files'

export function FilesPage(): ReactElement {
  const [{ folder = '', file }, setSearch] = usePageSearch(folderIn)
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
    <FolderPage
      bucket={bucket}
      prefix={`${prefix}${folder}`}
      root={prefix}
      rootName={TITLE}
      linkTo={(to) => toFiles(to.slice(prefix.length))}
      // One's home is one's own; where an administrator narrowed it, the server says so.
      actionsAt={() => EVERY_ACTION}
      show={file}
      onShown={() => setSearch(folder === '' ? {} : { folder })}
    />
  )
}
