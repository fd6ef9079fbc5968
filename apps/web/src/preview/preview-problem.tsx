import Box from '@mui/material/Box'
import type { ReactElement } from 'react'
import { ProblemAlert } from '../ui/problem-alert.tsx'

export function PreviewProblem({
  error,
  onRetry,
}: {
  readonly error: unknown
  readonly onRetry: () => void
}): ReactElement {
  return (
    <Box sx={{ m: 'auto', p: 3, maxWidth: 560 }}>
      <ProblemAlert error={error} onRetry={onRetry} />
    </Box>
  )
}
