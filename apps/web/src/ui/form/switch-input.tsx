import FormControl from '@mui/material/FormControl'
import FormControlLabel from '@mui/material/FormControlLabel'
import FormHelperText from '@mui/material/FormHelperText'
import Switch from '@mui/material/Switch'
import type { ReactElement } from 'react'
import type { KeysOf } from './keys-of.ts'
import type { Form } from './use-form.ts'

interface SwitchInputProps<Values> {
  readonly form: Form<Values>
  readonly name: KeysOf<Values, boolean>
  readonly label: string
  readonly hint?: string
  readonly disabled?: boolean
}

export function SwitchInput<Values>({ form, name, label, hint, disabled }: SwitchInputProps<Values>): ReactElement {
  const mistake = form.mistake(name)
  return (
    <FormControl error={mistake !== undefined}>
      <FormControlLabel
        label={label}
        control={
          <Switch
            id={form.idOf(name)}
            checked={form.values[name] as boolean}
            disabled={disabled ?? false}
            onChange={(_event, on) => form.set(name, on as Values[typeof name])}
          />
        }
      />
      {(mistake ?? hint) !== undefined && <FormHelperText sx={{ mx: 0 }}>{mistake ?? hint}</FormHelperText>}
    </FormControl>
  )
}
