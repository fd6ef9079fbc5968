import { randomBytes } from 'node:crypto'
import { createId, type UserId } from '@skycrate/core/naming/id'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'

/** A user as SkyCrate knows them. */
export interface User {
  readonly id: UserId
  readonly email: string | null
  readonly name: string | null
  readonly isAdmin: boolean
  readonly state: 'active' | 'suspended'
  readonly createdAt: Date
}

/** Somebody whom an issuer vouches for. A person is (issuer, subject); the rest is what is known of them. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  readonly email: string | null
  readonly name: string | null
}

interface Row {
  id: UserId
  email: string | null
  name: string | null
  is_admin: boolean
  state: 'active' | 'suspended'
  created_at: Date
}

const COLUMNS = 'u.id, u.email, u.name, u.is_admin, u.state, u.created_at'
/** A unique index refused what another transaction put in first. */
const UNIQUE_VIOLATION = '23505'

export async function findUser(sql: Sql, id: UserId): Promise<User | undefined> {
  const [row] = await sql.query<Row>(`select ${COLUMNS} from users u where u.id = $1`, [id], 'user-by-id')
  return row && toUser(row)
}

/**
 * The user of an identity, made at first sight; any number of first requests at once make one. That a user was made is in
 * the audit log before anybody hears of it.
 */
export async function findOrCreateUser(
  use: { readonly database: Database; readonly audit: AuditLog; readonly now: () => number },
  identity: Identity,
  origin: RequestOrigin,
): Promise<User> {
  const { database } = use
  const known = await readByIdentity(database, identity)
  if (known) return refreshed(database, known, identity)
  try {
    return await createUser(use, identity, origin)
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error
    // Somebody else's first request was quicker, and has committed: that is what the violation says.
    return (await readByIdentity(database, identity))!
  }
}

async function readByIdentity(sql: Sql, { issuer, subject }: Identity): Promise<User | undefined> {
  const [row] = await sql.query<Row>(
    `select ${COLUMNS} from identities i join users u on u.id = i.user_id where i.issuer = $1 and i.subject = $2`,
    [issuer, subject],
    'user-by-identity',
  )
  return row && toUser(row)
}

async function createUser(
  use: { readonly database: Database; readonly audit: AuditLog; readonly now: () => number },
  identity: Identity,
  origin: RequestOrigin,
): Promise<User> {
  const id = createId('usr', use.now(), randomBytes(10))
  return use.database.transaction(async (tx) => {
    const [row] = await tx.query<Row>(
      `insert into users as u (id, email, name, last_sign_in_at) values ($1, $2, $3, now()) returning ${COLUMNS}`,
      [id, identity.email, identity.name],
    )
    await tx.query('insert into identities (issuer, subject, user_id) values ($1, $2, $3)', [
      identity.issuer,
      identity.subject,
      id,
    ])
    await use.audit.record({
      action: 'user.create',
      outcome: 'allow',
      userId: id,
      bucket: null,
      key: null,
      reason: identity.issuer,
      origin,
    })
    return toUser(row!)
  })
}

/** Takes over what the issuer now says of them, and notes the sign-in once an hour: most requests write nothing. */
async function refreshed(sql: Sql, user: User, { email, name }: Identity): Promise<User> {
  const latest = { email: email ?? user.email, name: name ?? user.name }
  await sql.query(
    `update users set email = $2, name = $3, last_sign_in_at = now(), updated_at = now()
     where id = $1 and (email is distinct from $2 or name is distinct from $3
       or last_sign_in_at is null or last_sign_in_at < now() - interval '1 hour')`,
    [user.id, latest.email, latest.name],
    'user-refresh',
  )
  return { ...user, ...latest }
}

function toUser(row: Row): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    isAdmin: row.is_admin,
    state: row.state,
    createdAt: row.created_at,
  }
}
