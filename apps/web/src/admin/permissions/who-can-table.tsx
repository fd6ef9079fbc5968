import CheckOutlined from '@mui/icons-material/CheckOutlined'
import Box from '@mui/material/Box'
import Paper from '@mui/material/Paper'
import Skeleton from '@mui/material/Skeleton'
import Table from '@mui/material/Table'
import TableBody from '@mui/material/TableBody'
import TableCell from '@mui/material/TableCell'
import TableContainer from '@mui/material/TableContainer'
import TableHead from '@mui/material/TableHead'
import TableRow from '@mui/material/TableRow'
import Typography from '@mui/material/Typography'
import type { WhoCan } from '@skycrate/contract/permissions/schemas'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { formatTime } from '../../format/format-time.ts'
import type { Action } from '../../files/actions-at.ts'
import { type NamedPrincipal, PrincipalName } from '../../ui/principal-name.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { ACTION_NAMES } from './access-names.ts'
import { ACTION_ORDER, whoCanQuery } from './permission-queries.ts'

type Holder = WhoCan['principals'][number]
type Answer = WhoCan & { readonly action: Action }

interface Line {
  readonly holder: Holder
  /** When each action ends; null where it does not. */
  readonly ends: ReadonlyMap<Action, string | null>
}

/** Everybody who may do something with all that is below a prefix. */
export function WhoCanTable({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }): ReactElement {
  const { api } = useApp()
  const { data, error, isPending, refetch } = useQuery(whoCanQuery(api, bucket, prefix))
  if (isPending) return <Skeleton variant="rounded" height={160} />
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />
  const lines = linesOf(data)
  return (
    <TableContainer component={Paper} variant="outlined" tabIndex={0}>
      <Table
        size="small"
        aria-label="Who can do what here"
        sx={{ '& th, & td': { px: { xs: 0.75, sm: 2 } }, '& :is(th, td):first-of-type': { pl: 2 } }}
      >
        <TableHead>
          <TableRow>
            <TableCell>Who</TableCell>
            {data.map(({ action, users }) => (
              <TableCell key={action} align="center">
                {ACTION_NAMES[action]}
                <Typography variant="caption" component="div" color="textSecondary" noWrap>
                  {users === 1 ? '1 user' : `${users} users`}
                </Typography>
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {lines.map(({ holder, ends }) => (
            <TableRow key={keyOf(holder)}>
              <TableCell sx={{ maxWidth: { xs: 130, sm: 'none' } }}>
                <PrincipalName principal={named(holder)} />
                {holder.state !== undefined && holder.state !== 'active' && (
                  <Typography variant="caption" color="textSecondary">
                    {holder.state}
                  </Typography>
                )}
              </TableCell>
              {ACTION_ORDER.map((action) => (
                <TableCell key={action} align="center">
                  <Allowed end={ends.get(action)} />
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {lines.length === 0 && (
        <Typography variant="body2" color="textSecondary" sx={{ p: 2 }}>
          Nobody has access to all of this folder.
        </Typography>
      )}
      {data.some(({ morePrincipals }) => morePrincipals) && (
        <Typography variant="body2" color="textSecondary" sx={{ p: 2 }}>
          Not all entries are shown. The numbers of users include all entries.
        </Typography>
      )}
    </TableContainer>
  )
}

function Allowed({ end }: { readonly end: string | null | undefined }): ReactElement {
  if (end === undefined) return <Typography color="textSecondary">–</Typography>
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', alignItems: 'center' }}>
      <CheckOutlined fontSize="small" color="success" titleAccess="Yes" />
      {end !== null && (
        <Typography variant="caption" color="textSecondary">
          until {formatTime(end)}
        </Typography>
      )}
    </Box>
  )
}

const keyOf = ({ kind, id, issuer }: Holder): string => JSON.stringify([kind, id, issuer ?? null])

function named({ kind, id, issuer, name }: Holder): NamedPrincipal {
  if (kind === 'user') return { kind, person: { id: id ?? '', name: name === id ? null : name } }
  return kind === 'group' ? { kind, group: id ?? '', issuer } : { kind }
}

/** One line for each principal, with the permission of each action that holds longest. */
function linesOf(answers: readonly Answer[]): Line[] {
  const lines = new Map<string, { holder: Holder; ends: Map<Action, string | null> }>()
  for (const { action, principals } of answers) {
    for (const holder of principals) {
      const key = keyOf(holder)
      let line = lines.get(key)
      if (!line) lines.set(key, (line = { holder, ends: new Map() }))
      const before = line.ends.get(action)
      const isLonger =
        before === undefined || (before !== null && (holder.expiresAt === null || holder.expiresAt > before))
      if (isLonger) line.ends.set(action, holder.expiresAt)
    }
  }
  const rank = { everyone: 0, guest: 1, group: 2, user: 3 } as const
  return [...lines.values()].toSorted(
    (a, b) => rank[a.holder.kind] - rank[b.holder.kind] || a.holder.name.localeCompare(b.holder.name),
  )
}
