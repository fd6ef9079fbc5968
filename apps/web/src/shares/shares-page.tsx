import LinkOff from '@mui/icons-material/LinkOff'
import LinkOutlined from '@mui/icons-material/LinkOutlined'
import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import type { Share } from '@skycrate/contract/shares/schemas'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { usePathName } from '../data/use-path-name.ts'
import { KEYS } from '../data/query-keys.ts'
import { useRows } from '../data/use-rows.ts'
import { formatTime } from '../format/format-time.ts'
import type { Column } from '../ui/column.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Page } from '../ui/page.tsx'
import { RefreshButton } from '../ui/refresh-button.tsx'
import { TwoLines } from '../ui/two-lines.tsx'
import { sharesQuery, sharingQuery } from './share-queries.ts'

const STATES = {
  active: 'Works',
  expired: 'Expired',
  revoked: 'Switched off',
  'used-up': 'Used up',
  'no-permission': 'No permission',
} as const satisfies Record<Share['state'], string>

function usesOf({ kind, uses, maxUses }: Share): string {
  const most = maxUses === null ? '' : ` of ${maxUses.toLocaleString()}`
  return `${uses.toLocaleString()}${most} ${kind === 'drop-box' ? 'uploads' : 'downloads'}`
}

const NAME: Column<Share> = {
  id: 'name',
  header: 'Name',
  width: 'minmax(0, 1.6fr)',
  card: 'title',
  cell: (share) => <ShareName share={share} />,
}
const OWNER: Column<Share> = { id: 'owner', header: 'User', cell: ({ ownerName }) => ownerName }
const MORE: readonly Column<Share>[] = [
  {
    id: 'state',
    header: 'State',
    width: '150px',
    cell: ({ state, hasPassword }) => (
      <Box sx={{ display: 'flex', gap: 0.5, flexWrap: 'wrap' }}>
        <Chip
          size="small"
          color={state === 'active' ? 'success' : 'default'}
          variant="outlined"
          label={STATES[state]}
        />
        {hasPassword && <Chip size="small" variant="outlined" label="Password" />}
      </Box>
    ),
  },
  {
    id: 'uses',
    header: 'Use',
    cell: (share) => (
      <TwoLines
        first={usesOf(share)}
        second={share.lastUsedAt === null ? 'Never used' : `Last ${formatTime(share.lastUsedAt)}`}
      />
    ),
  },
  {
    id: 'ends',
    header: 'Ends',
    width: '190px',
    cell: ({ expiresAt }) => (expiresAt === null ? 'When it is switched off' : formatTime(expiresAt)),
  },
]
const OWN_COLUMNS = [NAME, ...MORE]
const ALL_COLUMNS = [NAME, OWNER, ...MORE]

function ShareName({ share: { name, bucket, path, kind } }: { readonly share: Share }): ReactElement {
  const pathName = usePathName()
  return <TwoLines first={kind === 'drop-box' ? `Drop box: ${name}` : name} second={pathName(bucket, path)} />
}

export function SharesPage(): ReactElement {
  return (
    <SharesList
      whose="own"
      title="Shared links"
      description="Whoever has one needs no account. A link gives no more than you may do yourself."
    />
  )
}

export function AllSharesPage(): ReactElement {
  return (
    <SharesList
      whose="all"
      title="All shared links"
      description="The links that users made for people without an account."
    />
  )
}

interface SharesListProps {
  readonly whose: 'own' | 'all'
  readonly title: string
  readonly description: string
}

function SharesList({ whose, title, description }: SharesListProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const query = useInfiniteQuery(sharesQuery(api, whose))
  const list = useRows(query, (page) => page.shares)
  const sharing = useQuery(sharingQuery(api)).data
  const [open, setOpen] = useState<Share | 'switch'>()
  const close = (): void => setOpen(undefined)
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: [KEYS.shares] })
  const isOff = sharing?.enabled === false
  return (
    <Page
      title={title}
      description={description}
      actions={
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <RefreshButton query={query} />
          {whose === 'all' && sharing && (
            <Button variant="outlined" color={isOff ? 'primary' : 'error'} onClick={() => setOpen('switch')}>
              {isOff ? 'Switch sharing on' : 'Switch sharing off'}
            </Button>
          )}
        </Box>
      }
    >
      {isOff && (
        <Alert severity="warning" variant="outlined" sx={{ mb: 2, flexShrink: 0 }}>
          {whose === 'all'
            ? 'Sharing is switched off. No link works, and none can be created.'
            : 'An administrator has switched sharing off. No link works at the moment.'}
        </Alert>
      )}
      <DataTable
        label="Shared links"
        columns={whose === 'own' ? OWN_COLUMNS : ALL_COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        rowName={({ name }) => name}
        actions={(share) =>
          share.state === 'revoked'
            ? []
            : [
                {
                  label: 'Switch off…',
                  icon: <LinkOff fontSize="small" />,
                  destructive: true,
                  onSelect: () => setOpen(share),
                },
              ]
        }
        empty={
          <Empty icon={LinkOutlined} title="No link yet">
            {whose === 'own' && 'Choose Share in the menu of a file or a folder.'}
          </Empty>
        }
      />
      {open === 'switch' && (
        <ConfirmDialog
          title={isOff ? 'Switch sharing on?' : 'Switch sharing off?'}
          confirmLabel={isOff ? 'Switch on' : 'Switch off'}
          destructive={!isOff}
          onConfirm={async () => {
            await api.request('updateSharing', { body: { enabled: isOff } })
            toasts.show(isOff ? 'Sharing is on' : 'Sharing is off')
            await changed()
          }}
          onClose={close}
        >
          {isOff
            ? 'Links that were not switched off one by one work again.'
            : 'No link works any more, and none can be created, until you switch sharing on again.'}
        </ConfirmDialog>
      )}
      {open !== undefined && open !== 'switch' && (
        <ConfirmDialog
          title={`Switch off the link to ${open.name}?`}
          confirmLabel="Switch off"
          destructive
          onConfirm={async () => {
            await api.request('revokeShare', { params: { id: open.id } })
            toasts.show('The link is switched off')
            await changed()
          }}
          onClose={close}
        >
          It stops working at once, for everybody who has it. It cannot be switched on again.
        </ConfirmDialog>
      )}
    </Page>
  )
}
