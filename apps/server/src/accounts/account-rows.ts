import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { insertUser } from '../users/insert-user.ts'
import { lockUser } from '../users/lock-user.ts'
import type { UserState } from '../users/user.ts'

export interface Account {
  readonly userId: UserId
  readonly email: string
  /** Undefined until an invitation is accepted. */
  readonly passwordHash: string | undefined
  readonly state: UserState
}

export interface NewAccount {
  readonly email: string
  readonly name: string | null
  readonly isAdmin: boolean
  readonly passwordHash: string
}

interface Row {
  user_id: UserId
  email: string
  password_hash: string | null
  state: UserState
}

const toAccount = (row: Row): Account => ({
  userId: row.user_id,
  email: row.email,
  passwordHash: row.password_hash ?? undefined,
  state: row.state,
})

/** The password's hash, of `credentials c`; null without one. */
const PASSWORD_HASH = `c.data ->> 'hash' as password_hash`
const PASSWORD_OF = (user: string): string => `left join credentials c on c.user_id = ${user} and c.kind = 'password'`

/** @returns `name`: the e-mail in the one spelling by which PostgreSQL compares them, with or without an account */
export async function findAccountByEmail(
  sql: Sql,
  email: string,
): Promise<{ readonly name: string; readonly account: Account | undefined }> {
  const [row] = await sql.query<{ name: string } & (Row | { user_id: null })>(
    `select asked.name, a.user_id, a.email, ${PASSWORD_HASH}, u.state
     from (select lower($1::text) as name) asked
       left join accounts a on lower(a.email) = asked.name left join users u on u.id = a.user_id ${PASSWORD_OF('a.user_id')}`,
    [email],
  )
  return { name: row!.name, account: row!.user_id === null ? undefined : toAccount(row as Row) }
}

export async function findAccountOf(sql: Sql, userId: UserId): Promise<Account | undefined> {
  const [row] = await sql.query<Row>(
    `select a.user_id, a.email, ${PASSWORD_HASH}, u.state
     from accounts a join users u on u.id = a.user_id ${PASSWORD_OF('a.user_id')} where a.user_id = $1`,
    [userId],
  )
  return row && toAccount(row)
}

/**
 * The account as it is now and stays until the transaction ends: a change of the password locks the user too, and so
 * waits, or was waited for.
 */
export async function lockAccountOf(tx: Sql, userId: UserId): Promise<Account | undefined> {
  await lockUser(tx, userId)
  return findAccountOf(tx, userId)
}

export async function findAdminEmail(sql: Sql): Promise<string | undefined> {
  const [row] = await sql.query<{ email: string }>(
    `select a.email from accounts a join users u on u.id = a.user_id where u.is_admin order by u.created_at, u.id limit 1`,
  )
  return row?.email
}

/** A user, their identity and their account; in the caller's transaction. */
export async function insertAccount(tx: Sql, account: NewAccount, now: number): Promise<UserId> {
  const { passwordHash, ...user } = account
  const userId = await insertUser(tx, { ...user, state: 'active', hasAccount: true }, now)
  await insertAccountOf(tx, userId, account.email)
  await setPasswordHash(tx, userId, passwordHash)
  return userId
}

/** @param email what the user signs in with; unique among accounts */
export async function insertAccountOf(tx: Sql, userId: UserId, email: string): Promise<void> {
  await tx.query('insert into accounts (user_id, email) values ($1, $2)', [userId, email])
}

/** Whatever it was before; the caller holds the user's lock. */
export async function setPasswordHash(tx: Sql, userId: UserId, hash: string): Promise<void> {
  await tx.query(
    `insert into credentials (user_id, kind, data) values ($1, 'password', jsonb_build_object('hash', $2::text))
     on conflict (user_id, kind) do update set data = excluded.data, updated_at = now()`,
    [userId, hash],
  )
}

/** @returns whether the hash was still `from`: of two changes at once, one finds its current password outdated */
export async function replacePasswordHash(tx: Sql, userId: UserId, from: string, to: string): Promise<boolean> {
  await lockUser(tx, userId)
  const changed = await tx.query(
    `update credentials set data = jsonb_build_object('hash', $3::text), updated_at = now()
     where user_id = $1 and kind = 'password' and data ->> 'hash' = $2 returning user_id`,
    [userId, from, to],
  )
  return changed.length > 0
}
