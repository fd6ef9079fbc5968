import type { BucketSummary } from '@skycrate/contract/buckets/schemas'
import { counted } from '../../format/counted.ts'
import { formatBytes } from '../../format/format-bytes.ts'
import { toBucket } from '../../paths.ts'
import type { Column } from '../../ui/column.ts'
import { nameOf } from '../../ui/name-of.ts'
import { RouterLink } from '../../ui/router-link.tsx'
import { TwoLines } from '../../ui/two-lines.tsx'
import { BUCKET_KINDS, BUCKET_STATES } from './bucket-words.ts'
import { StateChip } from './state-chip.tsx'

export const BUCKET_COLUMNS: readonly Column<BucketSummary>[] = [
  {
    id: 'name',
    header: 'Bucket',
    width: 'minmax(0, 2.4fr)',
    card: 'title',
    sortValue: ({ name }) => name,
    cell: ({ store, name }) => (
      <RouterLink {...toBucket(store, name)} title={name} sx={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
        {name}
      </RouterLink>
    ),
  },
  {
    id: 'kind',
    header: 'Kind',
    width: 'minmax(0, 1.2fr)',
    sortValue: ({ kind }) => BUCKET_KINDS[kind],
    cell: ({ kind, userId, userName }) => (
      <TwoLines first={BUCKET_KINDS[kind]} second={userId === null ? '' : `of ${userName ?? nameOf({ id: userId })}`} />
    ),
  },
  {
    id: 'region',
    header: 'Region',
    width: '130px',
    wideOnly: true,
    sortValue: ({ region }) => region,
    cell: ({ region }) => region ?? '–',
  },
  {
    id: 'contents',
    header: 'Holds',
    width: '150px',
    wideOnly: true,
    sortValue: ({ contents }) => contents?.bytes ?? null,
    cell: ({ contents }) =>
      contents === null ? (
        '–'
      ) : (
        <TwoLines first={formatBytes(contents.bytes)} second={counted(contents.objects, 'object')} />
      ),
  },
  {
    id: 'state',
    header: 'State',
    width: '140px',
    card: 'corner',
    sortValue: ({ state }) => BUCKET_STATES[state].name,
    cell: ({ state }) => <StateChip state={BUCKET_STATES[state]} />,
  },
]
