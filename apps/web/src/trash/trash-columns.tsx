import Box from '@mui/material/Box'
import type { Deletions } from '@skycrate/contract/versions/schemas'
import { formatBytes } from '../format/format-bytes.ts'
import { formatExactTime, formatTime } from '../format/format-time.ts'
import type { Column } from '../ui/column.ts'
import { nameOf } from '../ui/name-of.ts'
import { PersonName } from '../ui/person-name.tsx'
import { TwoLines } from '../ui/two-lines.tsx'
import { shownName } from '../format/shown-name.ts'

type Deleted = Deletions['deletions'][number]

/** @param root names are told from here */
export function trashColumns(root: string): readonly Column<Deleted>[] {
  const time = (at: string) => (
    <Box component="time" dateTime={at} title={formatExactTime(at)} sx={{ color: 'text.secondary' }}>
      {formatTime(at)}
    </Box>
  )
  return [
    {
      id: 'name',
      header: 'Name',
      card: 'title',
      sortValue: ({ key }) => key,
      cell: ({ key }) => {
        const path = key.slice(root.length)
        const at = path.lastIndexOf('/', path.length - 2) + 1
        return (
          <Box tabIndex={0} title={path}>
            <TwoLines first={shownName(path.slice(at))} second={path.slice(0, at)} />
          </Box>
        )
      },
    },
    {
      id: 'size',
      header: 'Size',
      width: '96px',
      align: 'right',
      sortValue: ({ size }) => size,
      cell: ({ size }) => (
        <Box component="span" sx={{ color: 'text.secondary', fontVariantNumeric: 'tabular-nums' }}>
          {formatBytes(size)}
        </Box>
      ),
    },
    {
      id: 'deleted',
      header: 'Deleted',
      width: '190px',
      sortValue: ({ deletedAt }) => deletedAt,
      cell: ({ deletedAt }) => time(deletedAt),
    },
    {
      id: 'by',
      header: 'By',
      width: '160px',
      sortValue: ({ deletedBy }) => deletedBy && nameOf(deletedBy),
      cell: ({ deletedBy }) => deletedBy && <PersonName person={deletedBy} />,
    },
    {
      id: 'kept',
      header: 'Kept until',
      width: '190px',
      wideOnly: true,
      sortValue: ({ keptUntil }) => keptUntil,
      cell: ({ keptUntil }) => keptUntil !== null && time(keptUntil),
    },
  ]
}
