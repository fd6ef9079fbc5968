import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { homeQuery } from '../data/queries.ts'
import { Page } from '../ui/page.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { usePageSearch } from '../ui/use-page-search.ts'
import { DeletedFiles } from './deleted-files.tsx'
import { trashIn } from './trash-search.ts'

const TITLE = 'Trash'

/** What was deleted and can still be restored: in one's home, or below a folder of a location. */
export function TrashPage(): ReactElement {
  const [{ bucket, prefix = '' }] = usePageSearch(trashIn)
  const { api } = useApp()
  const home = useQuery({ ...homeQuery(api), enabled: bucket === undefined })
  if (bucket !== undefined)
    return <DeletedFiles title={TITLE} bucket={bucket} root={prefix} place={`${bucket}/${prefix}`} />
  if (home.data) {
    const { bucket: own, prefix: root } = home.data
    return <DeletedFiles title={TITLE} bucket={own} root={root} place="your files" />
  }
  return (
    <Page title={TITLE}>
      <QueryState query={home}>{() => null}</QueryState>
    </Page>
  )
}
