import type { StoreId } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../db/database.ts'
import { deleteNames, type NameEntry, upsertNames } from './name-rows.ts'

/** Changes that are waited with for others, so that they are written together. Milliseconds. */
const GATHER_MS = 200

/** Changes that wait at most: what is beyond is found when the bucket is listed again. */
const WAITING = 20_000

/** Milliseconds after which the buckets that are searched are looked at again. */
const KNOWN_FOR_MS = 30_000

type Change =
  | { readonly store: StoreId; readonly bucket: string; readonly entry: NameEntry }
  | { readonly store: StoreId; readonly bucket: string; readonly gone: string }

/** Keeps the index of names up with what goes through SkyCrate. Never fails and never keeps anybody waiting. */
export interface NotedNames {
  seen(store: StoreId, bucket: string, entries: readonly NameEntry[]): void
  deleted(store: StoreId, bucket: string, keys: readonly string[]): void
  /** What was noted is written. */
  settled(): Promise<void>
}

export function createNotedNames(use: {
  readonly database: Database
  readonly logger: FastifyBaseLogger
  readonly now: () => number
}): NotedNames {
  const { database, logger, now } = use
  let waiting: Change[] = []
  let writing: Promise<void> | undefined
  let known: ReadonlyMap<string, number> = new Map()
  let knownUntil = 0

  async function bucketIds(): Promise<ReadonlyMap<string, number>> {
    if (now() < knownUntil) return known
    const rows = await database.query<{ id: number; place: string }>(
      `select id, store || '/' || bucket as place from search_buckets`,
    )
    known = new Map(rows.map(({ id, place }) => [place, id]))
    knownUntil = now() + KNOWN_FOR_MS
    return known
  }

  async function write(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS).unref())
    const changes = waiting
    waiting = []
    const ids = await bucketIds()
    // The last word on each key, in stretches that do not undo each other.
    const last = new Map(changes.map((change) => [`${change.store}/${change.bucket} ${keyOf(change)}`, change]))
    for (const [place, ofBucket] of Map.groupBy(last.values(), ({ store, bucket }) => `${store}/${bucket}`)) {
      const id = ids.get(place)
      // A bucket that nobody has searched yet is listed when somebody does.
      if (id === undefined) continue
      await deleteNames(
        database,
        id,
        ofBucket.flatMap((change) => ('gone' in change ? change.gone : [])),
      )
      await upsertNames(
        database,
        id,
        ofBucket.flatMap((change) => ('entry' in change ? change.entry : [])),
      )
    }
  }

  const add = (changes: readonly Change[]): void => {
    if (waiting.length + changes.length > WAITING) return
    waiting.push(...changes)
    writing ??= write()
      .catch((error: unknown) => logger.warn({ err: error }, 'could not note names for the search'))
      .finally(() => {
        writing = undefined
        if (waiting.length > 0) add([])
      })
  }

  return {
    seen: (store, bucket, entries) => add(entries.map((entry) => ({ store, bucket, entry }))),
    deleted: (store, bucket, keys) => add(keys.map((gone) => ({ store, bucket, gone }))),
    async settled() {
      while (writing) await writing
    },
  }
}

const keyOf = (change: Change): string => ('entry' in change ? change.entry.key : change.gone)
