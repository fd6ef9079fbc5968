import Box from '@mui/material/Box'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { counted } from '../format/counted.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { formatTime } from '../format/format-time.ts'
import { Card } from '../ui/card.tsx'
import { Fact } from '../ui/fact.tsx'
import { Page } from '../ui/page.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { RefreshButton } from '../ui/refresh-button.tsx'
import { AdviceSection } from './advice-section.tsx'
import { AppliedSection } from './applied-section.tsx'
import { Bars } from './bars.tsx'
import { CountNow } from './count-now.tsx'
import { CostSection } from './cost-section.tsx'
import { FindingsSection } from './findings-section.tsx'
import { NotCounted } from './not-counted.tsx'
import { costQuery, type Scope, statsQuery } from './storage-queries.ts'
import { UsageSection } from './usage-section.tsx'

/** What the person's own locations hold. */
export const StoragePage = (): ReactElement => <Storage scope="mine" title="Storage" />

/** What all buckets hold. */
export const AllStoragePage = (): ReactElement => <Storage scope="all" title="Storage and cost" />

const GRID = {
  display: 'grid',
  gap: 2,
  gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'repeat(2, minmax(0, 1fr))' },
  alignItems: 'start',
}

function Storage({ scope, title }: { readonly scope: Scope; readonly title: string }): ReactElement {
  const { api } = useApp()
  const stats = useQuery(statsQuery(api, scope))
  return (
    <Page
      title={title}
      description={
        scope === 'mine'
          ? 'What your locations hold and what that costs. They are counted once a day.'
          : 'What all buckets hold, what that costs, and what would save money. Buckets are counted once a day.'
      }
      actions={
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <RefreshButton query={stats} />
          {scope === 'mine' && <CountNow />}
        </Box>
      }
    >
      {stats.data?.countedAt === null ? <NotCounted scope={scope} /> : <Counted scope={scope} />}
    </Page>
  )
}

/** @param scope of which something was counted */
function Counted({ scope }: { readonly scope: Scope }): ReactElement {
  const { api } = useApp()
  const stats = useQuery(statsQuery(api, scope))
  const costs = useQuery(costQuery(api, scope))
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
      <QueryState query={stats}>
        {({ totals, growth, countedAt, inventories }) => (
          <>
            <Box sx={GRID}>
              <Card title="Now">
                <Box
                  component="dl"
                  sx={{ m: 0, display: 'grid', gridTemplateColumns: 'auto 1fr', gap: 0.75, typography: 'body2' }}
                >
                  <Fact name="Objects">
                    {totals.objects.toLocaleString()}, {formatBytes(totals.bytes)}
                  </Fact>
                  <Fact name="Old versions">
                    {totals.oldVersions.toLocaleString()}, {formatBytes(totals.oldBytes)}
                  </Fact>
                  <Fact name="Unfinished uploads">
                    {totals.unfinishedUploads.toLocaleString()}, {formatBytes(totals.unfinishedBytes)}
                  </Fact>
                  <Fact name="Counted">
                    {countedAt === null
                      ? 'Never'
                      : `${formatTime(countedAt)}, ${counted(inventories.length, 'bucket')}`}
                  </Fact>
                </Box>
              </Card>
              <Card title="Growth">
                {growth.length > 0 && (
                  <Bars
                    label={`Bytes by day from ${growth[0]!.day} to ${growth.at(-1)!.day}`}
                    bars={growth.slice(-90).map(({ day, bytes }) => ({ name: day, value: bytes }))}
                    text={formatBytes}
                  />
                )}
              </Card>
            </Box>
          </>
        )}
      </QueryState>
      <UsageSection scope={scope} />
      <QueryState query={costs}>
        {(found) => (
          <>
            <AdviceSection costs={found} canApply={scope === 'all'} />
            <AppliedSection costs={found} />
            <Box sx={GRID}>
              <CostSection costs={found} />
            </Box>
          </>
        )}
      </QueryState>
      <QueryState query={stats}>
        {(found) => (
          <Box sx={GRID}>
            <FindingsSection stats={found} />
          </Box>
        )}
      </QueryState>
    </Box>
  )
}
