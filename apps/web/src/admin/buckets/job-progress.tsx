import Box from '@mui/material/Box'
import LinearProgress from '@mui/material/LinearProgress'
import Typography from '@mui/material/Typography'
import type { Job } from '@skycrate/contract/jobs/schemas'
import type { ReactElement } from 'react'
import { isUnderWay } from '../../jobs/job-queries.ts'

interface JobProgressProps {
  readonly job: Job
  /** What the numbers tell of, such as "deleted". */
  readonly what: string
}

/** How far a job is, and why its latest try failed. */
export function JobProgress({ job, what }: JobProgressProps): ReactElement {
  const { done, total } = job.progress
  const underWay = isUnderWay(job)
  const known = total !== null && total > 0
  return (
    <Box sx={{ mb: 1.5 }}>
      {underWay && (
        <LinearProgress
          aria-label={`${done} ${what}`}
          {...(known ? { variant: 'determinate', value: Math.min(100, (done / total) * 100) } : {})}
        />
      )}
      <Typography variant="caption" color="textSecondary" component="div" sx={{ mt: 0.5 }}>
        {done.toLocaleString()}
        {known && ` of ${total.toLocaleString()}`} {what}
      </Typography>
      {job.problem !== undefined && (
        <Typography variant="caption" color="error" component="div" sx={{ overflowWrap: 'anywhere' }}>
          {underWay ? 'The last attempt failed and will be retried: ' : ''}
          {job.problem.detail ?? job.problem.title}
        </Typography>
      )}
    </Box>
  )
}
