import Add from '@mui/icons-material/Add'
import DataUsageOutlined from '@mui/icons-material/DataUsageOutlined'
import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import EditOutlined from '@mui/icons-material/EditOutlined'
import GroupsOutlined from '@mui/icons-material/GroupsOutlined'
import KeyOutlined from '@mui/icons-material/KeyOutlined'
import PeopleOutlined from '@mui/icons-material/PeopleOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import type { GroupSummary } from '@skycrate/contract/groups/schemas'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { useRows } from '../../data/use-rows.ts'
import { toPermissions } from '../../paths.ts'
import type { Column } from '../../ui/column.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { Empty } from '../../ui/empty.tsx'
import { FilterBar } from '../../ui/filter-bar.tsx'
import { QuotaDialog } from '../../quotas/quota-dialog.tsx'
import { Page } from '../../ui/page.tsx'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import { TwoLines } from '../../ui/two-lines.tsx'
import { WideText } from '../../ui/wide-text.tsx'
import { usePageSearch } from '../../ui/use-page-search.ts'
import { principalId } from '../permissions/principal-id.ts'
import { GroupDialog } from './group-dialog.tsx'
import { groupsQuery } from './group-queries.ts'
import { parseGroupSearch } from './group-search.ts'
import { MembersDialog } from './members-dialog.tsx'

const COLUMNS: readonly Column<GroupSummary>[] = [
  {
    id: 'name',
    header: 'Group',
    width: 'minmax(0, 1.4fr)',
    card: 'title',
    sortValue: ({ name }) => name,
    cell: ({ name, description }) => <TwoLines first={name} second={description} />,
  },
  {
    id: 'issuer',
    header: 'Said by',
    sortValue: ({ issuer }) => issuer ?? '',
    cell: ({ issuer }) => issuer ?? 'SkyCrate',
  },
  {
    id: 'members',
    header: 'Members',
    width: '110px',
    align: 'right',
    sortValue: ({ memberCount }) => memberCount,
    cell: ({ memberCount }) => memberCount.toLocaleString(),
  },
]

interface Open {
  readonly what: 'edit' | 'members' | 'quota' | 'quota-of-all' | 'delete' | 'new'
  readonly group?: GroupSummary
}

const principalOf = ({ name, issuer }: GroupSummary): string =>
  principalId(issuer === null ? { kind: 'group', group: name } : { kind: 'group', group: name, issuer })

export function GroupsPage(): ReactElement {
  const { api, queries } = useApp()
  const router = useRouter()
  const [search, setSearch] = usePageSearch(parseGroupSearch)
  const query = useInfiniteQuery(groupsQuery(api, search))
  const list = useRows(query, (page) => page.groups)
  const [open, setOpen] = useState<Open>()
  const close = (): void => setOpen(undefined)
  const remove = async (group: GroupSummary): Promise<void> => {
    await api.request('deleteGroup', { params: { id: group.id } }, { ifMatch: group.updatedAt })
    await Promise.all(
      [KEYS.groups, KEYS.users, KEYS.permissions].map((key) => queries.invalidateQueries({ queryKey: [key] })),
    )
  }
  return (
    <Page
      title="Groups"
      description="SkyCrate's own groups, and those that users' issuers named at their last sign-in."
      actions={
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <RefreshButton query={query} />
          <Button
            startIcon={<DataUsageOutlined />}
            title="Quota for everyone"
            aria-label="Quota for everyone"
            onClick={() => setOpen({ what: 'quota-of-all' })}
          >
            <WideText>Quota for everyone…</WideText>
          </Button>
          <Button variant="contained" startIcon={<Add />} onClick={() => setOpen({ what: 'new' })}>
            New group
          </Button>
        </Box>
      }
    >
      <FilterBar
        search={search}
        filters={[{ kind: 'text', name: 'search', label: 'Search', placeholder: 'How the name begins' }]}
        onChange={(next) => setSearch(parseGroupSearch({ ...next }))}
      />
      <DataTable
        label="Groups"
        columns={COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        rowName={({ name }) => name}
        actions={(group) => [
          {
            label: 'Members…',
            icon: <PeopleOutlined fontSize="small" />,
            onSelect: () => setOpen({ what: 'members', group }),
          },
          {
            label: 'Quota…',
            icon: <DataUsageOutlined fontSize="small" />,
            onSelect: () => setOpen({ what: 'quota', group }),
          },
          {
            label: 'Permissions',
            icon: <KeyOutlined fontSize="small" />,
            onSelect: () => void router.navigate(toPermissions({ principal: principalOf(group) })),
          },
          { label: 'Edit…', icon: <EditOutlined fontSize="small" />, onSelect: () => setOpen({ what: 'edit', group }) },
          {
            label: 'Delete…',
            icon: <DeleteOutlined fontSize="small" />,
            destructive: true,
            onSelect: () => setOpen({ what: 'delete', group }),
          },
        ]}
        empty={<Empty icon={GroupsOutlined} title={search.search ? 'No group matches' : 'No group yet'} />}
      />
      {open?.what === 'new' && <GroupDialog onClose={close} />}
      {open?.what === 'edit' && open.group && <GroupDialog group={open.group} onClose={close} />}
      {open?.what === 'quota' && open.group && (
        <QuotaDialog of={{ kind: 'group', id: open.group.id, name: open.group.name }} onClose={close} />
      )}
      {open?.what === 'quota-of-all' && (
        <QuotaDialog of={{ kind: 'user', id: 'everyone', name: 'every user' }} onClose={close} />
      )}
      {open?.what === 'members' && open.group && <MembersDialog group={open.group} onClose={close} />}
      {open?.what === 'delete' && open.group && (
        <ConfirmDialog
          title={`Delete the group ${open.group.name}?`}
          confirmLabel="Delete"
          destructive
          onConfirm={() => remove(open.group!)}
          onClose={close}
        >
          {open.group.issuer === null
            ? 'Its permissions are deleted too, and its members lose the access that they give.'
            : 'It reappears with the next sign-in whose token contains it. Its permissions are kept.'}
        </ConfirmDialog>
      )}
    </Page>
  )
}
