import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Link from '@mui/material/Link'
import Table from '@mui/material/Table'
import TableBody from '@mui/material/TableBody'
import TableCell from '@mui/material/TableCell'
import TableHead from '@mui/material/TableHead'
import TableRow from '@mui/material/TableRow'
import Typography from '@mui/material/Typography'
import type { StorageUsage } from '@skycrate/contract/storage/schemas'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { Card } from '../ui/card.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { type Inside, type Scope, usageQuery } from './storage-queries.ts'
import { Treemap } from './treemap.tsx'

const ROWS = 15

/** Where the bytes are, from buckets down to folders. */
export function UsageSection({ scope }: { readonly scope: Scope }): ReactElement {
  const { api, toasts } = useApp()
  const [inside, setInside] = useState<Inside>()
  const query = useQuery(usageQuery(api, scope, inside))
  const counting = useMutation({
    mutationFn: ({ store, bucket }: Inside) => api.request('takeInventory', { body: { store, bucket } }),
    onSuccess: (_, { bucket }) => toasts.show(`Counting ${bucket}. Refresh this page in a moment.`),
    onError: () => toasts.show('The count could not be started. Try again later.'),
  })
  const up = (): void => {
    if (inside === undefined) return
    const above = inside.prefix.slice(0, inside.prefix.lastIndexOf('/', inside.prefix.length - 2) + 1)
    setInside(inside.prefix === '' ? undefined : { ...inside, prefix: above })
  }
  const open = ({ store, bucket, prefix }: Record<keyof Inside, string | null>): void =>
    setInside({ store: store ?? '', bucket: bucket ?? '', prefix: prefix ?? '' })
  const title = inside === undefined ? 'Where it is' : `${inside.bucket}/${inside.prefix}`
  return (
    <Card
      title={title}
      action={
        inside !== undefined && (
          <Box sx={{ flexShrink: 0 }}>
            {scope === 'all' && (
              <Button size="small" loading={counting.isPending} onClick={() => counting.mutate(inside)}>
                Count now
              </Button>
            )}
            <Button size="small" onClick={up}>
              Up
            </Button>
          </Box>
        )
      }
    >
      <QueryState query={query}>
        {({ rows }) => {
          const parts = rows
            .map((row) => ({
              row,
              name: inside === undefined ? placeName(row, scope) : (row.prefix ?? '').slice(inside.prefix.length),
              bytes: row.bytes + row.oldBytes + row.unfinishedBytes,
            }))
            .toSorted((a, b) => b.bytes - a.bytes)
          if (parts.length === 0) {
            return (
              <Typography variant="body2" color="textSecondary">
                {inside === undefined ? 'Nothing was counted yet.' : 'There are no folders here that were counted.'}
              </Typography>
            )
          }
          return (
            <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
              <Treemap
                label={`Space taken, by size: ${title}`}
                parts={parts}
                onOpen={(index) => open(parts[index]!.row)}
              />
              <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={`Table: ${title}`}>
                <Table size="small" aria-label={title}>
                  <TableHead>
                    <TableRow>
                      <TableCell>{inside === undefined ? 'Location' : 'Folder'}</TableCell>
                      <TableCell align="right">Objects</TableCell>
                      <TableCell align="right">Size</TableCell>
                      <TableCell align="right">Old versions</TableCell>
                    </TableRow>
                  </TableHead>
                  <TableBody>
                    {parts.slice(0, ROWS).map(({ row, name }) => (
                      <TableRow key={`${row.bucket} ${row.prefix}`}>
                        <TableCell sx={{ overflowWrap: 'anywhere', minWidth: 180 }}>
                          <Link component="button" variant="body2" sx={{ textAlign: 'left' }} onClick={() => open(row)}>
                            {name}
                          </Link>
                        </TableCell>
                        <TableCell align="right">{row.objects.toLocaleString()}</TableCell>
                        <TableCell align="right">{formatBytes(row.bytes)}</TableCell>
                        <TableCell align="right">{formatBytes(row.oldBytes)}</TableCell>
                      </TableRow>
                    ))}
                  </TableBody>
                </Table>
              </Box>
            </Box>
          )
        }}
      </QueryState>
    </Card>
  )
}

/** Homes go by whose they are: the names of their buckets are made up. */
function placeName({ bucket, prefix, userId, userName }: StorageUsage['rows'][number], scope: Scope): string {
  if (userId !== null) return scope === 'mine' ? 'Your files' : `Home of ${userName ?? userId}`
  return prefix === null || prefix === '' ? (bucket ?? '') : `${bucket}/${prefix}`
}
