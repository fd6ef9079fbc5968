import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import MenuItem from '@mui/material/MenuItem'
import TextField from '@mui/material/TextField'
import type { ReactElement } from 'react'
import { AUDIT_ACTIONS } from './audit-actions.ts'
import { type AuditSearch, parseAuditSearch } from './audit-search.ts'
import { localInput } from './local-input.ts'
import { OUTCOMES } from './outcome-chip.tsx'

interface AuditFiltersProps {
  readonly search: AuditSearch
  readonly onChange: (search: AuditSearch) => void
}

export function AuditFilters({ search, onChange }: AuditFiltersProps): ReactElement {
  const change = (name: keyof AuditSearch, value: string): void =>
    onChange(parseAuditSearch({ ...search, [name]: value }))
  return (
    <Box
      component="search"
      aria-label="Filters"
      sx={{
        display: 'grid',
        gridTemplateColumns: { xs: '1fr 1fr', md: '200px 140px 220px 220px auto' },
        gap: 1.5,
        mb: 2,
        flexShrink: 0,
        alignItems: 'center',
      }}
    >
      <TextField
        select
        size="small"
        label="Action"
        value={search.action ?? ''}
        onChange={(event) => change('action', event.target.value)}
        slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      >
        <MenuItem value="">Any</MenuItem>
        {Object.entries(AUDIT_ACTIONS).map(([action, name]) => (
          <MenuItem key={action} value={action}>
            {name}
          </MenuItem>
        ))}
        {search.action !== undefined && !(search.action in AUDIT_ACTIONS) && (
          <MenuItem value={search.action}>{search.action}</MenuItem>
        )}
      </TextField>
      <TextField
        select
        size="small"
        label="Outcome"
        value={search.outcome ?? ''}
        onChange={(event) => change('outcome', event.target.value)}
        slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      >
        <MenuItem value="">Any</MenuItem>
        {Object.entries(OUTCOMES).map(([outcome, { name }]) => (
          <MenuItem key={outcome} value={outcome}>
            {name}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        type="datetime-local"
        size="small"
        label="From"
        value={localInput(search.from)}
        onChange={(event) => change('from', event.target.value)}
        slotProps={{ inputLabel: { shrink: true } }}
      />
      <TextField
        type="datetime-local"
        size="small"
        label="To"
        value={localInput(search.to)}
        onChange={(event) => change('to', event.target.value)}
        slotProps={{ inputLabel: { shrink: true } }}
      />
      {Object.keys(search).length > 0 && (
        <Button color="inherit" onClick={() => onChange({})} sx={{ justifySelf: 'start' }}>
          Clear
        </Button>
      )}
    </Box>
  )
}
