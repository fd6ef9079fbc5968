import Autocomplete from '@mui/material/Autocomplete'
import TextField from '@mui/material/TextField'
import type { ReactElement } from 'react'
import type { KeysOf } from './keys-of.ts'
import type { Option } from './select-input.tsx'
import type { Form } from './use-form.ts'

interface MultiSelectInputProps<Values> {
  readonly form: Form<Values>
  readonly name: KeysOf<Values, readonly string[]>
  readonly label: string
  readonly options: readonly Option[]
  readonly hint?: string
  /** Whether others than the options can be typed. */
  readonly freeText?: boolean
}

/** Some of a known list; `SearchInput` is for those that the server has to look up. */
export function MultiSelectInput<Values>(props: MultiSelectInputProps<Values>): ReactElement {
  const { form, name, label, options, hint, freeText = false } = props
  const mistake = form.mistake(name)
  const labels = new Map(options.map((option) => [option.value, option.label]))
  return (
    <Autocomplete<string, true, false, boolean>
      id={form.idOf(name)}
      multiple
      freeSolo={freeText}
      autoSelect={freeText}
      options={options.map(({ value }) => value)}
      value={[...(form.values[name] as readonly string[])]}
      onChange={(_event, next) => form.set(name, next.map((each) => each.trim()) as Values[typeof name])}
      getOptionLabel={(value) => labels.get(value) ?? value}
      filterSelectedOptions
      renderInput={(input) => (
        <TextField {...input} label={label} error={mistake !== undefined} helperText={mistake ?? hint} />
      )}
    />
  )
}
