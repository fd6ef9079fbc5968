import DataUsageOutlined from '@mui/icons-material/DataUsageOutlined'
import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import EditOutlined from '@mui/icons-material/EditOutlined'
import LogoutOutlined from '@mui/icons-material/LogoutOutlined'
import PasswordOutlined from '@mui/icons-material/PasswordOutlined'
import PeopleOutlined from '@mui/icons-material/PeopleOutlined'
import PersonAdd from '@mui/icons-material/PersonAddOutlined'
import PersonOffOutlined from '@mui/icons-material/PersonOffOutlined'
import PhonelinkEraseOutlined from '@mui/icons-material/PhonelinkEraseOutlined'
import PersonOutlined from '@mui/icons-material/PersonOutlined'
import VpnKeyOutlined from '@mui/icons-material/VpnKeyOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { OneTimeLink, User } from '@skycrate/contract/users/schemas'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { useRows } from '../../data/use-rows.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { Empty } from '../../ui/empty.tsx'
import { FilterBar } from '../../ui/filter-bar.tsx'
import type { Filter } from '../../ui/filter-field.tsx'
import { QuotaDialog } from '../../quotas/quota-dialog.tsx'
import { Page } from '../../ui/page.tsx'
import { nameOf } from '../../ui/name-of.ts'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import type { RowAction } from '../../ui/row-action.tsx'
import { usePageSearch } from '../../ui/use-page-search.ts'
import { DeleteUserDialog } from './delete-user-dialog.tsx'
import { EditUserDialog } from './edit-user-dialog.tsx'
import { LinkDialog } from './link-dialog.tsx'
import { NewUserDialog } from './new-user-dialog.tsx'
import { USER_COLUMNS } from './user-columns.tsx'
import { UserTokensDialog } from './user-tokens-dialog.tsx'
import { usersQuery } from './user-queries.ts'
import { parseUserSearch, USER_STATES, type UserSearch } from './user-search.ts'

const FILTERS: readonly Filter<keyof UserSearch>[] = [
  { kind: 'text', name: 'search', label: 'Search', width: 300, placeholder: 'E-mail, name, domain or id' },
  {
    kind: 'select',
    name: 'state',
    label: 'State',
    width: 160,
    options: Object.entries(USER_STATES).map(([value, { name }]) => ({ value, label: name })),
  },
]
type Open =
  | { readonly what: 'new' }
  | { readonly what: 'edit' | 'delete' | 'suspend' | 'tokens' | 'quota' | 'reset-factors'; readonly user: User }
  | { readonly what: 'link'; readonly title: string; readonly link: OneTimeLink }

export function UsersPage(): ReactElement {
  const { api, queries, toasts } = useApp()
  const [search, setSearch] = usePageSearch(parseUserSearch)
  const query = useInfiniteQuery(usersQuery(api, search))
  const list = useRows(query, (page) => page.users)
  const [open, setOpen] = useState<Open>()
  const close = (): void => setOpen(undefined)

  async function trying(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      toasts.show(error instanceof SkyCrateError ? (error.detail ?? error.title) : 'The action failed. Try again.')
    }
    await queries.invalidateQueries({ queryKey: [KEYS.users] })
  }
  const setState = async (user: User, state: 'active' | 'suspended'): Promise<void> => {
    const { name, isAdmin, groups } = user
    const body = { name, isAdmin, groups, state }
    await api.request('updateUser', { params: { id: user.id }, body }, { ifMatch: user.updatedAt })
    await queries.invalidateQueries({ queryKey: [KEYS.users] })
  }
  const endSessions = (user: User): Promise<void> =>
    trying(async () => {
      await api.request('endUserSessions', { params: { id: user.id } })
      toasts.show(`The sessions of ${nameOf(user)} have ended`)
    })
  const newLink = (user: User): Promise<void> =>
    trying(async () => {
      const link = await api.request('resetUserPassword', { params: { id: user.id } })
      const title = user.state === 'invited' ? `Invite ${nameOf(user)}` : `Reset the password of ${nameOf(user)}`
      setOpen({ what: 'link', title, link })
    })

  const actions = (user: User): readonly RowAction[] => {
    const remove: RowAction = {
      label: 'Delete…',
      icon: <DeleteOutlined fontSize="small" />,
      destructive: true,
      onSelect: () => setOpen({ what: 'delete', user }),
    }
    if (user.state === 'deleting') return [remove]
    const isOwn = user.issuer === 'urn:skycrate:accounts'
    return [
      { label: 'Edit…', icon: <EditOutlined fontSize="small" />, onSelect: () => setOpen({ what: 'edit', user }) },
      ...(isOwn && user.state !== 'suspended'
        ? [
            {
              label: user.state === 'invited' ? 'New invitation link' : 'Reset password',
              icon: <PasswordOutlined fontSize="small" />,
              onSelect: () => void newLink(user),
            },
          ]
        : []),
      {
        label: 'Access tokens…',
        icon: <VpnKeyOutlined fontSize="small" />,
        onSelect: () => setOpen({ what: 'tokens', user }),
      },
      {
        label: 'Quota…',
        icon: <DataUsageOutlined fontSize="small" />,
        onSelect: () => setOpen({ what: 'quota', user }),
      },
      { label: 'End sessions', icon: <LogoutOutlined fontSize="small" />, onSelect: () => void endSessions(user) },
      ...(user.hasPassword
        ? [
            {
              label: 'Reset second factors…',
              icon: <PhonelinkEraseOutlined fontSize="small" />,
              onSelect: () => setOpen({ what: 'reset-factors', user }),
            },
          ]
        : []),
      user.state === 'suspended'
        ? {
            label: 'End the suspension',
            icon: <PersonOutlined fontSize="small" />,
            onSelect: () => void trying(() => setState(user, 'active')),
          }
        : {
            label: 'Suspend…',
            icon: <PersonOffOutlined fontSize="small" />,
            onSelect: () => setOpen({ what: 'suspend', user }),
          },
      remove,
    ]
  }

  return (
    <Page
      title="Users"
      description="Users who can sign in, and their groups."
      actions={
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <RefreshButton query={query} />
          <Button variant="contained" startIcon={<PersonAdd />} onClick={() => setOpen({ what: 'new' })}>
            New user
          </Button>
        </Box>
      }
    >
      <FilterBar search={search} filters={FILTERS} onChange={(next) => setSearch(parseUserSearch({ ...next }))} />
      <DataTable
        label="Users"
        columns={USER_COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        rowName={nameOf}
        actions={actions}
        empty={
          <Empty icon={PeopleOutlined} title={Object.keys(search).length > 0 ? 'No user matches' : 'No user yet'} />
        }
      />
      {open?.what === 'new' && (
        <NewUserDialog
          onClose={close}
          onCreated={(user) => {
            const { invitation: link } = user
            if (link) setOpen({ what: 'link', title: `Invite ${nameOf(user)}`, link })
            else toasts.show(`${nameOf(user)} was created`)
          }}
        />
      )}
      {open?.what === 'edit' && <EditUserDialog user={open.user} onClose={close} />}
      {open?.what === 'quota' && (
        <QuotaDialog of={{ kind: 'user', id: open.user.id, name: nameOf(open.user) }} onClose={close} />
      )}
      {open?.what === 'tokens' && <UserTokensDialog user={open.user} onClose={close} />}
      {open?.what === 'delete' && <DeleteUserDialog user={open.user} onClose={close} />}
      {open?.what === 'link' && <LinkDialog title={open.title} link={open.link} onClose={close} />}
      {open?.what === 'reset-factors' && (
        <ConfirmDialog
          title={`Reset the second factors of ${nameOf(open.user)}?`}
          confirmLabel="Reset"
          destructive
          onConfirm={async () => {
            await api.request('resetUserFactors', { params: { id: open.user.id } })
            toasts.show(`The second factors of ${nameOf(open.user)} are deleted`)
          }}
          onClose={close}
        >
          Every authenticator app, passkey and recovery code of this user is deleted, and every session ends. Make sure
          that the right person asks: the password alone signs in afterwards.
        </ConfirmDialog>
      )}
      {open?.what === 'suspend' && (
        <ConfirmDialog
          title={`Suspend ${nameOf(open.user)}?`}
          confirmLabel="Suspend"
          destructive
          onConfirm={() => setState(open.user, 'suspended')}
          onClose={close}
        >
          {nameOf(open.user)} is signed out and refused everywhere until you end the suspension.
        </ConfirmDialog>
      )}
    </Page>
  )
}
