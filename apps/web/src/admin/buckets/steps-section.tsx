import CheckCircle from '@mui/icons-material/CheckCircle'
import ErrorOutlined from '@mui/icons-material/ErrorOutlined'
import InfoOutlined from '@mui/icons-material/InfoOutlined'
import Box from '@mui/material/Box'
import LinearProgress from '@mui/material/LinearProgress'
import Typography from '@mui/material/Typography'
import type { BucketDetail } from '@skycrate/contract/buckets/schemas'
import type { ReactElement } from 'react'
import { STEP_NAMES, STEP_OUTCOMES } from './bucket-words.ts'
import { Section } from './section.tsx'

const ICONS = {
  applied: <CheckCircle fontSize="small" color="success" />,
  unsupported: <InfoOutlined fontSize="small" color="action" />,
  failed: <ErrorOutlined fontSize="small" color="error" />,
} as const

/** What has been done so far to create the bucket. */
export function StepsSection({ bucket }: { readonly bucket: BucketDetail }): ReactElement {
  const isUnderWay = bucket.state === 'planned' || bucket.state === 'creating' || bucket.state === 'created'
  return (
    <Section title="Creation">
      {isUnderWay && <LinearProgress aria-label="The bucket is being created" sx={{ mb: 1.5 }} />}
      <Box component="ol" aria-live="polite" sx={{ m: 0, p: 0, listStyle: 'none' }}>
        {bucket.steps.map(({ step, outcome, reason }) => (
          <Box component="li" key={step} sx={{ display: 'flex', gap: 1.5, py: 0.75 }}>
            {ICONS[outcome]}
            <Box sx={{ minWidth: 0, overflowWrap: 'anywhere', typography: 'body2' }}>
              {STEP_NAMES[step] ?? step}
              {outcome !== 'applied' && (
                <Typography variant="caption" color="textSecondary" component="div">
                  {STEP_OUTCOMES[outcome].name}
                  {reason !== null && `: ${reason}`}
                </Typography>
              )}
            </Box>
          </Box>
        ))}
      </Box>
      {bucket.steps.length === 0 && (
        <Typography variant="body2" color="textSecondary">
          Waiting for the first step.
        </Typography>
      )}
    </Section>
  )
}
