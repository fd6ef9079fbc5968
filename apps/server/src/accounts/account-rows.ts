import { randomBytes } from 'node:crypto'
import { createId, type UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

/** The issuer of built-in accounts' identities; the subject is the user's id. */
export const ACCOUNTS_ISSUER = 'urn:skycrate:accounts'

export interface Account {
  readonly userId: UserId
  readonly passwordHash: string
  readonly state: 'active' | 'suspended'
}

export interface NewAccount {
  readonly email: string
  readonly name: string | null
  readonly isAdmin: boolean
  readonly passwordHash: string
}

interface Row {
  user_id: UserId
  password_hash: string
  state: 'active' | 'suspended'
}

const toAccount = (row: Row): Account => ({ userId: row.user_id, passwordHash: row.password_hash, state: row.state })

/** @returns `name`: the e-mail in the one spelling by which PostgreSQL compares them, with or without an account */
export async function findAccountByEmail(
  sql: Sql,
  email: string,
): Promise<{ readonly name: string; readonly account: Account | undefined }> {
  const [row] = await sql.query<{ name: string } & (Row | { user_id: null })>(
    `select asked.name, a.user_id, a.password_hash, u.state
     from (select lower($1::text) as name) asked
       left join accounts a on lower(a.email) = asked.name left join users u on u.id = a.user_id`,
    [email],
  )
  return { name: row!.name, account: row!.user_id === null ? undefined : toAccount(row as Row) }
}

export async function findAccountOf(sql: Sql, userId: UserId): Promise<Account | undefined> {
  const [row] = await sql.query<Row>(
    `select a.user_id, a.password_hash, u.state from accounts a join users u on u.id = a.user_id where a.user_id = $1`,
    [userId],
  )
  return row && toAccount(row)
}

/** The account as it is now and stays until the transaction ends: a change of the password waits, or was waited for. */
export async function lockAccountOf(tx: Sql, userId: UserId): Promise<Account | undefined> {
  const [row] = await tx.query<Row>(
    `select a.user_id, a.password_hash, u.state from users u join accounts a on a.user_id = u.id
     where u.id = $1 for no key update of u for share of a`,
    [userId],
  )
  return row && toAccount(row)
}

export async function findAdminEmail(sql: Sql): Promise<string | undefined> {
  const [row] = await sql.query<{ email: string }>(
    `select a.email from accounts a join users u on u.id = a.user_id where u.is_admin order by u.created_at, u.id limit 1`,
  )
  return row?.email
}

/** A user, their identity and their account; in the caller's transaction. */
export async function insertAccount(tx: Sql, account: NewAccount, now: number): Promise<UserId> {
  const userId = createId('usr', now, randomBytes(10))
  const { email, name, isAdmin, passwordHash } = account
  await tx.query('insert into users (id, email, name, is_admin) values ($1, $2, $3, $4)', [
    userId,
    email,
    name,
    isAdmin,
  ])
  await tx.query('insert into identities (issuer, subject, user_id) values ($1, $2, $2)', [ACCOUNTS_ISSUER, userId])
  await tx.query('insert into accounts (user_id, email, password_hash) values ($1, $2, $3)', [
    userId,
    email,
    passwordHash,
  ])
  return userId
}

/** @returns whether the hash was still `from`: of two changes at once, one finds its current password outdated */
export async function replacePasswordHash(tx: Sql, userId: UserId, from: string, to: string): Promise<boolean> {
  const changed = await tx.query(
    `update accounts set password_hash = $3, updated_at = now() where user_id = $1 and password_hash = $2
     returning user_id`,
    [userId, from, to],
  )
  return changed.length > 0
}

export async function noteSignIn(tx: Sql, userId: UserId): Promise<void> {
  await tx.query('update users set last_sign_in_at = now() where id = $1', [userId])
}
