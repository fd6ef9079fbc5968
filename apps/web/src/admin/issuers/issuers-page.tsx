import Add from '@mui/icons-material/Add'
import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import EditOutlined from '@mui/icons-material/EditOutlined'
import FactCheckOutlined from '@mui/icons-material/FactCheckOutlined'
import VerifiedUserOutlined from '@mui/icons-material/VerifiedUserOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import type { Issuer } from '@skycrate/contract/issuers/schemas'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { useRows } from '../../data/use-rows.ts'
import type { Column } from '../../ui/column.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Page } from '../../ui/page.tsx'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import { TwoLines } from '../../ui/two-lines.tsx'
import { IssuerDialog } from './issuer-dialog.tsx'
import { issuersQuery } from './issuer-queries.ts'
import { TestIssuerDialog } from './test-issuer-dialog.tsx'

function entryOf({ allow }: Issuer): string {
  const rules = [
    ...(allow?.groups ? [`members of ${allow.groups.join(' or ')}`] : []),
    ...(allow?.emailDomains ? [`addresses at ${allow.emailDomains.join(' or ')}`] : []),
    ...(allow?.emailVerified ? ['verified addresses'] : []),
  ]
  return rules.length === 0 ? 'Everybody' : `Only ${rules.join(', and ')}`
}

const COLUMNS: readonly Column<Issuer>[] = [
  {
    id: 'name',
    header: 'Issuer',
    width: 'minmax(0, 1.6fr)',
    card: 'title',
    sortValue: ({ name }) => name,
    cell: ({ name, issuer }) => <TwoLines first={name} second={issuer} />,
  },
  { id: 'entry', header: 'Let in', width: 'minmax(0, 1.2fr)', cell: entryOf },
  {
    id: 'source',
    header: 'Set in',
    width: '140px',
    sortValue: ({ source }) => source,
    cell: ({ source }) => (source === 'configuration' ? 'Configuration' : 'Here'),
  },
  {
    id: 'users',
    header: 'Users',
    width: '90px',
    align: 'right',
    sortValue: ({ userCount }) => userCount,
    cell: ({ userCount }) => userCount.toLocaleString(),
  },
]

interface Open {
  readonly what: 'edit' | 'test' | 'delete' | 'new'
  readonly issuer?: Issuer
}

export function IssuersPage(): ReactElement {
  const { api, queries } = useApp()
  const query = useInfiniteQuery(issuersQuery(api))
  const list = useRows(query, (page) => page.issuers)
  const [open, setOpen] = useState<Open>()
  const close = (): void => setOpen(undefined)
  const remove = async ({ id, updatedAt }: Issuer): Promise<void> => {
    await api.request('deleteIssuer', { params: { id } }, updatedAt === undefined ? {} : { ifMatch: updatedAt })
    await queries.invalidateQueries({ queryKey: [KEYS.issuers] })
  }
  return (
    <Page
      title="Issuers"
      description="Who vouches for the people who sign in. SkyCrate accepts the tokens of these issuers."
      actions={
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <RefreshButton query={query} />
          <Button variant="contained" startIcon={<Add />} onClick={() => setOpen({ what: 'new' })}>
            New issuer
          </Button>
        </Box>
      }
    >
      <DataTable
        label="Issuers"
        columns={COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        rowName={({ name }) => name}
        actions={(issuer) => [
          {
            label: 'Test…',
            icon: <FactCheckOutlined fontSize="small" />,
            onSelect: () => setOpen({ what: 'test', issuer }),
          },
          // One of the configuration is the operator's.
          ...(issuer.source === 'database'
            ? [
                {
                  label: 'Edit…',
                  icon: <EditOutlined fontSize="small" />,
                  onSelect: () => setOpen({ what: 'edit', issuer }),
                },
                {
                  label: 'Delete…',
                  icon: <DeleteOutlined fontSize="small" />,
                  destructive: true,
                  onSelect: () => setOpen({ what: 'delete', issuer }),
                },
              ]
            : []),
        ]}
        empty={
          <Empty icon={VerifiedUserOutlined} title="No issuer yet">
            Add Auth0, Amazon Cognito, Keycloak, Entra ID or any other OpenID Connect issuer: people then sign in with
            it.
          </Empty>
        }
      />
      {open?.what === 'new' && <IssuerDialog onClose={close} />}
      {open?.what === 'edit' && open.issuer && <IssuerDialog issuer={open.issuer} onClose={close} />}
      {open?.what === 'test' && open.issuer && <TestIssuerDialog issuer={open.issuer} onClose={close} />}
      {open?.what === 'delete' && open.issuer && (
        <ConfirmDialog
          title={`Delete the issuer ${open.issuer.name}?`}
          confirmLabel="Delete"
          destructive
          onConfirm={() => remove(open.issuer!)}
          onClose={close}
        >
          {open.issuer.userCount === 0
            ? 'Its tokens are refused from now on.'
            : `Its tokens are refused from now on: ${open.issuer.userCount.toLocaleString()} users can no longer sign in through it. They keep what they have.`}
        </ConfirmDialog>
      )}
    </Page>
  )
}
