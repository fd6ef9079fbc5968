import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import type { CostAnalysis, StorageAdvice } from '@skycrate/contract/storage/cost-schemas'
import { type ReactElement, useState } from 'react'
import { counted } from '../format/counted.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { Card } from '../ui/card.tsx'
import { ApplyDialog } from './apply-dialog.tsx'
import { formatMoney } from './format-money.ts'
import { ruleWords } from './rule-words.ts'

interface AdviceSectionProps {
  readonly costs: CostAnalysis
  /** Whether the person may apply it. */
  readonly canApply: boolean
}

/** What would make the bill smaller. */
export function AdviceSection({ costs, canApply }: AdviceSectionProps): ReactElement {
  const [applying, setApplying] = useState<StorageAdvice>()
  const { advice, prices } = costs
  const money = (amount: number): string => formatMoney(amount, prices.currency)
  return (
    <Card title="Advice">
      {advice.length === 0 ? (
        <Typography variant="body2" color="textSecondary">
          Nothing would save money for sure. Advice is given only if it also pays when twice as much is read and
          deleted.
        </Typography>
      ) : (
        <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
          {advice.map((each) => (
            <Box
              component="li"
              key={`${each.bucket} ${ruleWords(each.rule)}`}
              sx={{
                display: 'flex',
                flexWrap: 'wrap',
                alignItems: 'center',
                gap: 1,
                py: 1,
                '&:not(:last-child)': { borderBottom: 1, borderColor: 'divider' },
              }}
            >
              <Box sx={{ flex: '1 1 260px', minWidth: 0, overflowWrap: 'anywhere', typography: 'body2' }}>
                {ruleWords(each.rule)}
                <Typography variant="caption" color="textSecondary" component="div">
                  {each.bucket}: {counted(each.objects, 'object')}, {formatBytes(each.bytes)}.{' '}
                  {each.needs ??
                    `Saves ${money(each.saving)} in the next year, at least ${money(each.savingAtLeast)}. ` +
                      (each.fee > 0
                        ? `Moving costs ${money(each.fee)}${each.paybackMonths === null ? '' : `, earned after ${counted(each.paybackMonths, 'month')}`}.`
                        : '')}
                </Typography>
              </Box>
              {isApplied(costs, each) && <Typography variant="body2">Applied</Typography>}
              {canApply && each.needs === null && !isApplied(costs, each) && (
                <Button size="small" onClick={() => setApplying(each)}>
                  Apply…
                </Button>
              )}
            </Box>
          ))}
        </Box>
      )}
      {applying !== undefined && (
        <ApplyDialog advice={applying} currency={prices.currency} onClose={() => setApplying(undefined)} />
      )}
    </Card>
  )
}

/** Advice stays until a count has seen what its rule has moved. */
const isApplied = ({ applied }: CostAnalysis, { store, bucket, rule }: StorageAdvice): boolean =>
  applied.some(
    (each) =>
      each.endedAt === null &&
      each.store === store &&
      each.bucket === bucket &&
      ruleWords(each.rule) === ruleWords(rule),
  )
