import type * as Contract from '@skycrate/contract/permissions/schemas'
import { type Holder, holdersOf, isHolder } from '@skycrate/core/access/holders'
import type { Operation } from '@skycrate/core/access/operation'
import { unescapeEmail } from '@skycrate/core/access/variables'
import type { UserId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import type { Sql } from '../db/database.ts'
import { callerOfUser } from '../users/groups-of-user.ts'
import { NAMED_COLUMNS, NAMED_PERMISSIONS, type NamedRow, toPermission, USER_NAME } from './permission-rows.ts'

/** Principals that one answer names at most. */
const MAX_PRINCIPALS = 1000

type WhoCan = Contract.WhoCan
type Entry = WhoCan['principals'][number]

/** Rows that allow an action on a bucket now, of `permissions p`; `$1` store, `$2` bucket. */
const conditions = (action: Operation['action']): string =>
  `p.store = $1 and p.bucket = $2 and p.can_${action} and (p.expires_at is null or p.expires_at > now())`
/** Without a variable, and a folder of the key; `$3` all of them. */
const ABOVE = `p.prefix collate "C" = any($3::text[]) and position('\${' in p.prefix) = 0`

/**
 * Who may do something now, exactly. Permissions without a variable are found by the folders of the key; those with one
 * are matched one by one, and name the users whose folder it is.
 */
export async function whoCan(sql: Sql, request: Contract.WhoCanRequest, now: number): Promise<WhoCan> {
  const { store = DEFAULT_STORE, bucket, key, action } = request
  const operation = { store, bucket, key, action }
  const place = [store, bucket, foldersOf(key)]
  const [plain, variable] = await Promise.all([
    sql.query<NamedRow>(
      `select ${NAMED_COLUMNS} from ${NAMED_PERMISSIONS} where ${conditions(action)} and ${ABOVE}
       order by p.prefix collate "C", p.id limit ${MAX_PRINCIPALS + 1}`,
      place,
    ),
    sql.query<NamedRow>(
      `select ${NAMED_COLUMNS} from ${NAMED_PERMISSIONS}
       where ${conditions(action)} and position('\${' in p.prefix) > 0 order by p.id`,
      [store, bucket],
    ),
  ])
  const rows = new Map([...plain, ...variable].map((row) => [row.id as string, row]))
  const holders = holdersOf([...rows.values()].map(toPermission), operation, now)
  const entries: Entry[] = []
  const bound = new Set<UserId>()
  for (const holder of holders) {
    const row = rows.get(holder.permissionId)!
    const { userId, email } = holder.only
    if (userId === undefined && email === undefined) {
      entries.push(entryOf(row))
      continue
    }
    for (const id of await usersOf(sql, holder)) {
      bound.add(id)
      entries.push({ ...entryOf(row), kind: 'user', id, name: '' })
    }
  }
  await nameUsers(sql, entries)
  return {
    principals: entries.slice(0, MAX_PRINCIPALS),
    morePrincipals: entries.length > MAX_PRINCIPALS,
    users: await countUsers(sql, action, place, [...bound]),
  }
}

/** `''` and every folder that the key lies in. */
function foldersOf(key: string): string[] {
  const folders = ['']
  for (let end = key.indexOf('/'); end !== -1; end = key.indexOf('/', end + 1)) folders.push(key.slice(0, end + 1))
  return folders
}

function entryOf(row: NamedRow): Entry {
  return {
    kind: row.principal_kind,
    id: row.principal === '' ? null : row.principal,
    ...(row.principal_kind === 'group' ? { issuer: row.principal_issuer } : {}),
    name: row.principal_name,
    permissionId: row.id,
    expiresAt: row.expires_at?.toISOString() ?? null,
  }
}

/** The users for whom a permission with variables covers the key: each is then asked about as the caller they would be. */
async function usersOf(sql: Sql, holder: Holder): Promise<UserId[]> {
  const { userId, email } = holder.only
  const address = email === undefined ? undefined : unescapeEmail(email)
  const found = await sql.query<{ id: UserId }>(
    `select id from users where state not in ('deleting', 'deleted')
       and ($1::text is null or id = $1)
       and ($2::text is null or email_verified and lower(email collate "C") = $2) order by id limit 1000`,
    [userId ?? null, address ?? null],
  )
  const ids = await Promise.all(
    found.map(async ({ id }) => (isHolder(holder, await callerOfUser(sql, id)) ? id : undefined)),
  )
  return ids.filter((id) => id !== undefined)
}

async function nameUsers(sql: Sql, entries: Entry[]): Promise<void> {
  const ids = entries.flatMap(({ kind, id }) => (kind === 'user' && id !== null ? [id] : []))
  if (ids.length === 0) return
  const users = await sql.query<{ id: string; name: string; state: string }>(
    `select u.id, ${USER_NAME} as name, u.state from users u where u.id = any($1::text[])`,
    [[...new Set(ids)]],
  )
  const known = new Map(users.map((user) => [user.id, user]))
  for (const entry of entries) {
    const user = entry.kind === 'user' ? known.get(entry.id ?? '') : undefined
    if (user) Object.assign(entry, { name: user.name, state: user.state })
  }
}

/** The users are an array, so that one walk through the index by state finds them, however few or many they are. */
async function countUsers(
  sql: Sql,
  action: Operation['action'],
  place: readonly unknown[],
  bound: readonly UserId[],
): Promise<number> {
  const [row] = await sql.query<{ users: number }>(
    `with holding as materialized (
       select p.principal_kind, p.principal, p.principal_issuer from permissions p where ${conditions(action)} and ${ABOVE}
     )
     select case when exists (select 1 from holding where principal_kind = 'everyone')
       then (select count(*)::int from users where state = 'active')
       else (select count(*)::int from users where state = 'active' and id = any(array(
         select unnest($4::text[])
         union select principal from holding where principal_kind = 'user'
         union select m.user_id from holding h
           join groups g on g.name = h.principal and g.issuer is not distinct from h.principal_issuer
           join group_members m on m.group_id = g.id
           where h.principal_kind = 'group'
       )))
       end as users`,
    [...place, bound],
  )
  return row?.users ?? 0
}
