import type { Users, UsersQuery } from '@skycrate/contract/users/schemas'
import { isId, type UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { readUserViews } from './user-view.ts'

/** What a search looks at the beginning of; each has an index by which a page is a range. The first match counts. */
const KEYS = [
  'lower(u.email)',
  'lower(u.name)',
  `lower(regexp_replace(u.name, '^.*\\s', ''))`,
  `lower(split_part(u.email, '@', 2))`,
  'u.id',
] as const
const ID_KEY = KEYS.length - 1

interface Place {
  /** Which of `KEYS`. */
  readonly at: number
  readonly key: string
  readonly id: string
}

interface Found {
  id: UserId
  key: string
}

/**
 * A page of users, newest first; with a search, in the order of what begins with it.
 * @throws AppError `invalid-cursor`
 */
export async function listUsers(sql: Sql, query: UsersQuery): Promise<Users> {
  const { limit = 100, cursor, state } = query
  const search = query.search?.normalize('NFC').trim() ?? ''
  if (search === '' || (state !== undefined && state !== 'active')) return byId(sql, { limit, cursor, state, search })
  const start = cursor === undefined ? { at: 0, key: null, id: '' } : readCursor(cursor)
  const found: (Found & { at: number })[] = []
  for (let { at } = start; at < KEYS.length && found.length <= limit; at++) {
    // Only an id begins like one.
    if ((at === ID_KEY) !== search.startsWith('usr_')) continue
    const after = at === start.at ? start : { key: null, id: '' }
    const rows = await beginningWith(sql, { search, at, after, state, limit: limit + 1 - found.length })
    found.push(...rows.map((row) => ({ ...row, at })))
  }
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    users: await readUserViews(
      sql,
      page.map(({ id }) => id),
    ),
    nextCursor: found.length > limit && last ? writeCursor(last) : null,
  }
}

function beginningWith(
  sql: Sql,
  wish: {
    readonly search: string
    readonly at: number
    readonly after: { readonly key: string | null; readonly id: string }
    readonly state: 'active' | undefined
    readonly limit: number
  },
): Promise<Found[]> {
  const { search, at, after, state, limit } = wish
  const key = `${KEYS[at]} collate "C"`
  const begins = (text: string): string =>
    `(${text} collate "C" >= lower($1) and ${text} collate "C" < lower($1) || chr(1114111))`
  const before = KEYS.slice(0, at).map((earlier) => `and ${begins(earlier)} is not true`)
  // One lower bound: of two, PostgreSQL would start at that of the cursor, and read the index from its beginning.
  return sql.query<Found>(
    `select u.id, ${key} as key from users u
     where ${key} < lower($1) || chr(1114111) and (${key}, u.id) > (greatest($2::text, lower($1)) collate "C", $3) and ($4::text is null or u.state = $4) and u.state <> 'deleted'
       ${at === ID_KEY ? '' : before.join(' ')}
     order by ${key}, u.id limit $5`,
    [search, after.key, after.id, state ?? null, limit],
  )
}

/** Newest first. Users of a state that is not the usual one are few, so that a search can look at each. */
async function byId(
  sql: Sql,
  wish: {
    readonly limit: number
    readonly cursor: string | undefined
    readonly state: UsersQuery['state']
    readonly search: string
  },
): Promise<Users> {
  const { limit, cursor, state, search } = wish
  if (cursor !== undefined && !isId('usr', cursor)) throw new AppError('invalid-cursor')
  const matches = KEYS.map((key) => `starts_with(${key}, lower($4))`).join(' or ')
  const rows = await sql.query<{ id: UserId }>(
    `select u.id from users u
     where ${state === undefined ? `u.state <> 'deleted' and $3::text is null` : 'u.state = $3'}
       and ($1::text is null or u.id < $1) ${search === '' ? 'and $4::text is not null' : `and (${matches})`}
     order by u.id desc limit $2`,
    [cursor ?? null, limit + 1, state ?? null, search],
  )
  const page = rows.slice(0, limit).map(({ id }) => id)
  return { users: await readUserViews(sql, page), nextCursor: rows.length > limit ? page.at(-1)! : null }
}

const writeCursor = ({ at, key, id }: Place): string => Buffer.from(JSON.stringify([at, key, id])).toString('base64url')

function readCursor(cursor: string): Place {
  try {
    const [at, key, id, ...more] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[]
    const isPlace = typeof at === 'number' && Number.isInteger(at) && at >= 0 && at < KEYS.length && more.length === 0
    if (isPlace && typeof key === 'string' && typeof id === 'string' && !`${key}${id}`.includes('\0')) {
      return { at, key, id }
    }
  } catch {
    // Not one of ours.
  }
  throw new AppError('invalid-cursor')
}
