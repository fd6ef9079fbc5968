import type * as Contract from '@skycrate/contract/permissions/schemas'
import { type Change, type Difference, differenceOf } from '@skycrate/core/access/difference'
import type { NewPermission } from '@skycrate/core/access/levels'
import { actionsOf } from '@skycrate/core/access/operation'
import type { Caller, Permission, Principal } from '@skycrate/core/access/permission'
import { type PermissionSet, permissionSet, principalSet } from '@skycrate/core/access/permission-set'
import { expandPattern } from '@skycrate/core/access/variables'
import type { Group } from '@skycrate/core/identity/group'
import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { PERMISSION_COLUMNS, type PermissionRow, principalBody, toPermission, USER_NAME } from './permission-rows.ts'

/** Users of a group, or of everyone, who are compared one by one at most. */
const MAX_PEOPLE = 500

type Changes = Contract.Preview['changes'][number]

/** A permission as it is and as it would be; undefined where it is not there. */
export interface Edit {
  readonly before: Permission | undefined
  readonly after: NewPermission | undefined
}

interface Person {
  readonly id: UserId
  readonly name: string
  readonly caller: Exclude<Caller, { guest: true }>
}

/**
 * What an edit gives and takes: to each principal of the permission by what it has as such, and beyond that to each of its
 * users for whom the edit comes to something else, since other permissions apply to them.
 */
export async function previewOf(sql: Sql, edit: Edit, now: number): Promise<Changes[]> {
  const principals = [edit.before?.principal, edit.after?.principal].filter((each) => each !== undefined)
  const distinct = new Map(principals.map((principal) => [JSON.stringify(principal), principal]))
  return Promise.all([...distinct.values()].map((principal) => changesOf(sql, principal, edit, now)))
}

async function changesOf(sql: Sql, principal: Principal, edit: Edit, now: number): Promise<Changes> {
  const { people, count } = await peopleOf(sql, principal)
  const rows = await permissionsThere(sql, principal, people, edit)
  const compare = (setOf: (permissions: readonly Permission[]) => PermissionSet): Difference =>
    differenceOf(setOf(rows), setOf(edited(rows, edit)), now)
  const named = { principal: principalBody(principal), allPeopleCompared: people.length === count, people: count }
  const [person] = people
  if (principal.kind === 'user') {
    const difference = person && compare((permissions) => permissionSet(permissions, person.caller))
    return { ...named, principalName: person?.name ?? principal.userId, ...bodyOf(difference), exceptions: [] }
  }
  const difference = compare((permissions) => principalSet(permissions, principal))
  const exceptions: Changes['exceptions'] = []
  for (const { id, name, caller } of people) {
    const own = compare((permissions) => permissionSet(permissions, caller))
    const groups = principal.kind === 'group' ? [{ name: principal.group, issuer: principal.issuer }] : []
    const usual = compare((permissions) =>
      permissionSet(
        permissions.filter((permission) => permission.principal.kind !== 'user'),
        { ...caller, groups },
      ),
    )
    // A folder that is named as it stands may be what a variable already gave somebody.
    const isShown = canonical(own) === canonical(expanded(difference, caller))
    if (!isShown || canonical(own) !== canonical(usual)) exceptions.push({ userId: id, name, ...bodyOf(own) })
  }
  return { ...named, principalName: NAMES[principal.kind](principal), ...bodyOf(difference), exceptions }
}

/** A difference as it reads for one person: with their id and e-mail address in place of the variables. */
function expanded({ gains, losses }: Difference, caller: Person['caller']): Difference {
  const expand = (changes: readonly Change[]): Change[] =>
    changes.flatMap((change) => {
      const prefix = expandPattern(change.prefix, caller)
      if (prefix === undefined) return []
      return { ...change, prefix, except: change.except.flatMap((each) => expandPattern(each, caller) ?? []) }
    })
  return { gains: expand(gains), losses: expand(losses) }
}

/** Equal for differences that say the same in another order. */
function canonical({ gains, losses }: Difference): string {
  return JSON.stringify([gains, losses].map((changes) => changes.map((change) => JSON.stringify(change)).toSorted()))
}

const NAMES = {
  group: (principal: Principal) => (principal.kind === 'group' ? principal.group : ''),
  everyone: () => 'Everyone',
  guest: () => 'Guests',
}

function edited(rows: readonly Permission[], { before, after }: Edit): Permission[] {
  const kept = rows.filter((row) => row.id !== before?.id)
  return after ? [...kept, { ...after, id: before?.id ?? 'prm_new' }] : kept
}

/** A user alone, whatever their state; of a group or everyone the active ones. */
async function peopleOf(sql: Sql, principal: Principal): Promise<{ people: Person[]; count: number }> {
  if (principal.kind === 'guest') return { people: [], count: 0 }
  const [who, values] = whoIs(principal)
  const rows = await sql.query<{ id: UserId; name: string; email: string | null; count: number }>(
    `select u.id, ${USER_NAME} as name, case when u.email_verified then u.email end as email,
       (select count(*)::int from users u where ${who}) as count
     from users u where ${who} order by u.id limit ${MAX_PEOPLE}`,
    values,
  )
  const memberships = await sql.query<Group & { user_id: UserId }>(
    `select m.user_id, g.name, g.issuer from group_members m join groups g on g.id = m.group_id
     where m.user_id = any($1::text[])`,
    [rows.map(({ id }) => id)],
  )
  const groupsOf = Map.groupBy(memberships, (membership) => membership.user_id)
  const people = rows.map(({ id, name, email }) => {
    const groups = (groupsOf.get(id) ?? []).map((group) => ({ name: group.name, issuer: group.issuer }))
    return { id, name, caller: { userId: id, groups, verifiedEmail: email } }
  })
  return { people, count: rows[0]?.count ?? 0 }
}

function whoIs(principal: Exclude<Principal, { kind: 'guest' }>): [string, unknown[]] {
  switch (principal.kind) {
    case 'user':
      return ['u.id = $1', [principal.userId]]
    case 'everyone':
      return [`u.state = 'active'`, []]
    case 'group':
      return [
        `u.state = 'active' and u.id in (select m.user_id from group_members m join groups g on g.id = m.group_id
           where g.name = $1 and g.issuer is not distinct from $2::text)`,
        [principal.group, principal.issuer],
      ]
  }
}

/** What the principal and its people hold on the buckets of the edit: the rest is the same before and after. */
async function permissionsThere(
  sql: Sql,
  principal: Principal,
  people: readonly Person[],
  { before, after }: Edit,
): Promise<Permission[]> {
  const places = [before, after].filter((each) => each !== undefined)
  const groups = people.flatMap(({ caller }) => caller.groups)
  if (principal.kind === 'group') groups.push({ name: principal.group, issuer: principal.issuer })
  const rows = await sql.query<PermissionRow>(
    `select ${PERMISSION_COLUMNS} from permissions p
     where (p.store, p.bucket) in (select * from unnest($1::text[], $2::text[])) and (
       p.principal_kind = $3
         and p.principal = ''
       or p.principal_kind = 'user' and p.principal = any($4::text[])
       or p.principal_kind = 'group' and p.principal = any($5::text[]))`,
    [
      places.map(({ store }) => store),
      places.map(({ bucket }) => bucket),
      principal.kind === 'guest' ? 'guest' : 'everyone',
      people.map(({ id }) => id),
      [...new Set(groups.map(({ name }) => name))],
    ],
  )
  return rows.map(toPermission)
}

function bodyOf(difference: Difference = { gains: [], losses: [] }): Pick<Changes, 'gains' | 'losses'> {
  return { gains: difference.gains.map(changeBody), losses: difference.losses.map(changeBody) }
}

function changeBody({ actions, except, from, until, ...place }: Change): Contract.AccessChange {
  return {
    ...place,
    except: [...except],
    actions: actionsOf(actions),
    from: new Date(from).toISOString(),
    until: until === Number.POSITIVE_INFINITY ? null : new Date(until).toISOString(),
  }
}
