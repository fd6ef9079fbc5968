import TextField, { type TextFieldProps } from '@mui/material/TextField'
import type { ReactElement } from 'react'
import type { KeysOf } from './keys-of.ts'
import type { Form } from './use-form.ts'

interface TextInputProps<Values> extends Pick<
  TextFieldProps,
  'type' | 'autoComplete' | 'autoFocus' | 'placeholder' | 'multiline' | 'minRows' | 'maxRows' | 'disabled'
> {
  readonly form: Form<Values>
  readonly name: KeysOf<Values, string>
  readonly label: string
  /** What to enter. A mistake takes its place. */
  readonly hint?: string
  readonly required?: boolean
  readonly maxLength?: number
}

export function TextInput<Values>(props: TextInputProps<Values>): ReactElement {
  const { form, name, label, hint, required = false, maxLength, ...rest } = props
  const mistake = form.mistake(name)
  return (
    <TextField
      {...rest}
      id={form.idOf(name)}
      name={name}
      label={label}
      value={form.values[name] as string}
      onChange={(event) => form.set(name, event.target.value as Values[typeof name])}
      error={mistake !== undefined}
      helperText={mistake ?? hint}
      fullWidth
      // On the input alone: what is optional says so in its label.
      slotProps={{ htmlInput: { required, ...(maxLength === undefined ? {} : { maxLength }) } }}
    />
  )
}
