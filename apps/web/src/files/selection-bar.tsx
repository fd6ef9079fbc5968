import Close from '@mui/icons-material/Close'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import IconButton from '@mui/material/IconButton'
import Typography from '@mui/material/Typography'
import type { ReactElement } from 'react'
import type { RowAction } from '../ui/row-action.tsx'

interface SelectionBarProps {
  readonly count: number
  readonly actions: readonly RowAction[]
  readonly onClear: () => void
}

/** What can be done with the selected entries. */
export function SelectionBar({ count, actions, onClear }: SelectionBarProps): ReactElement {
  return (
    <Box
      role="toolbar"
      aria-label="Selected files"
      sx={{ display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: 1, mb: 1, flexShrink: 0 }}
    >
      <IconButton size="small" title="Clear the selection" aria-label="Clear the selection" onClick={onClear}>
        <Close fontSize="small" />
      </IconButton>
      <Typography variant="body2" role="status" sx={{ fontWeight: 600, mr: 1 }}>
        {count.toLocaleString()} selected
      </Typography>
      {actions.map(({ label, icon, destructive, onSelect }) => (
        <Button key={label} size="small" startIcon={icon} color={destructive ? 'error' : 'primary'} onClick={onSelect}>
          {label}
        </Button>
      ))}
    </Box>
  )
}
