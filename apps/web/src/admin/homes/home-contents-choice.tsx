import FormControl from '@mui/material/FormControl'
import FormControlLabel from '@mui/material/FormControlLabel'
import Radio from '@mui/material/Radio'
import RadioGroup from '@mui/material/RadioGroup'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { type Choice, SearchInput } from '../../ui/form/search-input.tsx'
import { searchPeople } from '../users/group-choices.ts'

/** What becomes of the files of a home that ends. */
export interface HomeContents {
  readonly contents: 'keep' | 'delete' | 'hand-over'
  /** Of `hand-over`, once chosen. */
  readonly receiver: Choice | null
}

export const KEPT: HomeContents = { contents: 'keep', receiver: null }

const CHOICES: readonly [HomeContents['contents'], string][] = [
  ['keep', 'Keep them for administrators.'],
  ['delete', 'Delete them, including old versions.'],
  ['hand-over', 'Transfer them to another user.'],
]

interface HomeContentsChoiceProps {
  /** The owner, who can't receive them. */
  readonly ownerId: string
  readonly value: HomeContents
  readonly onChange: (value: HomeContents) => void
}

export function HomeContentsChoice({ ownerId, value, onChange }: HomeContentsChoiceProps): ReactElement {
  const { api } = useApp()
  const { contents, receiver } = value
  return (
    <FormControl sx={{ display: 'flex', mt: 1 }}>
      <RadioGroup
        aria-label="What happens to the files"
        value={contents}
        onChange={(event) => onChange({ ...value, contents: event.target.value as HomeContents['contents'] })}
      >
        {CHOICES.map(([choice, label]) => (
          <FormControlLabel
            key={choice}
            value={choice}
            label={label}
            control={<Radio size="small" />}
            sx={{ color: 'text.primary' }}
          />
        ))}
      </RadioGroup>
      {contents === 'hand-over' && (
        <SearchInput
          id="hand-over-to"
          label="To"
          multiple={false}
          size="small"
          value={receiver}
          onChange={(next) => onChange({ ...value, receiver: next })}
          queryKey={KEYS.users}
          search={async (text, signal) =>
            (await searchPeople(api, text.trim(), signal)).filter(({ id }) => id !== ownerId)
          }
        />
      )}
    </FormControl>
  )
}
