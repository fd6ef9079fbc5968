import Chip from '@mui/material/Chip'
import type { ReactElement } from 'react'

interface StateChipProps {
  readonly state: {
    readonly name: string
    readonly color: 'success' | 'warning' | 'error' | 'info' | 'default'
  }
}

export function StateChip({ state: { name, color } }: StateChipProps): ReactElement {
  return <Chip size="small" variant="outlined" color={color} label={name} />
}
