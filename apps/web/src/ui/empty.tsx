import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type SvgIcon from '@mui/material/SvgIcon'
import type { ReactElement, ReactNode } from 'react'

interface EmptyProps {
  readonly icon: typeof SvgIcon
  readonly title: string
  /** What to do about it. */
  readonly children?: ReactNode
  readonly action?: ReactNode
}

/** What stands where a list has nothing to show. */
export function Empty({ icon: Icon, title, children, action }: EmptyProps): ReactElement {
  return (
    <Box
      sx={{
        flex: 1,
        display: 'flex',
        flexDirection: 'column',
        alignItems: 'center',
        justifyContent: 'center',
        gap: 1,
        minHeight: 240,
        p: 3,
        textAlign: 'center',
        border: 2,
        borderStyle: 'dashed',
        borderColor: 'divider',
        borderRadius: 1.5,
      }}
    >
      <Icon sx={{ fontSize: 44, color: 'text.secondary', opacity: 0.6 }} />
      <Typography variant="h2">{title}</Typography>
      {children !== undefined && (
        <Typography component="div" color="textSecondary" sx={{ maxWidth: 520 }}>
          {children}
        </Typography>
      )}
      {action}
    </Box>
  )
}
