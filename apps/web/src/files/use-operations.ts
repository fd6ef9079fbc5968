import type { RouteBody } from '@skycrate/client/route-types'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { rememberDeletion, rememberTransfer } from '../jobs/transfers.ts'
import type { Clipped } from './clipboard.ts'
import type { Entry } from './entry.ts'
import { pathOf, sourcesOf, whatOf } from './sources.ts'
import type { OnConflict, Place } from './transfer-dialog.tsx'

export interface FileOperations {
  createFolder(name: string): Promise<void>
  rename(entry: Entry, name: string): Promise<void>
  transfer(kind: 'copy' | 'move', entries: readonly Entry[], to: Place, onConflict?: OnConflict): Promise<void>
  /** What was copied, cut or dragged comes into a folder. */
  bring(clipped: Clipped, to: Place, onConflict?: OnConflict): Promise<void>
  /** @param canUndo offers to take it back */
  remove(entries: readonly Entry[], canUndo: boolean): Promise<void>
}

/** What a person does to the entries of a folder. */
export function useOperations(bucket: string, prefix: string): FileOperations {
  const { api, queries, refreshListings, toasts } = useApp()
  const followJobs = (): void => void queries.invalidateQueries({ queryKey: [KEYS.jobs] })

  async function start(kind: 'copy' | 'move', body: RouteBody<'copyObjects'>): Promise<void> {
    const route = kind === 'copy' ? 'copyObjects' : 'moveObjects'
    const { id } = await api.request(route, { body })
    rememberTransfer(id, route, body)
    followJobs()
  }

  return {
    async createFolder(name) {
      await api.request('createFolder', { body: { bucket, key: `${prefix}${name}/` } })
      refreshListings(bucket, `${prefix}${name}/`)
      toasts.show(`Created ${name}`)
    },

    async rename(entry, name) {
      const from = entry.kind === 'file' ? { bucket, key: entry.key } : { bucket, prefix: entry.prefix }
      const to = entry.kind === 'file' ? { bucket, key: `${prefix}${name}` } : { bucket, prefix: `${prefix}${name}/` }
      await start('move', { from, to }).catch((error: unknown) => {
        if (!(error instanceof SkyCrateError && error.code === 'precondition-failed')) throw error
        const { code, status } = error
        throw new SkyCrateError({ code, status, title: 'This name is taken', detail: 'Choose another name.' })
      })
    },

    transfer: (kind, entries, to, onConflict) =>
      start(kind, { from: { bucket, ...sourcesOf(entries) }, to, ...(onConflict && { onConflict }) }),

    bring: ({ kind, from, sources }, to, onConflict) =>
      start(kind, { from: { bucket: from.bucket, ...sources }, to, ...(onConflict && { onConflict }) }),

    async remove(entries, canUndo) {
      const sources = sourcesOf(entries)
      const { deletedSince, job } = await api.request('deleteObjects', { body: { bucket, ...sources } })
      for (const entry of entries) refreshListings(bucket, pathOf(entry))
      void queries.invalidateQueries({ queryKey: [KEYS.starred] })
      // A large one tells of itself as a job.
      if (job !== null) {
        if (canUndo) rememberDeletion(job.id, { bucket, ...sources })
        return followJobs()
      }
      const undo = async (): Promise<void> => {
        await api.request('restoreDeleted', {
          body: { bucket, ...sources, ...(deletedSince !== null && { deletedSince }) },
        })
        followJobs()
      }
      toasts.show(`Deleted ${whatOf(entries)}`, canUndo ? { undo } : {})
    },
  }
}
