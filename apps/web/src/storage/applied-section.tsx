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

const UNMEASURED = {
  tags: 'There is no number: counts do not tell which old versions had the tag.',
  folder:
    'There is no number: the ages of old versions and uploads are counted for a bucket and the first 24 folders at its top alone.',
  tiers:
    'There is no number: listings do not tell in which tier an object is. Count the bucket from an S3 Inventory with the field Intelligent-Tiering access tier.',
} as const satisfies Record<NonNullable<Applied['unmeasured']>, string>

function resultOf(applied: Applied, currency: string): string {
  const { measuredAt, saved, unmeasured, promised, objects, bytes, rule } = applied
  if (unmeasured !== null) return UNMEASURED[unmeasured]
  if (measuredAt === null || saved === null) return 'What it saves is measured with the next counts.'
  const things = `${counted(objects, rule.state === 'current' ? 'object' : WHAT[rule.state])}, ${formatBytes(bytes)}`
  const did = rule.toClass === null ? 'deleted' : 'moved'
  if (objects === 0 && saved === 0) return `Nothing was ${did} yet: the store runs its rules once a day.`
  const done = `${things} ${did}.`
  const result =
    saved < 0
      ? `Cost ${formatMoney(-saved, currency)} more so far, with the fees for moving`
      : `Saved ${formatMoney(saved, currency)} so far`
  return `${done} ${result}${promised === null ? '' : `; the advice promised ${formatMoney(promised, currency)}`}.`
}

const WHAT = { noncurrent: 'old version', upload: 'unfinished upload' } as const
