import Box from '@mui/material/Box'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { ProblemAlert } from '../ui/problem-alert.tsx'

export function RouteProblem({ error, reset }: ErrorComponentProps): ReactElement {
  const router = useRouter()
  const again = (): void => {
    reset()
    void router.invalidate()
  }
  return (
    <Box component="main" sx={{ m: 'auto', p: 2, width: '100%', maxWidth: 560 }}>
      <ProblemAlert error={error} onRetry={again} />
    </Box>
  )
}
