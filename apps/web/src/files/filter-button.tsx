import FilterList from '@mui/icons-material/FilterList'
import IconButton from '@mui/material/IconButton'
import type { ReactElement } from 'react'

interface FilterButtonProps {
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
}

export function FilterButton({ isOn, onChange }: FilterButtonProps): ReactElement {
  return (
    <IconButton
      title="Filter this folder"
      aria-label="Filter this folder"
      aria-pressed={isOn}
      color={isOn ? 'primary' : 'default'}
      onClick={() => onChange(!isOn)}
    >
      <FilterList />
    </IconButton>
  )
}
