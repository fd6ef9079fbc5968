import type { UserImportReport } from '@skycrate/contract/users/schemas'
import type { GroupId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import { insertAccountOf, setPasswordHash } from '../accounts/account-rows.ts'
import type { NewAuditEvent } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'
import { isUniqueViolation } from '../db/database-error.ts'
import { AppError } from '../errors/app-error.ts'
import { insertUser } from './insert-user.ts'
import { setOwnGroups } from './own-groups.ts'
import { type CsvUser, readUserCsv, type UserMistake } from './user-csv.ts'
import type { By, UsersOptions } from './users-options.ts'

/** One transaction creates them all. */
const MAX_LINES = 2_000
/** Events that are recorded together. */
const EVENTS_AT_ONCE = 500

/**
 * Creates the users of a CSV file with the hashes of their passwords at another system, or none of them.
 * @throws AppError `invalid-request` that names every mistake of the file, unless it is a dry run; `conflict`,
 * `database-unavailable`, `audit-unavailable`
 */
export async function importUsers(
  options: Pick<UsersOptions, 'database' | 'audit' | 'now'>,
  bytes: Uint8Array,
  dryRun: boolean,
  by: By,
): Promise<UserImportReport> {
  const { database, now } = options
  const { users, mistakes: malformed, lines } = readUserCsv(bytes, MAX_LINES)
  const groups = await groupsOf(database, users)
  const mistakes = [...malformed, ...unknownGroups(users, groups), ...(await takenAddresses(database, users))]
  mistakes.sort((a, b) => a.line - b.line)
  if (dryRun) return { dryRun, lines, created: mistakes.length === 0 ? users.length : 0, mistakes }
  if (mistakes.length > 0) {
    throw new AppError('invalid-request', 'Nothing was imported. Each mistake is named under errors.', {
      errors: mistakes.map(({ line, column, message }) => ({
        path: column === null ? `/lines/${line}` : `/lines/${line}/${column}`,
        message,
      })),
    })
  }
  try {
    await changeRecorded(options, async (tx, record) => {
      const events: NewAuditEvent[] = []
      for (const user of users) events.push(await create(tx, user, groups, by, now()))
      for (let i = 0; i < events.length; i += EVENTS_AT_ONCE) {
        await Promise.all(events.slice(i, i + EVENTS_AT_ONCE).map((event) => record(event)))
      }
    })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new AppError('conflict', 'Somebody took one of these e-mail addresses meanwhile. Nothing was imported.')
  }
  return { dryRun, lines, created: users.length, mistakes: [] }
}

async function create(
  tx: Sql,
  { email, name, passwordHash, groups: names }: CsvUser,
  groups: ReadonlyMap<string, GroupId>,
  by: By,
  now: number,
): Promise<NewAuditEvent> {
  const userId = await insertUser(tx, { email, name, isAdmin: false, state: 'active', hasAccount: true }, now)
  await insertAccountOf(tx, userId, email)
  await setPasswordHash(tx, userId, passwordHash)
  const memberOf = [...new Set(names)].map((group) => groups.get(group)!)
  if (memberOf.length > 0) await setOwnGroups(tx, userId, memberOf)
  return {
    action: 'user.create',
    outcome: 'allow',
    userId: by.userId,
    targetUserId: userId,
    bucket: null,
    key: null,
    reason: null,
    detail: { email, changed: { name, isAdmin: false, groups: names } },
    origin: by.origin,
  }
}

/** SkyCrate's own groups, by the names that the file has. */
async function groupsOf(sql: Sql, users: readonly CsvUser[]): Promise<ReadonlyMap<string, GroupId>> {
  const names = [...new Set(users.flatMap(({ groups }) => groups))]
  if (names.length === 0) return new Map()
  const rows = await sql.query<{ id: GroupId; name: string }>(
    'select id, name from groups where issuer is null and name = any($1::text[])',
    [names],
  )
  return new Map(rows.map(({ id, name }) => [name, id]))
}

function unknownGroups(users: readonly CsvUser[], known: ReadonlyMap<string, GroupId>): UserMistake[] {
  return users.flatMap(({ line, groups }) =>
    groups
      .filter((group) => !known.has(group))
      .map((group) => ({ line, column: 'groups' as const, message: `${group} is no group of SkyCrate` })),
  )
}

/** As PostgreSQL compares them: within the file, and with the accounts that there are. */
async function takenAddresses(sql: Sql, users: readonly CsvUser[]): Promise<UserMistake[]> {
  const rows = await sql.query<{ at: number; taken: boolean; first: number }>(
    `select (given.at - 1)::int as at, min(given.at - 1) over (partition by lower(given.email))::int as first,
       exists (select 1 from accounts a where lower(a.email) = lower(given.email)) as taken
     from unnest($1::text[]) with ordinality as given (email, at)`,
    [users.map(({ email }) => email)],
  )
  return rows.flatMap(({ at, taken, first }) => {
    const { line } = users[at]!
    if (taken) return [{ line, column: 'email' as const, message: 'is the address of a user already' }]
    return first === at ? [] : [{ line, column: 'email' as const, message: `is on line ${users[first]!.line} as well` }]
  })
}
