import Chip from '@mui/material/Chip'
import type { Outcome } from '@skycrate/contract/audit/schemas'
import type { ReactElement } from 'react'

export const OUTCOMES = {
  allow: { name: 'Allowed', color: 'success' },
  deny: { name: 'Refused', color: 'warning' },
  error: { name: 'Failed', color: 'error' },
} as const satisfies Record<Outcome, { name: string; color: 'success' | 'warning' | 'error' }>

export function OutcomeChip({ outcome }: { readonly outcome: Outcome }): ReactElement {
  const { name, color } = OUTCOMES[outcome]
  return <Chip size="small" variant="outlined" color={color} label={name} />
}
