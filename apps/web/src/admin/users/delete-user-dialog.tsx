import type { User } from '@skycrate/contract/users/schemas'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { nameOf } from '../../ui/name-of.ts'
import { HomeContentsChoice, KEPT } from '../homes/home-contents-choice.tsx'

interface DeleteUserDialogProps {
  readonly user: User
  readonly onClose: () => void
}

export function DeleteUserDialog({ user, onClose }: DeleteUserDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const [choice, setChoice] = useState(KEPT)
  const { contents, receiver } = choice
  const remove = async (): Promise<void> => {
    const home = contents === 'hand-over' ? 'hand-to' : contents
    const handTo = contents === 'hand-over' && receiver !== null ? { handTo: receiver.id } : {}
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
      {...(user.hasHome && contents === 'delete' ? { typedName: user.email ?? user.id } : {})}
      onConfirm={remove}
      onClose={onClose}
    >
      {nameOf(user)} loses all access at once. The audit log keeps the name. Somebody who signs in through an issuer can
      come back as a new user; to keep them out, suspend them instead.
      {user.hasHome && (
        <>
          <br />
          What happens to the files in the home?
          <HomeContentsChoice ownerId={user.id} value={choice} onChange={setChoice} />
        </>
      )}
    </ConfirmDialog>
  )
}
