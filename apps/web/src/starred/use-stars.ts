import { useQuery } from '@tanstack/react-query'
import { useApp } from '../app/app-context.ts'
import { useIsGuest } from '../app/guest-context.ts'
import type { Entry } from '../files/entry.ts'
import { pathOf } from '../files/sources.ts'
import { starredQuery } from './starred-query.ts'

/** The stars of a bucket's files and folders. */
export function useStars(bucket: string): {
  readonly isStarred: (entry: Entry) => boolean
  readonly setStar: (entry: Entry, starred: boolean) => Promise<void>
} {
  const { api, queries } = useApp()
  const isGuest = useIsGuest()
  const { data } = useQuery({ ...starredQuery(api), enabled: !isGuest })
  const keys = new Set(data?.starred.flatMap((each) => (each.bucket === bucket ? [each.key] : [])))
  return {
    isStarred: (entry) => keys.has(pathOf(entry)),
    async setStar(entry, starred) {
      const place = { bucket, ...(entry.kind === 'file' ? { key: entry.key } : { prefix: entry.prefix }) }
      await (starred ? api.request('star', { body: place }) : api.request('unstar', { query: place }))
      await queries.invalidateQueries({ queryKey: starredQuery(api).queryKey })
    },
  }
}
