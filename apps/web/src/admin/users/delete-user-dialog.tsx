import FormControl from '@mui/material/FormControl'
import FormControlLabel from '@mui/material/FormControlLabel'
import Radio from '@mui/material/Radio'
import RadioGroup from '@mui/material/RadioGroup'
import type { User } from '@skycrate/contract/users/schemas'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { type Choice, SearchInput } from '../../ui/form/search-input.tsx'
import { nameOf } from '../../ui/name-of.ts'
import { searchPeople } from './group-choices.ts'

interface DeleteUserDialogProps {
  readonly user: User
  readonly onClose: () => void
}

type HomeWish = 'keep' | 'delete' | 'hand-to'

const CHOICES: readonly [HomeWish, string][] = [
  ['keep', 'Keep it for administrators.'],
  ['delete', 'Delete it with all its contents.'],
  ['hand-to', 'Transfer it to another user.'],
]

export function DeleteUserDialog({ user, onClose }: DeleteUserDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const [home, setHome] = useState<HomeWish>('keep')
  const [receiver, setReceiver] = useState<Choice | null>(null)
  const remove = async (): Promise<void> => {
    const handTo = home === 'hand-to' && receiver !== null ? { handTo: receiver.id } : {}
    await api.request(
      'deleteUser',
      { params: { id: user.id }, query: user.hasHome ? { home, ...handTo } : {} },
      { ifMatch: user.updatedAt },
    )
    toasts.show(`${nameOf(user)} is being deleted`)
    await queries.invalidateQueries({ queryKey: [KEYS.users] })
  }
  return (
    <ConfirmDialog
      title={`Delete ${nameOf(user)}?`}
      confirmLabel="Delete"
      destructive
      {...(user.hasHome && home === 'delete' ? { typedName: user.email ?? user.id } : {})}
      onConfirm={remove}
      onClose={onClose}
    >
      {nameOf(user)} loses all access at once. The audit log keeps the name. Somebody who signs in through an issuer can
      come back as a new user; to keep them out, suspend them instead.
      {user.hasHome && (
        <FormControl sx={{ display: 'flex', mt: 1.5 }}>
          What happens to the home?
          <RadioGroup
            aria-label="What happens to the home"
            value={home}
            onChange={(event) => setHome(event.target.value as HomeWish)}
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
          {home === 'hand-to' && (
            <SearchInput
              id="hand-home-to"
              label="To"
              multiple={false}
              size="small"
              value={receiver}
              onChange={setReceiver}
              queryKey={KEYS.users}
              search={async (text, signal) =>
                (await searchPeople(api, text, signal)).filter(({ id }) => id !== user.id)
              }
            />
          )}
        </FormControl>
      )}
    </ConfirmDialog>
  )
}
