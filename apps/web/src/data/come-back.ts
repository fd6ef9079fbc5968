import type { App } from '../app/app-context.ts'
import { PATHS } from '../paths.ts'
import { meQuery } from './queries.ts'

/**
 * Goes on where the page was left, once somebody has signed in again, here or in another tab. What was chosen and typed is
 * kept for the same person; another one begins anew.
 */
export async function comeBack(app: Pick<App, 'api' | 'queries' | 'interruption' | 'uploads'>): Promise<void> {
  const { api, queries, interruption, uploads } = app
  const { queryKey } = meQuery(api)
  const before = queries.getQueryData(queryKey)
  const now = await api.me()
  if (before !== undefined && before.id !== now.id) {
    // Nothing of the person before may be seen or sent on.
    uploads.leave()
    window.location.assign(PATHS.files)
    return
  }
  queries.setQueryData(queryKey, now)
  if (!interruption.isOn()) return
  interruption.end()
  uploads.wake()
  await queries.invalidateQueries()
}
