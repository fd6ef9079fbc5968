import Close from '@mui/icons-material/Close'
import FilterList from '@mui/icons-material/FilterList'
import Box from '@mui/material/Box'
import Chip from '@mui/material/Chip'
import IconButton from '@mui/material/IconButton'
import InputBase from '@mui/material/InputBase'
import Typography from '@mui/material/Typography'
import { type KeyboardEvent, type ReactElement, useState } from 'react'
import { FILE_KINDS, type FileKind, fileKindOf, isNamedLike } from './file-kind.ts'
import type { Entry } from './entry.ts'

export type EntryFilter = (entry: Entry) => boolean

interface ListFilterProps {
  /** Entries that match, of so many; `isComplete` once the whole folder is there. */
  readonly shown: number
  readonly all: number
  readonly isComplete: boolean
  /** @param filter undefined: everything is shown */
  readonly onChange: (filter: EntryFilter | undefined) => void
  /** Enter: on to the first that is shown. */
  readonly onEnter: () => void
  readonly onClose: () => void
}

/** Narrows what a folder shows, by name as one types and by kind. */
export function ListFilter({ shown, all, isComplete, onChange, onEnter, onClose }: ListFilterProps): ReactElement {
  const [text, setText] = useState('')
  const [kind, setKind] = useState<FileKind>()
  const change = (words: string, wanted: FileKind | undefined): void => {
    setText(words)
    setKind(wanted)
    const isNamed = isNamedLike(words)
    const matches: EntryFilter = (entry) =>
      isNamed(entry.name) && (wanted === undefined || fileKindOf(entry) === wanted)
    onChange(words.trim() === '' && wanted === undefined ? undefined : matches)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onClose()
    else if (event.key === 'Enter' || event.key === 'ArrowDown') onEnter()
    else return
    event.preventDefault()
  }
  const isOn = text.trim() !== '' || kind !== undefined
  return (
    <Box
      component="search"
      aria-label="Filter this folder"
      sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1, mb: 1, flexShrink: 0 }}
    >
      <Box
        sx={{
          display: 'flex',
          alignItems: 'center',
          gap: 1,
          px: 1.5,
          height: 40,
          width: { xs: 'calc(100% - 44px)', sm: 240 },
          border: 1,
          borderColor: 'divider',
          borderRadius: 1,
          '&:focus-within': { borderColor: 'primary.main', outline: 1, outlineColor: 'primary.main' },
        }}
      >
        <FilterList fontSize="small" />
        <InputBase
          autoFocus
          fullWidth
          value={text}
          placeholder="Name"
          onChange={({ target }) => change(target.value, kind)}
          onKeyDown={onKeyDown}
          slotProps={{
            input: { 'aria-label': 'Filter by name', maxLength: 200, spellCheck: false, autoComplete: 'off' },
          }}
        />
      </Box>
      <IconButton
        size="small"
        title="Close the filter"
        aria-label="Close the filter"
        onClick={onClose}
        sx={{ order: { sm: 1 } }}
      >
        <Close fontSize="small" />
      </IconButton>
      <Box role="group" aria-label="Filter by kind" sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.5 }}>
        {Object.entries(FILE_KINDS).map(([id, label]) => (
          <Chip
            key={id}
            size="small"
            label={label}
            aria-pressed={kind === id}
            color={kind === id ? 'primary' : 'default'}
            variant={kind === id ? 'filled' : 'outlined'}
            onClick={() => change(text, kind === id ? undefined : (id as FileKind))}
          />
        ))}
      </Box>
      <Typography variant="caption" color="textSecondary" role="status">
        {isOn && `${shown.toLocaleString()} of ${all.toLocaleString()}${isComplete ? '' : ' so far'}`}
      </Typography>
    </Box>
  )
}
