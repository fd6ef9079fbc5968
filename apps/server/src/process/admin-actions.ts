import type { OneTimeLink, User, UserChange } from '@skycrate/contract/users/schemas'
import type { UserServices } from '../compose/user-services.ts'
import { etagOf, preconditionOf } from '../precondition.ts'
import { findByReference } from '../users/find-by-reference.ts'
import type { By } from '../users/users-options.ts'
import type { AdminCommand } from './admin-command.ts'
import { minute, printable, userTable } from './user-table.ts'

const PAGE = 1000

/** A command can't be done; the message says why, and what to do instead. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
}

/** @returns the lines that tell what was done @throws AdminError, AppError */
export async function performAdmin(
  services: UserServices,
  command: Exclude<AdminCommand, { name: 'help' }>,
  by: By,
): Promise<string[]> {
  const { users } = services
  if (command.name === 'list') return list(services, command.search)
  if (command.name === 'create') {
    const { email, isAdmin } = command
    const { invitation, ...user } = await users.create({ email, isAdmin, invite: true }, by)
    return [`Created ${nameOf(user)}.`, ...linkFor(user, invitation!)]
  }
  const user = await find(services, command.user)
  const change = (wish: Partial<UserChange>): Promise<User> => changeUser(services, user, wish, by)
  const name = nameOf(user)
  switch (command.name) {
    case 'promote':
      if (user.isAdmin) return [`${name} is an administrator already.`, ...wayIn(user)]
      return [`${name} is an administrator now.`, ...wayIn(await change({ isAdmin: true }))]
    case 'demote':
      if (!user.isAdmin) return [`${name} is no administrator.`]
      await change({ isAdmin: false })
      return [`${name} is an ordinary user now.`]
    case 'suspend':
      if (user.state === 'suspended') return [`${name} is suspended already.`]
      await change({ state: 'suspended' })
      return [`${name} is suspended now. Every session has ended.`]
    case 'activate': {
      if (user.state === 'active') return [`${name} is active already.`]
      if (user.state === 'invited') return [`${name} is not suspended.`, ...wayIn(user)]
      const after = await change({ state: 'active' })
      return [`${name} is not suspended any more.`, ...wayIn(after)]
    }
    case 'reset-factors':
      await users.resetFactors(user.id, by)
      return [`${name} has no second factor any more. Every session has ended.`]
    case 'reset-password':
      if (user.state === 'suspended') throw new AdminError(`${name} is suspended. ${ACTIVATE} ${user.id}`)
      return linkFor(user, await users.resetPassword(user.id, by))
  }
}

const ACTIVATE = 'First run: npm run admin -- activate'

async function list({ users }: UserServices, search: string | undefined): Promise<string[]> {
  const found: User[] = []
  let cursor: string | null = null
  do {
    const page = await users.list({
      limit: PAGE,
      ...(search === undefined ? {} : { search }),
      ...(cursor === null ? {} : { cursor }),
    })
    found.push(...page.users)
    cursor = page.nextCursor
  } while (cursor !== null)
  return found.length === 0 ? ['No user was found.'] : userTable(found)
}

async function find({ database }: UserServices, reference: string): Promise<User> {
  const referred = await findByReference(database, reference)
  if (referred.outcome === 'found') return referred.user
  const text = printable(reference)
  if (referred.outcome === 'unknown') {
    throw new AdminError(`There is no user ${text}. To see who there is, run: npm run admin -- list`)
  }
  const { users } = referred
  const why =
    users.length > 1
      ? `${users.length} users have the e-mail address ${text}.`
      : `Nobody has verified that ${text} is this user's e-mail address.`
  throw new AdminError([`${why} Give the id instead:`, '', ...userTable(users)].join('\n'))
}

async function changeUser({ users }: UserServices, user: User, wish: Partial<UserChange>, by: By): Promise<User> {
  const { name, isAdmin, state, groups, updatedAt } = user
  if (state === 'deleting') throw new AdminError(`${nameOf(user)} is being deleted.`)
  return users.update(user.id, { name, isAdmin, state, groups, ...wish }, preconditionOf(etagOf(updatedAt)), by)
}

const nameOf = ({ id, email, name }: User): string => `${printable(email ?? name ?? 'The user')} (${id})`

/** What a user still needs to sign in. */
function wayIn({ id, state }: User): string[] {
  if (state === 'suspended') return [`The user is suspended. To end that, run: npm run admin -- activate ${id}`]
  if (state !== 'invited') return []
  return [`The user has not accepted the invitation yet. For a new link, run: npm run admin -- reset-password ${id}`]
}

const linkFor = (user: User, { link, expiresAt }: OneTimeLink): string[] => [
  `Send this link to ${nameOf(user)}. It works once and expires at ${minute(expiresAt)}:`,
  '',
  `  ${link}`,
]
