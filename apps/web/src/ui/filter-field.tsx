import Box from '@mui/material/Box'
import MenuItem from '@mui/material/MenuItem'
import TextField from '@mui/material/TextField'
import { type ReactElement, useEffect, useEffectEvent, useState } from 'react'
import { localInput } from './form/local-input.ts'
import type { Option } from './form/select-input.tsx'
import { type Choice, SearchInput } from './form/search-input.tsx'
import { useDelayed } from './use-delayed.ts'

/** A filter, as one entry of a page's list. */
export type Filter<Name extends string = string> = {
  readonly name: Name
  readonly label: string
  /** Pixels on a wide window; default 200. */
  readonly width?: number
} & (
  | { readonly kind: 'text'; readonly placeholder?: string }
  | { readonly kind: 'select'; readonly options: readonly Option[] }
  | { readonly kind: 'time' }
  | {
      /** Something that the server looks up, such as a user; the value is its id. */
      readonly kind: 'search'
      readonly queryKey: string
      readonly search: (text: string, signal: AbortSignal) => Promise<readonly Choice[]>
      /** What the value is called, where it came from the address. */
      readonly nameOf: (id: string) => string
    }
)

interface FilterFieldProps {
  readonly filter: Filter
  readonly value: string
  readonly onChange: (value: string) => void
}

export function FilterField({ filter, value, onChange }: FilterFieldProps): ReactElement {
  const { name, label, width = 200 } = filter
  const sx = { width: { xs: '100%', sm: width } }
  switch (filter.kind) {
    case 'text':
      return (
        <TextFilter label={label} placeholder={filter.placeholder} value={value} onChange={onChange} width={width} />
      )
    case 'select':
      return (
        <TextField
          select
          size="small"
          label={label}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
          sx={sx}
        >
          <MenuItem value="">Any</MenuItem>
          {filter.options.map((option) => (
            <MenuItem key={option.value} value={option.value}>
              {option.label}
            </MenuItem>
          ))}
          {value !== '' && !filter.options.some((option) => option.value === value) && (
            <MenuItem value={value}>{value}</MenuItem>
          )}
        </TextField>
      )
    case 'time':
      return (
        <TextField
          type="datetime-local"
          size="small"
          label={label}
          value={localInput(value === '' ? undefined : value)}
          onChange={(event) => {
            const at = new Date(event.target.value)
            onChange(Number.isNaN(at.getTime()) ? '' : at.toISOString())
          }}
          slotProps={{ inputLabel: { shrink: true }, htmlInput: { max: '9999-12-31T23:59' } }}
          sx={sx}
        />
      )
    case 'search':
      return (
        <SearchFilter
          id={`filter-${name}`}
          label={label}
          width={width}
          value={value === '' ? null : { id: value, label: filter.nameOf(value) }}
          queryKey={filter.queryKey}
          search={filter.search}
          onChange={onChange}
        />
      )
    default:
      return filter satisfies never
  }
}

interface SearchFilterProps {
  readonly id: string
  readonly label: string
  readonly width: number
  readonly value: Choice | null
  readonly queryKey: string
  readonly search: (text: string, signal: AbortSignal) => Promise<readonly Choice[]>
  readonly onChange: (value: string) => void
}

function SearchFilter({ width, value, onChange, ...rest }: SearchFilterProps): ReactElement {
  // The name of what was just chosen is known before anybody asks the server for it.
  const [chosen, setChosen] = useState<Choice | null>(null)
  return (
    <Box sx={{ width: { xs: '100%', sm: width } }}>
      <SearchInput
        {...rest}
        multiple={false}
        size="small"
        value={value !== null && chosen?.id === value.id ? chosen : value}
        onChange={(choice) => {
          setChosen(choice)
          onChange(choice?.id ?? '')
        }}
      />
    </Box>
  )
}

interface TextFilterProps {
  readonly label: string
  readonly placeholder: string | undefined
  readonly value: string
  readonly width: number
  readonly onChange: (value: string) => void
}

/** Asks a moment after the last letter. */
function TextFilter({ label, placeholder, value, width, onChange }: TextFilterProps): ReactElement {
  const [text, setText] = useState(value)
  const [seen, setSeen] = useState(value)
  // Changed from outside, such as by Clear or by the browser's Back.
  if (value !== seen) {
    setSeen(value)
    setText(value)
  }
  const settled = useDelayed(text, 250)
  const tell = useEffectEvent((next: string) => {
    if (next === value || next !== text) return
    setSeen(next)
    onChange(next)
  })
  useEffect(() => tell(settled), [settled])
  return (
    <TextField
      type="search"
      size="small"
      label={label}
      placeholder={placeholder ?? ''}
      value={text}
      onChange={(event) => setText(event.target.value)}
      slotProps={{ inputLabel: { shrink: true } }}
      sx={{ width: { xs: '100%', sm: Math.max(width, 240) } }}
    />
  )
}
