import FormControl from '@mui/material/FormControl'
import FormControlLabel from '@mui/material/FormControlLabel'
import Radio from '@mui/material/Radio'
import RadioGroup from '@mui/material/RadioGroup'
import type { UserHome } from '@skycrate/contract/homes/schemas'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { SearchInput, type Choice } from '../../ui/form/search-input.tsx'
import { nameOf } from '../../ui/name-of.ts'

interface DeleteHomeDialogProps {
  readonly home: UserHome
  readonly onClose: () => void
}

type Contents = 'delete' | 'keep' | 'hand-over'

/** Looks at the job before the dialog closes, and milliseconds between them. */
const LOOKS = 15
const LOOK_MS = 200

const CHOICES: readonly [Contents, string][] = [
  ['keep', 'Keep them for administrators.'],
  ['delete', 'Delete them, including old versions.'],
  ['hand-over', 'Transfer them to another user.'],
]

export function DeleteHomeDialog({ home, onClose }: DeleteHomeDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const { userId, email, name } = home
  const owner = nameOf({ id: userId, email, name })
  const [contents, setContents] = useState<Contents>('keep')
  const [receiver, setReceiver] = useState<Choice | null>(null)
  const end = async (): Promise<void> => {
    let job = await api.request('deleteHome', {
      params: { userId },
      query: { contents, ...(contents === 'hand-over' && receiver !== null ? { to: receiver.id } : {}) },
    })
    // Most are done within a moment; what takes longer goes on without this page.
    for (let looks = 0; looks < LOOKS && (job.state === 'queued' || job.state === 'running'); looks++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      job = await api.job(job.id)
    }
    toasts.show(job.state === 'done' ? `Deleted the home of ${owner}` : `The home of ${owner} is being deleted`)
    void queries.invalidateQueries({ queryKey: [KEYS.buckets] })
    await queries.invalidateQueries({ queryKey: [KEYS.homes] })
  }
  const search = async (text: string, signal: AbortSignal): Promise<readonly Choice[]> => {
    const query = { limit: 20, ...(text.trim() === '' ? {} : { search: text.trim() }) }
    const { users } = await api.request('listUsers', { query }, { signal })
    return users
      .filter((user) => user.id !== userId)
      .map((user) => ({ id: user.id, label: nameOf(user), detail: user.email ?? user.id }))
  }
  return (
    <ConfirmDialog
      title={`Delete the home of ${owner}?`}
      confirmLabel={contents === 'delete' ? 'Delete everything' : 'Delete the home'}
      destructive
      {...(contents === 'delete' ? { typedName: email ?? userId } : {})}
      onConfirm={end}
      onClose={onClose}
    >
      {owner} loses access at once. What happens to the files?
      <FormControl sx={{ display: 'flex', mt: 1 }}>
        <RadioGroup
          aria-label="What happens to the files"
          value={contents}
          onChange={(event) => setContents(event.target.value as Contents)}
        >
          {CHOICES.map(([value, label]) => (
            <FormControlLabel
              key={value}
              value={value}
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
            onChange={setReceiver}
            queryKey={KEYS.users}
            search={search}
          />
        )}
      </FormControl>
    </ConfirmDialog>
  )
}
