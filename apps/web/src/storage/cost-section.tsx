import Box from '@mui/material/Box'
import Link from '@mui/material/Link'
import Typography from '@mui/material/Typography'
import type { CostAnalysis } from '@skycrate/contract/storage/cost-schemas'
import type { ReactElement, ReactNode } from 'react'
import { formatBytes } from '../format/format-bytes.ts'
import { Card } from '../ui/card.tsx'
import { Fact } from '../ui/fact.tsx'
import { Bars } from './bars.tsx'
import { className } from './class-words.ts'
import { formatMoney } from './format-money.ts'

const CHARGES = {
  storage: 'Storage',
  requests: 'Requests',
  retrieval: 'Retrieval',
  transitions: 'Moving between classes',
  earlyDeletion: 'Early deletion',
  monitoring: 'Monitoring',
} as const

const LIST = { m: 0, display: 'grid', gridTemplateColumns: 'minmax(120px, auto) 1fr', gap: 0.75, typography: 'body2' }

/** What it costs a month, and will cost. */
export function CostSection({ costs }: { readonly costs: CostAnalysis }): ReactElement {
  const { month, prices, forecast } = costs
  const money = (amount: number): string => formatMoney(amount, prices.currency)
  const charges = (Object.keys(CHARGES) as (keyof typeof CHARGES)[]).filter((name) => month.charges[name] > 0)
  const year = forecast.reduce((sum, { total }) => sum + total, 0)
  const advised = forecast.reduce((sum, each) => sum + each.advised, 0)
  const strangers = month.byRegion.filter(({ own }) => !own)
  return (
    <>
      <Card title="A month now">
        <Typography variant="h1" component="p" sx={{ mb: 1 }}>
          {money(month.total)}
        </Typography>
        <Box component="dl" sx={LIST}>
          {charges.map((name) => (
            <Fact key={name} name={CHARGES[name]}>
              {money(month.charges[name])}
            </Fact>
          ))}
          {month.oldVersions > 0 && <Fact name="Of it old versions">{money(month.oldVersions)}</Fact>}
          {month.unfinishedUploads > 0 && <Fact name="Of it unfinished uploads">{money(month.unfinishedUploads)}</Fact>}
        </Box>
        <Rows title="By class">
          {month.byClass.map(({ storageClass, bytes, total }) => (
            <Fact key={storageClass} name={className(storageClass)}>
              {formatBytes(bytes)}, {money(total)}
            </Fact>
          ))}
        </Rows>
        {month.byUser.length > 0 && (
          <Rows title="By user">
            {month.byUser.slice(0, 5).map(({ userId, userName, storage, requests }) => (
              <Fact key={userId ?? ''} name={userName ?? userId ?? 'Nobody in particular'}>
                {money(storage + requests)}
              </Fact>
            ))}
          </Rows>
        )}
        <Typography variant="caption" color="textSecondary" component="p" sx={{ mt: 1.5 }}>
          Prices of <Link href={prices.source}>{prices.name}</Link>, {prices.date}.
          {!prices.configured && ' They are examples unless your store is Amazon S3.'}
          {strangers.length > 0 &&
            ` ${strangers.map(({ region }) => region).join(', ')}: prices of another region.`}{' '}
          Not counted: {costs.notCounted.join('; ')}.
        </Typography>
      </Card>
      {forecast.length > 0 && (
        <Card title="The next twelve months">
          <Typography variant="body2" sx={{ mb: 1 }}>
            {money(year)} as it is, {money(advised)} with all advice.
          </Typography>
          <Bars
            label={`Forecast by month: ${money(year)} in a year, ${money(advised)} with all advice`}
            bars={forecast.map((each) => ({ name: each.month, value: each.total, inner: Math.max(0, each.advised) }))}
            text={money}
          />
        </Card>
      )}
    </>
  )
}

function Rows({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <>
      <Typography variant="subtitle2" component="h3" sx={{ mt: 1.5, mb: 0.5 }}>
        {title}
      </Typography>
      <Box component="dl" sx={LIST}>
        {children}
      </Box>
    </>
  )
}
