import CottageOutlined from '@mui/icons-material/CottageOutlined'
import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import Replay from '@mui/icons-material/Replay'
import type { UserHome } from '@skycrate/contract/homes/schemas'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { useRows } from '../../data/use-rows.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { Empty } from '../../ui/empty.tsx'
import { FilterBar } from '../../ui/filter-bar.tsx'
import type { Filter } from '../../ui/filter-field.tsx'
import { Page } from '../../ui/page.tsx'
import { nameOf } from '../../ui/name-of.ts'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import { usePageSearch } from '../../ui/use-page-search.ts'
import { DeleteHomeDialog } from './delete-home-dialog.tsx'
import { HOME_COLUMNS } from './home-columns.tsx'
import { homesQuery } from './home-queries.ts'
import { HOME_STATES, type HomeSearch, parseHomeSearch } from './home-search.ts'

const FILTERS: readonly Filter<keyof HomeSearch>[] = [
  { kind: 'text', name: 'search', label: 'Search', width: 300, placeholder: 'E-mail, name, id or bucket' },
  {
    kind: 'select',
    name: 'state',
    label: 'State',
    width: 160,
    options: Object.entries(HOME_STATES).map(([value, { name }]) => ({ value, label: name })),
  },
]

const personOf = ({ userId, email, name }: UserHome) => ({ id: userId, email, name })

export function HomesPage(): ReactElement {
  const { api, queries, toasts } = useApp()
  const [search, setSearch] = usePageSearch(parseHomeSearch)
  const query = useInfiniteQuery(homesQuery(api, search))
  const list = useRows(query, (page) => page.homes)
  const [ending, setEnding] = useState<UserHome>()
  const retry = async (home: UserHome): Promise<void> => {
    try {
      await api.request('retryHome', { params: { userId: home.userId } })
      toasts.show(`The home of ${nameOf(personOf(home))} is ready`)
    } catch (error) {
      toasts.show(error instanceof SkyCrateError ? (error.detail ?? error.title) : 'The action failed. Try again.')
    }
    await queries.invalidateQueries({ queryKey: [KEYS.homes] })
  }
  return (
    <Page
      title="Homes"
      description="Each user's own place: whose it is, where it is, and how far its creation got."
      actions={<RefreshButton query={query} />}
    >
      <FilterBar search={search} filters={FILTERS} onChange={(next) => setSearch(parseHomeSearch({ ...next }))} />
      <DataTable
        label="Homes"
        columns={HOME_COLUMNS}
        list={list}
        rowKey={({ userId }) => userId}
        rowName={(home) => nameOf(personOf(home))}
        actions={(home) =>
          home.state === 'deleting'
            ? []
            : [
                { label: 'Retry', icon: <Replay fontSize="small" />, onSelect: () => void retry(home) },
                {
                  label: 'Delete…',
                  icon: <DeleteOutlined fontSize="small" />,
                  destructive: true,
                  onSelect: () => setEnding(home),
                },
              ]
        }
        empty={
          <Empty icon={CottageOutlined} title={Object.keys(search).length > 0 ? 'No home matches' : 'No home yet'} />
        }
      />
      {ending !== undefined && <DeleteHomeDialog home={ending} onClose={() => setEnding(undefined)} />}
    </Page>
  )
}
