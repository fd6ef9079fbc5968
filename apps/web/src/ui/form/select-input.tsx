import MenuItem from '@mui/material/MenuItem'
import TextField from '@mui/material/TextField'
import type { ReactElement } from 'react'
import type { Form } from './use-form.ts'

export interface Option<Value extends string = string> {
  readonly value: Value
  readonly label: string
}

interface SelectInputProps<Values, Name extends keyof Values & string> {
  readonly form: Form<Values>
  readonly name: Name
  readonly label: string
  readonly options: readonly Option<Values[Name] & string>[]
  readonly hint?: string
  readonly disabled?: boolean
}

/** One of a few. */
export function SelectInput<Values, Name extends keyof Values & string>(
  props: SelectInputProps<Values, Name>,
): ReactElement {
  const { form, name, label, options, hint, disabled = false } = props
  const mistake = form.mistake(name)
  return (
    <TextField
      select
      id={form.idOf(name)}
      name={name}
      label={label}
      disabled={disabled}
      value={form.values[name]}
      onChange={(event) => form.set(name, event.target.value as Values[Name])}
      error={mistake !== undefined}
      helperText={mistake ?? hint}
      fullWidth
    >
      {options.map((option) => (
        <MenuItem key={option.value} value={option.value}>
          {option.label}
        </MenuItem>
      ))}
    </TextField>
  )
}
