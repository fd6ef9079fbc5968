import Add from '@mui/icons-material/Add'
import Close from '@mui/icons-material/Close'
import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import IconButton from '@mui/material/IconButton'
import TextField from '@mui/material/TextField'
import Typography from '@mui/material/Typography'
import type { ObjectTag } from '@skycrate/contract/metadata/schemas'
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { useApp } from '../app/app-context.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'

/** Tags that an object can have. */
const MOST = 10

interface TagsSectionProps {
  readonly bucket: string
  readonly objectKey: string
  /** Null where the store has no tags. */
  readonly tags: readonly ObjectTag[] | null
  readonly canWrite: boolean
  readonly onChanged: (tags: readonly ObjectTag[]) => void
  /** Reads them anew. */
  readonly onRead: () => Promise<readonly ObjectTag[]>
}

/** The tags of an object, and the form that changes them. */
export function TagsSection({ bucket, objectKey, tags, canWrite, onChanged, onRead }: TagsSectionProps): ReactElement {
  const [editing, setEditing] = useState(false)
  return (
    <Box component="section" aria-label="Tags">
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: 1, minHeight: 32 }}>
        <Typography variant="h2" component="h3">
          Tags
        </Typography>
        {tags !== null && canWrite && !editing && (
          <Button size="small" onClick={() => setEditing(true)}>
            {tags.length === 0 ? 'Add tags' : 'Edit tags'}
          </Button>
        )}
      </Box>
      {tags === null ? (
        <Typography variant="body2" color="textSecondary">
          This store has no tags.
        </Typography>
      ) : editing ? (
        <TagsForm
          bucket={bucket}
          objectKey={objectKey}
          tags={tags}
          onRead={onRead}
          onDone={(next) => {
            setEditing(false)
            if (next) onChanged(next)
          }}
        />
      ) : tags.length === 0 ? (
        <Typography variant="body2" color="textSecondary">
          None.
        </Typography>
      ) : (
        <TagList tags={tags} />
      )}
    </Box>
  )
}

function TagList({ tags }: { readonly tags: readonly ObjectTag[] }): ReactElement {
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', display: 'flex', flexWrap: 'wrap', gap: 0.75 }}>
      {tags.map(({ key, value }) => (
        <Box component="li" key={key} sx={{ maxWidth: '100%' }}>
          <Chip size="small" variant="outlined" label={value === '' ? key : `${key}: ${value}`} />
        </Box>
      ))}
    </Box>
  )
}

interface TagsFormProps {
  readonly bucket: string
  readonly objectKey: string
  readonly tags: readonly ObjectTag[]
  readonly onRead: () => Promise<readonly ObjectTag[]>
  /** @param tags undefined: nothing was changed */
  readonly onDone: (tags: readonly ObjectTag[] | undefined) => void
}

const EMPTY: ObjectTag = { key: '', value: '' }

function TagsForm({ bucket, objectKey, tags, onRead, onDone }: TagsFormProps): ReactElement {
  const { api } = useApp()
  const [rows, setRows] = useState<readonly ObjectTag[]>(tags.length === 0 ? [EMPTY] : tags)
  const [expected, setExpected] = useState(tags)
  /** What somebody else has made of them meanwhile. */
  const [theirs, setTheirs] = useState<readonly ObjectTag[]>()
  const saving = useMutation({
    mutationFn: async (wanted: readonly ObjectTag[]) => {
      try {
        return await api.request('setTags', {
          params: { bucket, key: objectKey },
          body: { tags: [...wanted], expected: [...expected] },
        })
      } catch (error) {
        if (!(error instanceof SkyCrateError && error.code === 'precondition-failed')) throw error
        const now = await onRead()
        setExpected(now)
        setTheirs(now)
        return undefined
      }
    },
    onSuccess: (saved) => {
      if (saved) onDone(saved.tags)
    },
  })
  const change = (next: readonly ObjectTag[]): void => {
    setRows(next)
    // What was said of the rows before holds no longer.
    saving.reset()
  }
  const edit = (at: number, part: Partial<ObjectTag>): void =>
    change(rows.map((row, i) => (i === at ? { ...row, ...part } : row)))
  const mistakes = saving.error instanceof SkyCrateError ? saving.error.errors : []
  const mistakeAt = (i: number, field: keyof ObjectTag): string | undefined =>
    mistakes.find(({ path }) => path === `/tags/${i}/${field}`)?.message
  return (
    <Box
      component="form"
      aria-label="Tags"
      onSubmit={(event) => {
        event.preventDefault()
        if (saving.isPending) return
        // A row that was left empty is none.
        const wanted = rows.filter(({ key, value }) => key !== '' || value !== '')
        setRows(wanted)
        saving.mutate(wanted)
      }}
      sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}
    >
      {saving.error !== null && mistakes.length === 0 && <ProblemAlert error={saving.error} />}
      {theirs && (
        <Alert severity="warning" variant="outlined">
          Somebody else changed the tags while you were editing.{' '}
          {theirs.length === 0 ? 'There are none now.' : 'They are now:'}
          <Box sx={{ my: 1 }}>
            <TagList tags={theirs} />
          </Box>
          Your entries below are kept. Save them to replace these tags.
          <Box sx={{ mt: 0.5 }}>
            <Button size="small" color="inherit" onClick={() => onDone(theirs)}>
              Keep theirs
            </Button>
          </Box>
        </Alert>
      )}
      {rows.map(({ key, value }, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- a row is its place while it is typed
        <Box key={i} sx={{ display: 'flex', gap: 1, alignItems: 'flex-start', mt: 0.5 }}>
          <TextField
            size="small"
            label="Name"
            value={key}
            autoFocus={i === 0}
            error={mistakeAt(i, 'key') !== undefined}
            helperText={mistakeAt(i, 'key')}
            onChange={({ target }) => edit(i, { key: target.value })}
            slotProps={{ htmlInput: { maxLength: 128, required: value !== '' } }}
            sx={{ flex: 1 }}
          />
          <TextField
            size="small"
            label="Value"
            value={value}
            error={mistakeAt(i, 'value') !== undefined}
            helperText={mistakeAt(i, 'value')}
            onChange={({ target }) => edit(i, { value: target.value })}
            slotProps={{ htmlInput: { maxLength: 256 } }}
            sx={{ flex: 1 }}
          />
          <IconButton
            size="small"
            title="Delete this tag"
            aria-label={`Delete the tag ${key || 'without a name'}`}
            onClick={() => change(rows.filter((_row, at) => at !== i))}
            sx={{ mt: 0.625 }}
          >
            <Close fontSize="small" />
          </IconButton>
        </Box>
      ))}
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, '& button': { whiteSpace: 'nowrap' } }}>
        <Button size="small" type="submit" variant="contained" loading={saving.isPending}>
          Save tags
        </Button>
        <Button size="small" color="inherit" onClick={() => onDone(undefined)}>
          Cancel
        </Button>
        {rows.length < MOST && (
          <Button size="small" startIcon={<Add />} onClick={() => change([...rows, EMPTY])} sx={{ ml: 'auto' }}>
            Another tag
          </Button>
        )}
      </Box>
    </Box>
  )
}
