import type { StoreId } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import type { Sql } from '../db/database.ts'

export interface StarredBucket {
  readonly store: StoreId
  readonly bucket: string
}

export interface MovedKey {
  readonly from: string
  readonly to: string
}

/**
 * Stars go where their files and folders go, whoever set them and whoever moves them. What happens to stars never fails what
 * is done to files: where the database does not answer, stars stay where they are, and the log says so.
 */
export interface StarPlaces {
  moved(from: StarredBucket, to: StarredBucket, keys: readonly MovedKey[]): Promise<void>
  /** Nothing is left at the first prefix: the stars of its folders follow their files. */
  folderMoved(
    from: StarredBucket & { readonly prefix: string },
    to: StarredBucket & { readonly prefix: string },
  ): Promise<void>
  /** Stars of what was deleted are shown no more, until it is restored. */
  deleted(place: StarredBucket, keys: readonly string[]): Promise<void>
  folderDeleted(place: StarredBucket, prefix: string): Promise<void>
  /** With the folders that they lie in. */
  restored(place: StarredBucket, keys: readonly string[]): Promise<void>
}

/** A star that is at the target already stays; and two of one person become one. */
const MOVE = `
  with gone as (
    delete from starred s using unnest($5::text[], $6::text[]) as moved (key, to_key)
    where s.store = $1 and s.bucket = $2 and s.key = moved.key and s.deleted_at is null
    returning s.user_id, moved.to_key, s.starred_at)
  insert into starred (user_id, store, bucket, key, starred_at)
  select user_id, $3, $4, to_key, starred_at from gone
  on conflict (user_id, store, bucket, key) do update set deleted_at = null`

export function createStarPlaces(use: { readonly database: Sql; readonly logger: FastifyBaseLogger }): StarPlaces {
  const { database, logger } = use

  async function run(sql: string, values: readonly unknown[]): Promise<readonly { readonly key: string }[]> {
    try {
      return await database.query<{ key: string }>(sql, [...values])
    } catch (error) {
      logger.warn({ err: error }, 'stars could not follow their files')
      return []
    }
  }

  const moved = async (from: StarredBucket, to: StarredBucket, keys: readonly MovedKey[]): Promise<void> => {
    if (keys.length === 0) return
    await run(MOVE, [
      from.store,
      from.bucket,
      to.store,
      to.bucket,
      keys.map((each) => each.from),
      keys.map((each) => each.to),
    ])
  }

  return {
    moved,
    async folderMoved(from, to) {
      const below = await run(`select distinct key from starred where ${BELOW} and key like '%/'`, [
        from.store,
        from.bucket,
        from.prefix,
        endOf(from.prefix),
      ])
      await moved(
        from,
        to,
        below.map(({ key }) => ({ from: key, to: to.prefix + key.slice(from.prefix.length) })),
      )
    },
    async deleted({ store, bucket }, keys) {
      if (keys.length === 0) return
      await run(
        `update starred set deleted_at = now()
         where store = $1 and bucket = $2 and key = any($3::text[]) and deleted_at is null`,
        [store, bucket, [...keys]],
      )
    },
    async folderDeleted({ store, bucket }, prefix) {
      await run(`update starred set deleted_at = now() where ${BELOW} and deleted_at is null`, [
        store,
        bucket,
        prefix,
        endOf(prefix),
      ])
    },
    async restored({ store, bucket }, keys) {
      if (keys.length === 0) return
      const all = new Set(keys.flatMap((key) => [key, ...foldersOf(key)]))
      await run(
        `update starred set deleted_at = null
         where store = $1 and bucket = $2 and key = any($3::text[]) and deleted_at is not null`,
        [store, bucket, [...all]],
      )
    },
  }
}

const BELOW = `store = $1 and bucket = $2 and key >= $3 and ($4::text is null or key < $4)`

/** The first key after all that begin with a folder: `a/` ends before `a0`. Null: everything. */
const endOf = (prefix: string): string | null => (prefix === '' ? null : `${prefix.slice(0, -1)}0`)

/** `a/b/c` lies in `a/` and `a/b/`. */
function foldersOf(key: string): string[] {
  const folders: string[] = []
  for (let i = key.indexOf('/'); i !== -1 && i < key.length - 1; i = key.indexOf('/', i + 1)) {
    folders.push(key.slice(0, i + 1))
  }
  return folders
}
