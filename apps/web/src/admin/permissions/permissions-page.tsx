import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import EditOutlined from '@mui/icons-material/EditOutlined'
import KeyOutlined from '@mui/icons-material/KeyOutlined'
import ManageSearch from '@mui/icons-material/ManageSearch'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import type { Permission } from '@skycrate/contract/permissions/schemas'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { useRows } from '../../data/use-rows.ts'
import { toWhoCan } from '../../paths.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { Empty } from '../../ui/empty.tsx'
import { FilterBar } from '../../ui/filter-bar.tsx'
import type { Filter } from '../../ui/filter-field.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import type { RowAction } from '../../ui/row-action.tsx'
import { usePageSearch } from '../../ui/use-page-search.ts'
import { usePersonName } from '../users/use-person-name.ts'
import { AccessChanges } from './access-changes.tsx'
import { searchBuckets, searchPrincipals } from './choices.ts'
import { ImportDialog } from './import-dialog.tsx'
import { PERMISSION_COLUMNS, placeOf } from './permission-columns.tsx'
import { PermissionDialog } from './permission-dialog.tsx'
import { permissionsQuery } from './permission-queries.ts'
import { filterOf, parsePermissionSearch, type PermissionSearch } from './permission-search.ts'
import { PermissionTabs } from './permission-tabs.tsx'
import { principalOf } from './principal-id.ts'
import { saveFile } from './save-file.ts'

type Open =
  | { readonly kind: 'edit'; readonly permission: Permission | undefined }
  | { readonly kind: 'delete'; readonly permission: Permission }
  | { readonly kind: 'import' }

export function PermissionsPage(): ReactElement {
  const { api, queries, toasts } = useApp()
  const navigate = useNavigate()
  const [search, setSearch] = usePageSearch(parsePermissionSearch)
  const [open, setOpen] = useState<Open | undefined>(undefined)
  const query = useInfiniteQuery(permissionsQuery(api, search))
  const list = useRows(query, (page) => page.permissions)
  const close = (): void => setOpen(undefined)
  const changed = (message: string): void => {
    close()
    toasts.show(message)
    void queries.invalidateQueries({ queryKey: [KEYS.permissions] })
  }
  const exporting = useMutation({
    mutationFn: () => api.request('exportPermissions', { query: filterOf(search) }),
    onSuccess: (file) => saveFile(file, 'permissions.csv'),
  })
  const isFiltered = Object.keys(search).length > 0
  const create = (): void => setOpen({ kind: 'edit', permission: undefined })

  const chosen = principalOf(search.principal ?? '')
  const userName = usePersonName(chosen?.kind === 'user' ? chosen.userId : undefined)

  const filters: readonly Filter<keyof PermissionSearch>[] = [
    {
      kind: 'search',
      name: 'principal',
      label: 'User or group',
      width: 220,
      queryKey: KEYS.users,
      search: (text, signal) => searchPrincipals(api, text, signal),
      nameOf: (id) => (chosen?.kind === 'user' ? userName : chosen?.kind === 'group' ? chosen.group : id),
    },
    {
      kind: 'select',
      name: 'kind',
      label: 'For',
      width: 140,
      options: [
        { value: 'user', label: 'Users' },
        { value: 'group', label: 'Groups' },
        { value: 'everyone', label: 'Everyone' },
        { value: 'guest', label: 'Guests' },
      ],
    },
    {
      kind: 'search',
      name: 'bucket',
      label: 'Bucket',
      width: 220,
      queryKey: KEYS.buckets,
      search: (text, signal) => searchBuckets(api, text, signal),
      nameOf: (id) => id,
    },
    ...(search.bucket === undefined
      ? []
      : [{ kind: 'text', name: 'prefix', label: 'Folder begins with', width: 200 } as const]),
  ]

  const actions = (permission: Permission): readonly RowAction[] => [
    {
      label: 'Change',
      icon: <EditOutlined fontSize="small" />,
      onSelect: () => setOpen({ kind: 'edit', permission }),
    },
    {
      label: 'Who can do what here',
      icon: <ManageSearch fontSize="small" />,
      onSelect: () => void navigate(toWhoCan(permission)),
    },
    {
      label: 'Delete',
      icon: <DeleteOutlined fontSize="small" />,
      destructive: true,
      onSelect: () => setOpen({ kind: 'delete', permission }),
    },
  ]

  return (
    <Page
      title="Permissions"
      description="Permissions give users and groups access to buckets and folders. Deleting a permission ends the access that it gives."
      actions={
        <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
          <RefreshButton query={query} />
          <Button color="inherit" onClick={() => setOpen({ kind: 'import' })}>
            Import
          </Button>
          <Button color="inherit" loading={exporting.isPending} onClick={() => exporting.mutate()}>
            Export
          </Button>
          <Button variant="contained" onClick={create}>
            New permission
          </Button>
        </Box>
      }
    >
      <PermissionTabs value="permissions" />
      <FilterBar search={search} filters={filters} onChange={(next) => setSearch(parsePermissionSearch({ ...next }))} />
      {exporting.isError && (
        <Box sx={{ mb: 2, flexShrink: 0 }}>
          <ProblemAlert error={exporting.error} onRetry={() => exporting.mutate()} />
        </Box>
      )}
      <DataTable
        label="Permissions"
        columns={PERMISSION_COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        rowName={(row) => `${row.principalName}, ${placeOf(row)}`}
        actions={actions}
        empty={
          <Empty icon={KeyOutlined} title={isFiltered ? 'No permission matches' : 'There are no permissions yet'}>
            {!isFiltered && 'Give a user or group access to a folder in a bucket.'}
          </Empty>
        }
      />
      {open?.kind === 'edit' && (
        <PermissionDialog
          permission={open.permission}
          place={search}
          onClose={close}
          onSaved={() => changed(open.permission ? 'The permission was changed.' : 'The permission was created.')}
        />
      )}
      {open?.kind === 'delete' && (
        <ConfirmDialog
          title="Delete this permission?"
          confirmLabel="Delete"
          destructive
          onConfirm={async () => {
            const { id, updatedAt } = open.permission
            await api.request('deletePermission', { params: { id } }, { ifMatch: updatedAt })
            changed('The permission was deleted.')
          }}
          onClose={close}
        >
          <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
            {open.permission.principalName}, {placeOf(open.permission)}
            <AccessChanges edit={{ delete: { id: open.permission.id } }} />
          </Box>
        </ConfirmDialog>
      )}
      {open?.kind === 'import' && (
        <ImportDialog
          onClose={close}
          onImported={({ created }) =>
            changed(created === 1 ? '1 permission was created.' : `${created} permissions were created.`)
          }
        />
      )}
    </Page>
  )
}
