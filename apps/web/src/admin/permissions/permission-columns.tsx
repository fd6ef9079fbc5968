import Chip from '@mui/material/Chip'
import Typography from '@mui/material/Typography'
import type { Permission } from '@skycrate/contract/permissions/schemas'
import type { ReactElement } from 'react'
import { formatTime } from '../../format/format-time.ts'
import type { Column } from '../../ui/column.ts'
import { type NamedPrincipal, PrincipalName } from '../../ui/principal-name.tsx'
import { TwoLines } from '../../ui/two-lines.tsx'
import { accessName } from './access-names.ts'

export function namedPrincipal({ principal, principalName }: Permission): NamedPrincipal {
  if (principal.kind !== 'user') return principal
  const name = principalName === principal.userId ? null : principalName
  return { kind: 'user', person: { id: principal.userId, name } }
}

/** Where a permission holds, as one line. */
export const placeOf = ({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }): string =>
  prefix === '' ? `${bucket}: the whole bucket` : `${bucket}/${prefix}`

function End({ expiresAt }: { readonly expiresAt: string | null }): ReactElement {
  if (expiresAt === null)
    return (
      <Typography variant="body2" color="textSecondary">
        Never
      </Typography>
    )
  const isOver = Date.parse(expiresAt) <= Date.now()
  return isOver ? (
    <Chip size="small" variant="outlined" color="warning" label={`Expired ${formatTime(expiresAt)}`} />
  ) : (
    <Typography variant="body2" noWrap title={formatTime(expiresAt)}>
      {formatTime(expiresAt)}
    </Typography>
  )
}

export const PERMISSION_COLUMNS: readonly Column<Permission>[] = [
  {
    id: 'principal',
    header: 'Who',
    width: 'minmax(160px, 1.2fr)',
    card: 'title',
    cell: (row) => <PrincipalName principal={namedPrincipal(row)} />,
    sortValue: (row) => row.principalName,
  },
  {
    id: 'place',
    header: 'Where',
    width: 'minmax(180px, 2fr)',
    cell: (row) => <TwoLines first={row.bucket} second={row.prefix === '' ? 'The whole bucket' : row.prefix} />,
    sortValue: (row) => `${row.bucket}/${row.prefix}`,
  },
  {
    id: 'access',
    header: 'Access',
    width: 'minmax(120px, 1fr)',
    card: 'corner',
    cell: (row) => <Chip size="small" variant="outlined" label={accessName(row.actions)} />,
  },
  {
    id: 'expiresAt',
    header: 'Ends',
    width: 'minmax(110px, 170px)',
    cell: (row) => <End expiresAt={row.expiresAt} />,
    sortValue: (row) => row.expiresAt,
  },
  {
    id: 'description',
    header: 'Description',
    wideOnly: true,
    card: 'bare',
    cell: (row) => (
      <Typography variant="body2" color="textSecondary" noWrap title={row.description}>
        {row.description}
      </Typography>
    ),
  },
]
