import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { HOME_STATES } from '../admin/homes/home-search.ts'
import { PATHS, toAudit, toPage } from '../paths.ts'
import { Card } from '../ui/card.tsx'
import { PersonName } from '../ui/person-name.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { RouterLink } from '../ui/router-link.tsx'
import { denialsQuery, failedHomesQuery, weekQuery } from './dashboard-queries.ts'
import { EventLines } from './event-lines.tsx'

const COUNT = new Intl.NumberFormat()

/** What only administrators see of the dashboard. */
export function AdminCards(): ReactElement {
  const { api } = useApp()
  const week = useQuery(weekQuery(api))
  const denials = useQuery(denialsQuery(api))
  const homes = useQuery(failedHomesQuery(api))
  return (
    <>
      <Card title="Last seven days" action={<RouterLink {...toAudit()}>Audit log</RouterLink>}>
        <QueryState query={week}>
          {({ total, byOutcome }) => (
            <Box
              component="dl"
              sx={{ m: 0, display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(100px, 1fr))', gap: 2 }}
            >
              <Figure name="Events" value={total} />
              <Figure name="Allowed" value={byOutcome.allow} />
              <Figure name="Refused" value={byOutcome.deny} />
              <Figure name="Failed" value={byOutcome.error} />
            </Box>
          )}
        </QueryState>
      </Card>
      <Card title="Latest refusals" action={<RouterLink {...toAudit({ outcome: 'deny' })}>All refusals</RouterLink>}>
        <QueryState query={denials}>
          {({ events }) => <EventLines events={events} showUser empty="Nothing was refused." />}
        </QueryState>
      </Card>
      <Card title="Unfinished homes" action={<RouterLink {...toPage(PATHS.homes)}>Homes</RouterLink>}>
        <QueryState query={homes}>
          {(unfinished) =>
            unfinished.length === 0 ? (
              <Typography color="textSecondary">Every home is ready.</Typography>
            ) : (
              <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
                {unfinished.map(({ userId, name, email, state, bucket }) => (
                  <Box
                    component="li"
                    key={`${userId} ${bucket}`}
                    sx={{ display: 'flex', gap: 2, typography: 'body2', py: 0.5 }}
                  >
                    <Box sx={{ flex: 1, minWidth: 0 }}>
                      <PersonName person={{ id: userId, name, email }} />
                    </Box>
                    {HOME_STATES[state].name}
                  </Box>
                ))}
              </Box>
            )
          }
        </QueryState>
      </Card>
    </>
  )
}

function Figure({ name, value }: { readonly name: string; readonly value: number }): ReactElement {
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column-reverse' }}>
      <Box component="dt" sx={{ typography: 'body2', color: 'text.secondary' }}>
        {name}
      </Box>
      <Box component="dd" sx={{ m: 0, fontSize: '1.5rem', fontWeight: 650, fontVariantNumeric: 'tabular-nums' }}>
        {COUNT.format(value)}
      </Box>
    </Box>
  )
}
