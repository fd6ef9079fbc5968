import TextField from '@mui/material/TextField'
import type { ReactElement } from 'react'
import type { Form } from '../ui/form/use-form.ts'

/** The six digits of a mail, however they are pasted. */
export function CodeInput<Values extends { readonly code: string }>({
  form,
}: {
  readonly form: Form<Values>
}): ReactElement {
  const mistake = form.mistake('code')
  return (
    <TextField
      id={form.idOf('code')}
      name="code"
      label="Code"
      value={form.values.code}
      onChange={(event) => form.set('code', event.target.value.replaceAll(/\D/g, '').slice(0, 6) as Values['code'])}
      error={mistake !== undefined}
      helperText={mistake ?? 'The six digits of the mail'}
      autoComplete="one-time-code"
      autoFocus
      fullWidth
      slotProps={{ htmlInput: { required: true, inputMode: 'numeric' } }}
    />
  )
}

export const codeMistake = (code: string): string | undefined =>
  /^\d{6}$/.test(code) ? undefined : 'Enter the six digits of the mail'
