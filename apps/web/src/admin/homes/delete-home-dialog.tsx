import type { UserHome } from '@skycrate/contract/homes/schemas'
import type { Job } from '@skycrate/contract/jobs/schemas'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { failureOf, whenEnded } from '../../jobs/when-ended.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { nameOf } from '../../ui/name-of.ts'
import { HomeContentsChoice, KEPT } from './home-contents-choice.tsx'

interface DeleteHomeDialogProps {
  readonly home: UserHome
  readonly onClose: () => void
}

export function DeleteHomeDialog({ home, onClose }: DeleteHomeDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const { userId, email, name } = home
  const owner = nameOf({ id: userId, email, name })
  const [choice, setChoice] = useState(KEPT)
  const { contents, receiver } = choice
  const end = async (): Promise<void> => {
    const { id } = await api.request('deleteHome', {
      params: { userId },
      query: { contents, ...(contents === 'hand-over' && receiver !== null ? { to: receiver.id } : {}) },
    })
    toasts.show(`The home of ${owner} is being deleted`)
    void whenEnded(api, id).then(tell, () => undefined)
    await queries.invalidateQueries({ queryKey: [KEYS.homes] })
  }
  const tell = (job: Job): void => {
    const failure = failureOf(job)
    toasts.show(
      failure === undefined ? `Deleted the home of ${owner}` : `The home of ${owner} is still there. ${failure}`,
    )
    void queries.invalidateQueries({ queryKey: [KEYS.buckets] })
    void queries.invalidateQueries({ queryKey: [KEYS.homes] })
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
      <HomeContentsChoice ownerId={userId} value={choice} onChange={setChoice} />
    </ConfirmDialog>
  )
}
