import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { CostAnalysis } from '@skycrate/contract/storage/cost-schemas'
import type { ReactElement } from 'react'
import { counted } from '../format/counted.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { formatTime } from '../format/format-time.ts'
import { Card } from '../ui/card.tsx'
import { formatMoney } from './format-money.ts'
import { ruleWords } from './rule-words.ts'

type Applied = CostAnalysis['applied'][number]

/** What applied rules have saved. */
export function AppliedSection({ costs }: { readonly costs: CostAnalysis }): ReactElement | null {
  const { applied, prices } = costs
  if (applied.length === 0) return null
  return (
    <Card title="Applied rules">
      <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
        {applied.map((each) => (
          <Box
            component="li"
            key={`${each.bucket} ${each.appliedAt} ${ruleWords(each.rule)}`}
            sx={{ py: 1, overflowWrap: 'anywhere', typography: 'body2' }}
          >
            {ruleWords(each.rule)}
            <Typography variant="caption" color="textSecondary" component="div">
              {each.bucket}: applied {formatTime(each.appliedAt)}
              {each.endedAt === null ? '' : `, taken back ${formatTime(each.endedAt)}`}.{' '}
              {resultOf(each, prices.currency)}
            </Typography>
          </Box>
        ))}
      </Box>
    </Card>
  )
}

function resultOf({ measuredAt, saved, promised, objects, bytes }: Applied, currency: string): string {
  if (saved === null) return 'Counts do not tell what it saves.'
  if (measuredAt === null) return 'What it saves is measured with the next counts.'
  const moved = `${counted(objects, 'object')}, ${formatBytes(bytes)} moved.`
  const result =
    saved < 0
      ? `Cost ${formatMoney(-saved, currency)} more so far, with the fees for moving`
      : `Saved ${formatMoney(saved, currency)} so far`
  return `${moved} ${result}${promised === null ? '' : `; the advice promised ${formatMoney(promised, currency)}`}.`
}
