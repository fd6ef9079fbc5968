import Add from '@mui/icons-material/Add'
import AutorenewOutlined from '@mui/icons-material/AutorenewOutlined'
import BlockOutlined from '@mui/icons-material/BlockOutlined'
import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import EditOutlined from '@mui/icons-material/EditOutlined'
import SyncAltOutlined from '@mui/icons-material/SyncAltOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import type { CreatedDirectory, Directory } from '@skycrate/contract/directories/schemas'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { useRows } from '../../data/use-rows.ts'
import { formatTime } from '../../format/format-time.ts'
import type { Column } from '../../ui/column.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Page } from '../../ui/page.tsx'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import { TwoLines } from '../../ui/two-lines.tsx'
import { NewDirectoryDialog, RenameDirectoryDialog } from './directory-dialog.tsx'
import { directoriesQuery } from './directory-queries.ts'
import { TokenDialog } from './token-dialog.tsx'

function tokenOf({ token }: Directory): string {
  if (token === null) return 'None: its requests are refused'
  return token.lastUsedAt === null ? 'Never used' : `Used ${formatTime(token.lastUsedAt)}`
}

const COLUMNS: readonly Column<Directory>[] = [
  {
    id: 'name',
    header: 'Directory',
    width: 'minmax(0, 1.6fr)',
    card: 'title',
    sortValue: ({ name }) => name,
    cell: ({ name, issuer }) => <TwoLines first={name} second={issuer ?? 'Any issuer'} />,
  },
  { id: 'token', header: 'Token', width: 'minmax(0, 1.2fr)', cell: tokenOf },
  {
    id: 'users',
    header: 'Users',
    width: '90px',
    align: 'right',
    sortValue: ({ userCount }) => userCount,
    cell: ({ userCount }) => userCount.toLocaleString(),
  },
  {
    id: 'groups',
    header: 'Groups',
    width: '90px',
    align: 'right',
    sortValue: ({ groupCount }) => groupCount,
    cell: ({ groupCount }) => groupCount.toLocaleString(),
  },
]

type Open =
  | { readonly what: 'new' }
  | { readonly what: 'token'; readonly created: CreatedDirectory }
  | { readonly what: 'rename' | 'new-token' | 'delete-token' | 'delete'; readonly directory: Directory }

export function DirectoriesPage(): ReactElement {
  const { api, queries } = useApp()
  const query = useInfiniteQuery(directoriesQuery(api))
  const list = useRows(query, (page) => page.directories)
  const [open, setOpen] = useState<Open>()
  const close = (): void => setOpen(undefined)
  const changed = async (...keys: string[]): Promise<void> => {
    await Promise.all([KEYS.directories, ...keys].map((key) => queries.invalidateQueries({ queryKey: [key] })))
  }
  return (
    <Page
      title="Directories"
      description="Directories such as Microsoft Entra ID and Okta create, change and suspend users here by SCIM."
      actions={
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <RefreshButton query={query} />
          <Button variant="contained" startIcon={<Add />} onClick={() => setOpen({ what: 'new' })}>
            New directory
          </Button>
        </Box>
      }
    >
      <DataTable
        label="Directories"
        columns={COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        rowName={({ name }) => name}
        actions={(directory) => [
          {
            label: 'New token…',
            icon: <AutorenewOutlined fontSize="small" />,
            onSelect: () => setOpen({ what: 'new-token', directory }),
          },
          ...(directory.token === null
            ? []
            : [
                {
                  label: 'Delete the token…',
                  icon: <BlockOutlined fontSize="small" />,
                  destructive: true,
                  onSelect: () => setOpen({ what: 'delete-token', directory }),
                },
              ]),
          {
            label: 'Rename…',
            icon: <EditOutlined fontSize="small" />,
            onSelect: () => setOpen({ what: 'rename', directory }),
          },
          {
            label: 'Delete…',
            icon: <DeleteOutlined fontSize="small" />,
            destructive: true,
            onSelect: () => setOpen({ what: 'delete', directory }),
          },
        ]}
        empty={
          <Empty icon={SyncAltOutlined} title="No directory yet">
            Create one, and enter its address and token in Entra ID or Okta.
          </Empty>
        }
      />
      {open?.what === 'new' && (
        <NewDirectoryDialog onCreated={(created) => setOpen({ what: 'token', created })} onClose={close} />
      )}
      {open?.what === 'token' && <TokenDialog directory={open.created} onClose={close} />}
      {open?.what === 'rename' && <RenameDirectoryDialog directory={open.directory} onClose={close} />}
      {open?.what === 'new-token' && (
        <ConfirmDialog
          title={`Create a new token for ${open.directory.name}?`}
          confirmLabel="Create"
          onConfirm={async () => {
            const created = await api.request('createDirectoryToken', { params: { id: open.directory.id } })
            await changed()
            setOpen({ what: 'token', created })
          }}
          onClose={() => setOpen((now) => (now?.what === 'new-token' ? undefined : now))}
        >
          The token before is refused from then on, until you enter the new one in the directory.
        </ConfirmDialog>
      )}
      {open?.what === 'delete-token' && (
        <ConfirmDialog
          title={`Delete the token of ${open.directory.name}?`}
          confirmLabel="Delete"
          destructive
          onConfirm={async () => {
            await api.request('deleteDirectoryToken', { params: { id: open.directory.id } })
            await changed()
          }}
          onClose={close}
        >
          The directory’s requests are refused from then on. Its users and groups stay as they are.
        </ConfirmDialog>
      )}
      {open?.what === 'delete' && (
        <ConfirmDialog
          title={`Delete the directory ${open.directory.name}?`}
          confirmLabel="Delete"
          destructive
          onConfirm={async () => {
            const { id, updatedAt } = open.directory
            await api.request('deleteDirectory', { params: { id } }, { ifMatch: updatedAt })
            await changed(KEYS.groups, KEYS.users, KEYS.permissions)
          }}
          onClose={close}
        >
          {`Its ${open.directory.userCount.toLocaleString()} users stay, and leave its ${open.directory.groupCount.toLocaleString()} groups. `}
          {open.directory.issuer === null
            ? 'The groups and their permissions are deleted.'
            : 'The groups stay for the tokens of its issuer that name them.'}
        </ConfirmDialog>
      )}
    </Page>
  )
}
