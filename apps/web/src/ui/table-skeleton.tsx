import Box from '@mui/material/Box'
import Paper from '@mui/material/Paper'
import Skeleton from '@mui/material/Skeleton'
import type { ReactElement } from 'react'

const WIDTHS = ['38%', '52%', '31%', '45%', '27%', '49%']

/** @param label what a screen reader says meanwhile */
export function TableSkeleton({ label }: { readonly label: string }): ReactElement {
  return (
    <Paper variant="outlined" role="status" aria-label={label} sx={{ overflow: 'hidden' }}>
      {WIDTHS.map((width) => (
        <Box
          key={width}
          sx={{
            display: 'flex',
            alignItems: 'center',
            gap: 2,
            height: 52,
            px: 2,
            '&:not(:last-child)': { borderBottom: 1, borderColor: 'divider' },
          }}
        >
          <Skeleton variant="rounded" width={24} height={24} />
          <Skeleton variant="text" width={width} />
        </Box>
      ))}
    </Paper>
  )
}
