import TextField from '@mui/material/TextField'
import type { ReactElement } from 'react'
import type { KeysOf } from './keys-of.ts'
import { localInput } from './local-input.ts'
import type { Form } from './use-form.ts'

interface DateTimeInputProps<Values> {
  readonly form: Form<Values>
  /** Its value is a time in ISO 8601, '' for none. */
  readonly name: KeysOf<Values, string>
  readonly label: string
  readonly hint?: string
}

/** A moment, told in the person's own time zone. */
export function DateTimeInput<Values>({ form, name, label, hint }: DateTimeInputProps<Values>): ReactElement {
  const mistake = form.mistake(name)
  const value = form.values[name] as string
  return (
    <TextField
      type="datetime-local"
      id={form.idOf(name)}
      name={name}
      label={label}
      value={localInput(value === '' ? undefined : value)}
      onChange={(event) => {
        const at = new Date(event.target.value)
        form.set(name, (Number.isNaN(at.getTime()) ? '' : at.toISOString()) as Values[typeof name])
      }}
      error={mistake !== undefined}
      helperText={mistake ?? hint}
      fullWidth
      slotProps={{ inputLabel: { shrink: true }, htmlInput: { max: '9999-12-31T23:59' } }}
    />
  )
}
