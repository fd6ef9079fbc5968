import PeopleOutlined from '@mui/icons-material/PeopleOutlined'
import PersonRemoveOutlined from '@mui/icons-material/PersonRemoveOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { GroupMember, GroupSummary } from '@skycrate/contract/groups/schemas'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactElement, useId } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { useRows } from '../../data/use-rows.ts'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { Empty } from '../../ui/empty.tsx'
import { SearchInput } from '../../ui/form/search-input.tsx'
import { emailUnder } from '../../ui/person-name.tsx'
import { nameOf } from '../../ui/name-of.ts'
import { TwoLines } from '../../ui/two-lines.tsx'
import { searchPeople } from '../users/group-choices.ts'
import { membersQuery } from './group-queries.ts'

const COLUMNS: readonly Column<GroupMember>[] = [
  {
    id: 'member',
    header: 'Member',
    card: 'title',
    cell: (member) => <TwoLines first={nameOf(member)} second={emailUnder(member)} />,
  },
]

interface MembersDialogProps {
  readonly group: GroupSummary
  readonly onClose: () => void
}

export function MembersDialog({ group, onClose }: MembersDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const titleId = useId()
  const query = useInfiniteQuery(membersQuery(api, group.id))
  const list = useRows(query, (page) => page.members)
  const isOwn = group.issuer === null
  const change = async (name: 'addGroupMember' | 'deleteGroupMember', userId: string): Promise<void> => {
    try {
      await api.request(name, { params: { id: group.id, userId } })
    } catch (error) {
      toasts.show(error instanceof SkyCrateError ? (error.detail ?? error.title) : 'The action failed. Try again.')
    }
    await Promise.all([
      queries.invalidateQueries({ queryKey: [KEYS.groups] }),
      queries.invalidateQueries({ queryKey: [KEYS.users] }),
    ])
  }
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="sm">
      <DialogTitle id={titleId}>Members of {group.name}</DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2, '&&': { pt: 1 } }}>
        {isOwn ? (
          <SearchInput
            id="add-member"
            label="Add a user"
            multiple={false}
            size="small"
            value={null}
            onChange={(choice) => {
              if (choice !== null) void change('addGroupMember', choice.id)
            }}
            queryKey={KEYS.users}
            search={(text, signal) => searchPeople(api, text, signal)}
          />
        ) : (
          <Box sx={{ color: 'text.secondary' }}>
            {group.issuer} says who is a member, as of each user’s last sign-in.
          </Box>
        )}
        <Box sx={{ height: 360, display: 'flex', flexDirection: 'column' }}>
          <DataTable
            label="Members"
            columns={COLUMNS}
            list={list}
            rowKey={({ id }) => id}
            rowName={nameOf}
            {...(isOwn
              ? {
                  actions: (member: GroupMember) => [
                    {
                      label: 'Delete from the group',
                      icon: <PersonRemoveOutlined fontSize="small" />,
                      destructive: true,
                      onSelect: () => void change('deleteGroupMember', member.id),
                    },
                  ],
                }
              : {})}
            empty={<Empty icon={PeopleOutlined} title="No member yet" />}
          />
        </Box>
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button onClick={onClose}>Done</Button>
      </DialogActions>
    </Dialog>
  )
}
