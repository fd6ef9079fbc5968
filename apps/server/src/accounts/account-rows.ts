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

const SELECT = 'select a.user_id, a.password_hash, u.state from accounts a join users u on u.id = a.user_id'
const toAccount = (row: Row): Account => ({ userId: row.user_id, passwordHash: row.password_hash, state: row.state })

export async function findAccountByEmail(sql: Sql, email: string): Promise<Account | undefined> {
  const [row] = await sql.query<Row>(`${SELECT} where lower(a.email) = lower($1)`, [email])
  return row && toAccount(row)
}

export async function findAccountOf(sql: Sql, userId: UserId): Promise<Account | undefined> {
  const [row] = await sql.query<Row>(`${SELECT} where a.user_id = $1`, [userId])
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

export async function setPasswordHash(sql: Sql, userId: UserId, passwordHash: string): Promise<void> {
  await sql.query('update accounts set password_hash = $2, updated_at = now() where user_id = $1', [
    userId,
    passwordHash,
  ])
}

export async function noteSignIn(sql: Sql, userId: UserId): Promise<void> {
  await sql.query('update users set last_sign_in_at = now() where id = $1', [userId])
}
