import Autocomplete from '@mui/material/Autocomplete'
import Box from '@mui/material/Box'
import TextField from '@mui/material/TextField'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useDelayed } from '../use-delayed.ts'

/** Something that can be chosen: what is sent, and what a person reads. */
export interface Choice {
  readonly id: string
  readonly label: string
  readonly detail?: string | undefined
}

interface SearchInputProps<Multiple extends boolean> {
  readonly id: string
  readonly label: string
  readonly multiple: Multiple
  readonly value: Multiple extends true ? readonly Choice[] : Choice | null
  readonly onChange: (value: Multiple extends true ? Choice[] : Choice | null) => void
  /** The first part of the query's key, one of KEYS. */
  readonly queryKey: string
  /** Asks the server what matches. Called as the person types, never more often than every 200 ms. */
  readonly search: (text: string, signal: AbortSignal) => Promise<readonly Choice[]>
  /** Whether what was typed can be chosen even though nothing matches it. */
  readonly freeText?: boolean
  readonly mistake?: string | undefined
  readonly hint?: string | undefined
  readonly autoFocus?: boolean
  readonly size?: 'small' | 'medium'
}

const idOf = (choice: Choice | string): string => (typeof choice === 'string' ? choice : choice.id)
const sameChoice = (a: Choice | string, b: Choice | string): boolean => idOf(a) === idOf(b)
const typedChoice = (text: string): Choice => ({ id: text.trim(), label: text.trim() })

/** A field that finds users, groups, buckets and the like by asking the server. */
export function SearchInput<Multiple extends boolean>(props: SearchInputProps<Multiple>): ReactElement {
  const { id, label, multiple, value, onChange, queryKey, search, freeText = false } = props
  const { mistake, hint, autoFocus = false, size = 'medium' } = props
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const asked = useDelayed(text, 200)
  const found = useQuery({
    queryKey: [queryKey, 'choices', label, asked],
    queryFn: ({ signal }) => search(asked, signal),
    enabled: open,
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  })
  return (
    <Autocomplete<Choice, Multiple, false, boolean>
      id={id}
      multiple={multiple}
      value={value as never}
      onChange={(_event, next) => {
        const chosen = (Array.isArray(next) ? next : next === null ? [] : [next]).map((each) =>
          typeof each === 'string' ? typedChoice(each) : each,
        )
        onChange((multiple ? chosen.filter(({ id: own }) => own !== '') : (chosen[0] ?? null)) as never)
      }}
      freeSolo={freeText}
      autoSelect={freeText}
      inputValue={text}
      onInputChange={(_event, next) => setText(next)}
      open={open}
      // Enter chooses; it does not submit the form with what may be half a name.
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.preventDefault()
      }}
      onOpen={() => setOpen(true)}
      onClose={() => setOpen(false)}
      options={found.data ?? []}
      // The server has filtered.
      filterOptions={(options) => options}
      getOptionLabel={(option) => (typeof option === 'string' ? option : option.label)}
      isOptionEqualToValue={sameChoice}
      filterSelectedOptions={multiple}
      loading={found.isFetching}
      noOptionsText={found.isError ? 'The choices could not be loaded.' : 'No matches.'}
      size={size}
      renderOption={({ key, ...option }, { id: own, label: name, detail }) => (
        <Box component="li" {...option} key={`${key}-${own}`} sx={{ display: 'block !important' }}>
          {name}
          {detail !== undefined && (
            <Box sx={{ typography: 'caption', color: 'text.secondary', overflowWrap: 'anywhere' }}>{detail}</Box>
          )}
        </Box>
      )}
      renderInput={(input) => (
        <TextField
          {...input}
          label={label}
          error={mistake !== undefined}
          helperText={mistake ?? hint}
          autoFocus={autoFocus}
        />
      )}
    />
  )
}
