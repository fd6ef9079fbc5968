import type { User } from '@skycrate/contract/users/schemas'
import type { Column } from '../../ui/column.ts'
import { formatTime } from '../../format/format-time.ts'
import { emailUnder } from '../../ui/person-name.tsx'
import { nameOf } from '../../ui/name-of.ts'
import { TwoLines } from '../../ui/two-lines.tsx'
import { StateChip } from '../buckets/state-chip.tsx'
import { USER_STATES } from './user-search.ts'

export const USER_COLUMNS: readonly Column<User>[] = [
  {
    id: 'user',
    header: 'User',
    width: 'minmax(0, 1.6fr)',
    card: 'title',
    sortValue: (user) => nameOf(user),
    cell: (user) => <TwoLines first={nameOf(user)} second={emailUnder(user)} />,
  },
  {
    id: 'role',
    header: 'Role',
    width: '130px',
    sortValue: ({ isAdmin }) => (isAdmin ? 'Administrator' : 'User'),
    cell: ({ isAdmin }) => (isAdmin ? 'Administrator' : 'User'),
  },
  {
    id: 'groups',
    header: 'Groups',
    cell: ({ groups, claimGroups }) => {
      const all = [...groups, ...claimGroups.map(({ name }) => name)]
      return all.length === 0 ? '–' : all.join(', ')
    },
  },
  {
    id: 'issuer',
    header: 'Signs in through',
    wideOnly: true,
    cell: ({ issuer, prepared }) =>
      issuer === 'urn:skycrate:accounts' ? 'SkyCrate' : (issuer ?? prepared?.issuer ?? 'Any issuer'),
  },
  {
    id: 'lastSignIn',
    header: 'Last sign-in',
    width: '170px',
    wideOnly: true,
    sortValue: ({ lastSignInAt }) => lastSignInAt,
    cell: ({ lastSignInAt }) => (lastSignInAt === null ? 'Never' : formatTime(lastSignInAt)),
  },
  {
    id: 'state',
    header: 'State',
    width: '140px',
    card: 'corner',
    sortValue: ({ state }) => USER_STATES[state].name,
    cell: ({ state }) => <StateChip state={USER_STATES[state]} />,
  },
]
