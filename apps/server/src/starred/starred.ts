import type { NewStar, Recent, Starred as StarredPage } from '@skycrate/contract/starred/schemas'
import { decide } from '@skycrate/core/access/decide'
import type { Operation } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import type { UserId } from '@skycrate/core/naming/id'
import { parsePrefix } from '@skycrate/core/naming/prefix'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { type Gate, requireKey } from '../access/gate.ts'
import type { PermissionCache } from '../access/permission-cache.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { nameOfKey } from '../search/folded.ts'
import { recentOf } from './recent-rows.ts'

type User = Caller & { readonly userId: UserId }

/** What a person comes back to: what they starred, and what they used last. */
export interface Starred {
  list(caller: User): Promise<StarredPage>
  /** @throws AppError `invalid-request`, `invalid-key`, `forbidden`; `conflict` where there are too many */
  star(caller: User, wish: NewStar, origin: RequestOrigin): Promise<void>
  /** @throws AppError `invalid-request`, `invalid-key` */
  unstar(caller: User, place: NewStar): Promise<void>
  recent(caller: User): Promise<Recent>
}

/** Stars of one user. */
const MOST = 500
const RECENT = 100

interface Row {
  readonly store: StoreId
  readonly bucket: string
  readonly key: string
  readonly starred_at: Date
}

export function createStarred(use: {
  readonly gate: Gate
  readonly permissions: PermissionCache
  readonly database: Database
  readonly now: () => number
}): Starred {
  const { gate, permissions, database, now } = use

  return {
    async list(caller) {
      const set = await permissions.permissionsOf(caller)
      const rows = await database.query<Row>(
        `select store, bucket, key, starred_at from starred where user_id = $1 and deleted_at is null
         order by starred_at desc, store, bucket, key limit ${MOST}`,
        [caller.userId],
      )
      return {
        starred: rows
          .filter((place) => wayTo(set, place, now()) !== undefined)
          .map(({ store, bucket, key, starred_at }) => ({
            store,
            bucket,
            key,
            name: key === '' ? bucket : nameOfKey(key),
            kind: isFolder(key) ? ('folder' as const) : ('file' as const),
            starredAt: starred_at.toISOString(),
          })),
      }
    },

    async star(caller, wish, origin) {
      const place = placeOf(wish)
      const action = wayTo(await permissions.permissionsOf(caller), place, now()) ?? 'list'
      await gate.pass(caller, { ...place, action }, 'object.star', origin)
      await database.transaction(async (tx) => {
        // One after the other, so that many at once do not exceed the limit.
        await tx.query('select from users where id = $1 for no key update', [caller.userId])
        const values = [caller.userId, place.store, place.bucket, place.key]
        const [known] = await tx.query<{ stars: number; is_there: boolean }>(
          `select count(*)::integer as stars,
             coalesce(bool_or(store = $2 and bucket = $3 and key = $4), false) as is_there
           from starred where user_id = $1 and deleted_at is null`,
          values,
        )
        if (known?.is_there) return
        if ((known?.stars ?? 0) >= MOST) {
          throw new AppError('conflict', `You have ${MOST} stars, the most there can be. Take one away first.`)
        }
        await tx.query(
          `insert into starred (user_id, store, bucket, key) values ($1, $2, $3, $4)
           on conflict (user_id, store, bucket, key) do update set deleted_at = null, starred_at = now()`,
          values,
        )
        // Those that wait for their files to be restored are as many at most, the last ones.
        await tx.query(
          `delete from starred where (user_id, store, bucket, key) in (
             select user_id, store, bucket, key from starred where user_id = $1 and deleted_at is not null
             order by deleted_at desc offset ${MOST})`,
          [caller.userId],
        )
      })
    },

    async unstar({ userId }, wish) {
      const { store, bucket, key } = placeOf(wish)
      await database.query('delete from starred where user_id = $1 and store = $2 and bucket = $3 and key = $4', [
        userId,
        store,
        bucket,
        key,
      ])
    },

    async recent(caller) {
      const set = await permissions.permissionsOf(caller)
      const used = await recentOf(database, caller.userId)
      return {
        recent: used
          .filter((place) => wayTo(set, place, now()) !== undefined)
          .slice(0, RECENT)
          .map(({ store, bucket, key, action, at }) => ({
            store,
            bucket,
            key,
            name: nameOfKey(key),
            action,
            at: at.toISOString(),
          })),
      }
    },
  }
}

type Place = Omit<Operation, 'action'>

const isFolder = (key: string): boolean => key === '' || key.endsWith('/')

/** What lets the caller know of a place: a folder is listed, a file is listed or read. */
function wayTo(set: PermissionSet, place: Place, now: number): 'list' | 'read' | undefined {
  const ways = isFolder(place.key) ? (['list'] as const) : (['list', 'read'] as const)
  const { store, bucket, key } = place
  return ways.find((action) => decide(set, { action, store, bucket, key }, now).outcome === 'allow')
}

function placeOf({ bucket, key, prefix }: NewStar): Place {
  if ((key === undefined) === (prefix === undefined)) throw mistake('', 'needs either key or prefix')
  if (key !== undefined) {
    if (key.endsWith('/')) throw mistake('/key', "ends in '/': name a folder by prefix")
    return { store: DEFAULT_STORE, bucket, key: requireKey(key) }
  }
  const verdict = parsePrefix(prefix!)
  if (!verdict.ok) throw mistake('/prefix', `must be '' or a folder that ends in '/' (${verdict.problem})`)
  return { store: DEFAULT_STORE, bucket, key: verdict.prefix }
}

const mistake = (path: string, message: string): AppError =>
  new AppError('invalid-request', undefined, { errors: [{ path, message }] })
