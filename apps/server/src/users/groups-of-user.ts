import type { Caller } from '@skycrate/core/access/permission'
import type { Group } from '@skycrate/core/identity/group'
import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { findUser } from './find-user.ts'
import type { UserState } from './user.ts'

/**
 * The caller with the groups of SkyCrate that an administrator put them in and those of their directory, beside those that
 * their token names. A user who is suspended or being deleted is nobody: undefined.
 */
export async function activeCaller(sql: Sql, caller: Caller): Promise<Caller | undefined> {
  if ('guest' in caller) return caller
  const [user] = await sql.query<{ state: UserState; groups: Group[] }>(
    `select u.state, coalesce((
       select json_agg(json_build_object('name', g.name, 'issuer', g.issuer))
       from group_members m join groups g on g.id = m.group_id
       where m.user_id = u.id and not m.from_claims
     ), '[]') as groups
     from users u where u.id = $1`,
    [caller.userId],
    'own-groups-of-user',
  )
  if (user && user.state !== 'active') return undefined
  if (!user || user.groups.length === 0) return caller
  // A token may name a group that a directory put them in.
  const named = new Set(caller.groups.map(nameOf))
  return { ...caller, groups: [...caller.groups, ...user.groups.filter((group) => !named.has(nameOf(group)))] }
}

const nameOf = ({ name, issuer }: Group): string => `${issuer ?? ''}\n${name}`

/** The same of a caller who has just been let in. */
export async function withOwnGroups(sql: Sql, caller: Caller): Promise<Caller> {
  return (await activeCaller(sql, caller)) ?? caller
}

/** Groups that their tokens named at the last sign-in through each issuer. */
export async function claimGroupsOfUser(sql: Sql, userId: UserId): Promise<Group[]> {
  return sql.query<Group>(
    `select g.name, g.issuer from group_members m join groups g on g.id = m.group_id
     where m.user_id = $1 and m.from_claims order by g.issuer, g.name`,
    [userId],
    'claim-groups-of-user',
  )
}

/** All groups of a user: SkyCrate's own, and those that their tokens named at the last sign-in through each issuer. */
export async function groupsOfUser(sql: Sql, userId: UserId): Promise<Group[]> {
  return sql.query<Group>(
    `select g.name, g.issuer from group_members m join groups g on g.id = m.group_id
     where m.user_id = $1 order by g.issuer nulls first, g.name`,
    [userId],
  )
}

/** A user as the caller that they would be: with all their groups, and the e-mail address where it is verified. */
export async function callerOfUser(sql: Sql, userId: UserId): Promise<Caller> {
  const [user, groups] = await Promise.all([findUser(sql, userId), groupsOfUser(sql, userId)])
  return { userId, groups, verifiedEmail: user?.emailVerified === true ? user.email : null }
}
