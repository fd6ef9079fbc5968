import type { UserHome } from '@skycrate/contract/homes/schemas'
import { toBucket } from '../../paths.ts'
import type { Column } from '../../ui/column.ts'
import { nameOf } from '../../ui/name-of.ts'
import { RouterLink } from '../../ui/router-link.tsx'
import { TwoLines } from '../../ui/two-lines.tsx'
import { StateChip } from '../buckets/state-chip.tsx'
import { HOME_STATES } from './home-search.ts'

const person = ({ userId, email, name }: UserHome) => ({ id: userId, email, name })

const identity = ({ identities: [first, ...more] }: UserHome): string =>
  first === undefined
    ? 'No identity'
    : `${first.issuer === 'urn:skycrate:accounts' ? 'SkyCrate' : `${first.issuer} · ${first.subject}`}${more.length > 0 ? ` and ${more.length} more` : ''}`

export const HOME_COLUMNS: readonly Column<UserHome>[] = [
  {
    id: 'user',
    header: 'User',
    width: 'minmax(0, 1.4fr)',
    card: 'title',
    sortValue: (home) => nameOf(person(home)),
    cell: (home) => (
      <TwoLines first={nameOf(person(home))} second={home.name?.trim() && home.email ? home.email : home.userId} />
    ),
  },
  {
    id: 'identity',
    header: 'Identity',
    width: 'minmax(0, 1.4fr)',
    wideOnly: true,
    cell: (home) => <TwoLines first={identity(home)} second={home.userId} />,
  },
  {
    id: 'place',
    header: 'Place',
    width: 'minmax(0, 1.6fr)',
    sortValue: ({ bucket, prefix }) => `${bucket}/${prefix}`,
    cell: ({ store, bucket, prefix, region }) => (
      <TwoLines
        first={<RouterLink {...toBucket(store, bucket)}>{bucket}</RouterLink>}
        second={prefix === '' ? region : `${prefix} · ${region}`}
      />
    ),
  },
  {
    id: 'steps',
    header: 'Steps',
    width: '150px',
    wideOnly: true,
    cell: ({ steps }) => {
      const failed = steps.filter(({ outcome }) => outcome !== 'applied')
      return (
        <TwoLines
          first={`${steps.length - failed.length} of ${steps.length} done`}
          second={failed.map(({ step }) => step).join(', ')}
        />
      )
    },
  },
  {
    id: 'state',
    header: 'State',
    width: '140px',
    card: 'corner',
    sortValue: ({ state }) => HOME_STATES[state].name,
    cell: ({ state }) => <StateChip state={HOME_STATES[state]} />,
  },
]
