import Box from '@mui/material/Box'
import Paper from '@mui/material/Paper'
import Typography from '@mui/material/Typography'
import { type ReactElement, type ReactNode, useId } from 'react'

interface SectionProps {
  readonly title: string
  readonly action?: ReactNode
  readonly children: ReactNode
}

/** A part of a page about one thing. */
export function Section({ title, action, children }: SectionProps): ReactElement {
  const id = useId()
  return (
    <Paper variant="outlined" component="section" aria-labelledby={id} sx={{ p: 2, minWidth: 0 }}>
      <Box
        sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: 1, mb: 1.5, minHeight: 36 }}
      >
        <Typography variant="h2" id={id}>
          {title}
        </Typography>
        {action}
      </Box>
      {children}
    </Paper>
  )
}

interface LinesProps {
  readonly rows: readonly { readonly key: string; readonly first: ReactNode; readonly last: ReactNode }[]
}

/** Lines of two parts, the second at the right. */
export function Lines({ rows }: LinesProps): ReactElement {
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
      {rows.map(({ key, first, last }) => (
        <Box
          component="li"
          key={key}
          sx={{
            display: 'flex',
            justifyContent: 'space-between',
            alignItems: 'center',
            gap: 2,
            py: 1,
            '&:not(:last-child)': { borderBottom: 1, borderColor: 'divider' },
          }}
        >
          <Box sx={{ minWidth: 0, overflowWrap: 'anywhere', typography: 'body2' }}>{first}</Box>
          <Box sx={{ flexShrink: 0, maxWidth: '55%', textAlign: 'right', typography: 'body2' }}>{last}</Box>
        </Box>
      ))}
    </Box>
  )
}
