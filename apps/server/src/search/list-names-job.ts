import type { StoreId } from '@skycrate/core/naming/store'
import type { Database } from '../db/database.ts'
import type { Job } from '../jobs/job.ts'
import type { Store } from '../stores/store.ts'
import { RESERVED_PREFIX } from '../thumbnails/thumbnail-rows.ts'
import { foldersBetween } from './folders-between.ts'
import { bucketIdOf, isStorable, type NameEntry, replaceStretch } from './name-rows.ts'

export const LIST_NAMES = 'search.list'

export interface ListNamesInput {
  readonly store: StoreId
  readonly bucket: string
}

interface State {
  readonly beganAt: string
  /** The last key that was listed. */
  readonly after: string
  readonly names: number
}

const PAGE = 1_000

/** Goes through a bucket and makes the index what it finds there, page by page; after a crash from the last page. */
export function listNamesJob(use: {
  readonly database: Database
  readonly storeOf: (id: StoreId) => Pick<Store, 'listObjects'>
}) {
  const { database, storeOf } = use
  const clock = async (): Promise<Date> => {
    const [row] = await database.query<{ now: Date }>('select clock_timestamp() as now')
    return row!.now
  }

  return async (job: Job<ListNamesInput>): Promise<void> => {
    const { store, bucket } = job.input
    const bucketId = await bucketIdOf(database, store, bucket)
    let state = job.state<State>()
    const beganAt = state?.beganAt ?? (await clock()).toISOString()
    for (let more = true; more;) {
      job.signal.throwIfAborted()
      const askedAt = await clock()
      const after = state?.after
      const page = await storeOf(store).listObjects({ bucket, prefix: '', startAfter: after, limit: PAGE })
      if (!page.ok) {
        await database.query('delete from search_buckets where id = $1', [bucketId])
        return
      }
      const { objects, nextCursor } = page.value
      more = nextCursor !== null && objects.length > 0
      const last = objects.at(-1)?.key
      const entries: NameEntry[] = []
      let before = after ?? ''
      for (const { key, size, lastModified } of objects) {
        if (!key.startsWith(RESERVED_PREFIX)) {
          for (const folder of foldersBetween(before, key)) entries.push({ key: folder })
          if (!key.endsWith('/')) entries.push({ key, size, modifiedAt: lastModified })
        }
        before = key
      }
      const names = (state?.names ?? 0) + entries.length
      // A key that PostgreSQL cannot hold is no border either.
      const through = more && last !== undefined && isStorable(last) ? last : undefined
      const next = last === undefined ? undefined : ({ beganAt, after: last, names } satisfies State)
      await database.transaction(async (tx) => {
        if (through !== undefined || !more) {
          await replaceStretch(tx, bucketId, { after: after?.replaceAll('\0', ''), through, askedAt }, entries)
        }
        if (next && more) await job.checkpoint(next, tx)
      })
      state = next ?? state
      job.progress(names)
    }
    await database.query('update search_buckets set listed_at = $2 where id = $1', [bucketId, beganAt])
  }
}
