import FilterList from '@mui/icons-material/FilterList'
import Badge from '@mui/material/Badge'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import useMediaQuery from '@mui/material/useMediaQuery'
import { type ReactElement, type ReactNode, useState } from 'react'
import { type Filter, FilterField } from './filter-field.tsx'

interface FilterBarProps<Search> {
  /** What is in the address; absent and '' mean no filter. */
  readonly search: Search
  readonly filters: readonly Filter<keyof Search & string>[]
  readonly onChange: (search: Search) => void
  /** Beside the filters, such as an export. */
  readonly children?: ReactNode
}

/** Filters of a list; `usePageSearch` keeps them in the address. On a phone they are folded behind a button. */
export function FilterBar<Search extends object>(props: FilterBarProps<Search>): ReactElement {
  const { search, filters, onChange, children } = props
  const folds = useMediaQuery((theme) => theme.breakpoints.down('sm'))
  const [unfolded, setUnfolded] = useState(false)
  const values = search as Readonly<Record<string, string | undefined>>
  const valueOf = (name: string): string => values[name] ?? ''
  const set = filters.filter(({ name }) => valueOf(name) !== '')
  const change = (name: string, value: string): void => {
    const { [name]: _before, ...others } = values
    onChange((value === '' ? others : { ...others, [name]: value }) as Search)
  }
  const clear = (): void => {
    const names = new Set<string>(filters.map(({ name }) => name))
    onChange(Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name))) as Search)
  }
  // The text search stays in sight.
  const text = filters.find(({ kind }) => kind === 'text')
  const shown = folds && !unfolded ? filters.filter((filter) => filter === text) : filters
  const canFold = folds && filters.some((filter) => filter !== text)
  return (
    <Box
      component="search"
      aria-label="Filters"
      sx={{
        display: { xs: 'grid', sm: 'flex' },
        gridTemplateColumns: { xs: '1fr' },
        flexWrap: 'wrap',
        gap: 1.5,
        mb: 2,
        flexShrink: 0,
        alignItems: 'center',
      }}
    >
      {shown.map((filter) => (
        <FilterField
          key={filter.name}
          filter={filter}
          value={valueOf(filter.name)}
          onChange={(value) => change(filter.name, value)}
        />
      ))}
      {(canFold || set.length > 0 || children !== undefined) && (
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', flex: { sm: 1 }, minHeight: 40 }}>
          {canFold && (
            <Button
              color="inherit"
              startIcon={
                <Badge badgeContent={set.length} color="primary">
                  <FilterList />
                </Badge>
              }
              aria-expanded={unfolded}
              onClick={() => setUnfolded(!unfolded)}
            >
              Filters
            </Button>
          )}
          {set.length > 0 && (
            <Button color="inherit" onClick={clear}>
              Clear
            </Button>
          )}
          <Box sx={{ ml: 'auto', display: 'flex', gap: 1 }}>{children}</Box>
        </Box>
      )}
    </Box>
  )
}
