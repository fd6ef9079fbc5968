import DnsOutlined from '@mui/icons-material/DnsOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import Paper from '@mui/material/Paper'
import Typography from '@mui/material/Typography'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { useIsGuest } from '../app/guest-context.ts'
import { homeQuery, locationsQuery } from '../data/queries.ts'
import { type Action, actionsAt, actionsForGuest } from '../files/actions-at.ts'
import { TableSkeleton } from '../ui/table-skeleton.tsx'
import { toLocation, toTrash } from '../paths.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { Page } from '../ui/page.tsx'
import { RouterLink } from '../ui/router-link.tsx'
import { bucketsOf } from './buckets-of.ts'

const TITLE = 'Locations'

const NAMES = { list: 'List', read: 'Download', write: 'Upload', delete: 'Delete' } as const satisfies Record<
  Action,
  string
>

const ORDER: readonly Action[] = ['list', 'read', 'write', 'delete']

/** The usual two in a word, the others one by one. */
function accessOf(actions: readonly Action[]): string {
  const held = ORDER.filter((action) => actions.includes(action))
  if (held.length === ORDER.length) return 'Full access'
  if (held.join() === 'list,read') return 'Read-only'
  return held.map((action) => NAMES[action]).join(', ')
}

export function LocationsPage(): ReactElement {
  const { api } = useApp()
  const isGuest = useIsGuest()
  const query = useInfiniteQuery(locationsQuery(api))
  const home = useQuery({ ...homeQuery(api), enabled: !isGuest }).data
  const { data, error, isError, refetch } = query
  if (!data) {
    return (
      <Page title={TITLE}>
        {isError ? (
          <ProblemAlert error={error} onRetry={() => void refetch()} />
        ) : (
          <TableSkeleton label="Loading the locations" />
        )}
      </Page>
    )
  }
  const buckets = bucketsOf(data.pages)
  const shown = (actions: readonly Action[]): readonly Action[] => (isGuest ? actionsForGuest(actions) : actions)
  return (
    <Page title={TITLE}>
      <Box sx={{ overflow: 'auto', minHeight: 0, display: 'flex', flexDirection: 'column', gap: 2 }}>
        {buckets.length === 0 && (
          <Typography color="textSecondary">
            {isGuest
              ? 'Guests cannot see anything here. Sign in to see your files.'
              : 'You do not have access to any buckets yet.'}
          </Typography>
        )}
        {buckets.map((each) => {
          const { bucket, locations, moreLocations } = each
          return (
            <Paper key={bucket} component="section" aria-label={bucket} variant="outlined" sx={{ flexShrink: 0 }}>
              <Box
                sx={{
                  display: 'flex',
                  alignItems: 'center',
                  gap: 1.5,
                  px: 2,
                  py: 1,
                  minHeight: 48,
                  color: 'text.secondary',
                }}
              >
                <DnsOutlined fontSize="small" />
                <Typography
                  variant="h2"
                  sx={{ overflowWrap: 'anywhere', fontSize: '0.9375rem', color: 'text.primary' }}
                >
                  {bucket}
                </Typography>
              </Box>
              {locations.map(({ prefix, actions }) => (
                <Box
                  key={prefix}
                  sx={{
                    display: 'flex',
                    flexWrap: 'wrap',
                    alignItems: 'center',
                    justifyContent: 'space-between',
                    gap: 1,
                    px: 2,
                    py: 1,
                    borderTop: 1,
                    borderColor: 'divider',
                  }}
                >
                  <RouterLink {...toLocation(bucket, prefix)} underline="hover" sx={{ overflowWrap: 'anywhere' }}>
                    {prefix === '' ? 'The whole bucket' : prefix}
                  </RouterLink>
                  <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5 }}>
                    {!isGuest && actions.includes('list') && actions.includes('write') && (
                      <RouterLink
                        {...toTrash({ bucket, prefix })}
                        variant="body2"
                        color="textSecondary"
                        aria-label={`Trash of ${bucket}/${prefix}`}
                      >
                        Trash
                      </RouterLink>
                    )}
                    {home?.bucket === bucket && home.prefix === prefix && <Chip size="small" label="Your files" />}
                    <Chip
                      size="small"
                      variant="outlined"
                      label={accessOf(shown(moreLocations ? actions : [...actionsAt(each, prefix)]))}
                    />
                  </Box>
                </Box>
              ))}
              {moreLocations && (
                <Typography
                  variant="body2"
                  color="textSecondary"
                  sx={{ px: 2, py: 1, borderTop: 1, borderColor: 'divider' }}
                >
                  Show more to see the other folders of this bucket.
                </Typography>
              )}
            </Paper>
          )
        })}
        {isError && <ProblemAlert error={error} onRetry={() => void query.fetchNextPage()} />}
        {query.hasNextPage && !isError && (
          <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} sx={{ flexShrink: 0 }}>
            Show more
          </Button>
        )}
      </Box>
    </Page>
  )
}
