import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { homeQuery, meQuery } from '../data/queries.ts'
import { toActivity, toFiles, toLocation, toLocations } from '../paths.ts'
import { Card } from '../ui/card.tsx'
import { Page } from '../ui/page.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { RouterLink } from '../ui/router-link.tsx'
import { AdminCards } from './admin-cards.tsx'
import { myLocationsQuery, recentActivityQuery } from './dashboard-queries.ts'
import { EventLines } from './event-lines.tsx'

export function DashboardPage(): ReactElement {
  const { api } = useApp()
  const { data: me } = useSuspenseQuery(meQuery(api))
  const home = useQuery(homeQuery(api))
  const locations = useQuery(myLocationsQuery(api))
  const activity = useQuery(recentActivityQuery(api))
  return (
    <Page title="Dashboard">
      <Box
        sx={{
          display: 'grid',
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'repeat(2, minmax(0, 1fr))' },
          gap: 2,
          alignItems: 'start',
        }}
      >
        {me.isAdmin && <AdminCards />}
        <Card title="Your home" action={<RouterLink {...toFiles()}>Your files</RouterLink>}>
          <QueryState query={home}>
            {({ bucket, prefix, region }) => (
              <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
                {prefix === '' ? bucket : `${bucket}/${prefix}`}
                <Box component="span" sx={{ display: 'block', typography: 'caption', color: 'text.secondary' }}>
                  {region}
                </Box>
              </Typography>
            )}
          </QueryState>
        </Card>
        <Card title="Your locations" action={<RouterLink {...toLocations()}>All locations</RouterLink>}>
          <QueryState query={locations}>
            {(page) =>
              page.locations.length === 0 ? (
                <Typography color="textSecondary">You do not have access to any buckets yet.</Typography>
              ) : (
                <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
                  {page.locations.map(({ store, bucket, prefix }) => (
                    <Box
                      component="li"
                      key={`${store} ${bucket} ${prefix}`}
                      sx={{ py: 0.5, typography: 'body2', minWidth: 0 }}
                    >
                      <RouterLink {...toLocation(bucket, prefix)} underline="hover" sx={{ overflowWrap: 'anywhere' }}>
                        {prefix === '' ? bucket : `${bucket}/${prefix}`}
                      </RouterLink>
                    </Box>
                  ))}
                </Box>
              )
            }
          </QueryState>
        </Card>
        <Card title="Recent activity" action={<RouterLink {...toActivity()}>All activity</RouterLink>}>
          <QueryState query={activity}>
            {({ events }) => <EventLines events={events} showUser={false} empty="No activity yet." />}
          </QueryState>
        </Card>
      </Box>
    </Page>
  )
}
