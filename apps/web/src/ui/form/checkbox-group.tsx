import Checkbox from '@mui/material/Checkbox'
import FormControl from '@mui/material/FormControl'
import FormControlLabel from '@mui/material/FormControlLabel'
import FormGroup from '@mui/material/FormGroup'
import FormHelperText from '@mui/material/FormHelperText'
import FormLabel from '@mui/material/FormLabel'
import type { ReactElement } from 'react'
import type { Option } from './select-input.tsx'
import type { Form } from './use-form.ts'

interface CheckboxGroupProps<Values, Name extends keyof Values & string> {
  readonly form: Form<Values>
  /** Its value is the list of those that are ticked, in the order of the options. */
  readonly name: Name
  readonly label: string
  readonly options: readonly Option<(Values[Name] extends readonly (infer Each)[] ? Each : never) & string>[]
  readonly hint?: string
}

export function CheckboxGroup<Values, Name extends keyof Values & string>(
  props: CheckboxGroupProps<Values, Name>,
): ReactElement {
  const { form, name, label, options, hint } = props
  const mistake = form.mistake(name)
  const chosen = form.values[name] as readonly string[]
  const helperId = `${form.idOf(name)}-help`
  return (
    <FormControl
      component="fieldset"
      error={mistake !== undefined}
      aria-describedby={mistake === undefined && hint === undefined ? undefined : helperId}
    >
      <FormLabel component="legend" sx={{ typography: 'body2', mb: 0.5 }}>
        {label}
      </FormLabel>
      <FormGroup row sx={{ columnGap: 1 }}>
        {options.map((option, index) => (
          <FormControlLabel
            key={option.value}
            label={option.label}
            control={
              <Checkbox
                {...(index === 0 ? { id: form.idOf(name) } : {})}
                checked={chosen.includes(option.value)}
                onChange={(_event, ticked) => {
                  const next = options
                    .map(({ value }) => value)
                    .filter((value) => (value === option.value ? ticked : chosen.includes(value)))
                  form.set(name, next as Values[Name])
                }}
              />
            }
          />
        ))}
      </FormGroup>
      {(mistake ?? hint) !== undefined && <FormHelperText id={helperId}>{mistake ?? hint}</FormHelperText>}
    </FormControl>
  )
}
