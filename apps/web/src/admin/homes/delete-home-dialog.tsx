import type { UserHome } from '@skycrate/contract/homes/schemas'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { nameOf } from '../../ui/name-of.ts'
import { HomeContentsChoice, KEPT } from './home-contents-choice.tsx'

interface DeleteHomeDialogProps {
  readonly home: UserHome
  readonly onClose: () => void
}

/** Looks at the job before the dialog closes, and milliseconds between them. */
const LOOKS = 15
const LOOK_MS = 200

export function DeleteHomeDialog({ home, onClose }: DeleteHomeDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const { userId, email, name } = home
  const owner = nameOf({ id: userId, email, name })
  const [choice, setChoice] = useState(KEPT)
  const { contents, receiver } = choice
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
