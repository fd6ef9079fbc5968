import { createHash, randomBytes } from 'node:crypto'
import type {
  Clients as ClientList,
  ClientToken,
  CreatedClient,
  CreatedSecret,
} from '@skycrate/contract/clients/schemas'
import { createId, isId, type SecretId, type UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import type { AccessTokens } from '../accounts/tokens.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import { createAttemptLimit } from '../limits/attempt-limit.ts'
import { findUser } from '../users/find-user.ts'
import { insertUser } from '../users/insert-user.ts'
import { lockUser } from '../users/lock-user.ts'
import type { ByUser } from '../users/users-options.ts'

export const MAX_CLIENTS = 1000
/** So that one can replace the other. */
const MAX_SECRETS = 2
/** Secrets that are none. They can't be guessed: the limit keeps a flood from the database and the log. */
const BAD_SECRETS = { burst: 100, refillMs: 3_000 }
/** Tokens of one client. */
const TOKENS = { burst: 100, refillMs: 1_000 }

/** What a client presents, by either way that OAuth has. */
export interface ClientCredentials {
  readonly clientId: string
  readonly secret: string
}

/**
 * Machines that have an identity of their own: users without a home, who sign in with a secret and have the permissions that
 * an administrator gives them. The client id is the user's id.
 */
export interface Clients {
  list(): Promise<ClientList>
  /** @throws AppError `invalid-request`, `conflict` */
  create(name: string, by: ByUser): Promise<CreatedClient>
  /** @throws AppError `not-found`, `conflict` */
  createSecret(id: string, by: ByUser): Promise<CreatedSecret>
  /** @throws AppError `not-found` */
  deleteSecret(id: string, secretId: string, by: ByUser): Promise<void>
  /** @throws AppError `invalid-client`, `account-suspended`, `too-many-requests` */
  token(given: ClientCredentials | undefined, origin: RequestOrigin): Promise<ClientToken>
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
const SHAPE = /^skyc_[\w-]{43}$/

interface Row {
  id: UserId
  name: string
  state: 'active' | 'suspended'
  created_at: Date
  secrets: { id: string; createdAt: string; lastUsedAt: string | null }[]
}

const LIST = `select u.id, u.name, u.state, u.created_at,
    (select coalesce(json_agg(json_build_object('id', s.id, 'createdAt', s.created_at, 'lastUsedAt', s.last_used_at)
      order by s.id), '[]') from client_secrets s where s.user_id = u.id) as secrets
  from users u where u.is_service and u.state in ('active', 'suspended')`

export function createClients(use: {
  readonly database: Database
  readonly audit: AuditLog
  readonly accessTokens: Pick<AccessTokens, 'sign' | 'accessSeconds'>
  readonly now: () => number
  readonly settled: () => Promise<void>
}): Clients {
  const { database, audit, accessTokens, now, settled } = use
  const bad = createAttemptLimit(database, 'bad-client-secrets', BAD_SECRETS)
  const tokens = createAttemptLimit(database, 'client-tokens', TOKENS)

  async function addSecret(tx: Sql, userId: UserId): Promise<CreatedSecret> {
    const secret = `skyc_${randomBytes(32).toString('base64url')}`
    const id = createId('sec', now(), randomBytes(10))
    await tx.query('insert into client_secrets (id, user_id, hash) values ($1, $2, $3)', [id, userId, hashOf(secret)])
    return { id, secret }
  }

  async function lockClient(tx: Sql, id: string): Promise<UserId> {
    if (!isId('usr', id) || !(await lockUser(tx, id))) throw new AppError('not-found')
    const found = await tx.query(
      `select 1 from users where id = $1 and is_service and state in ('active', 'suspended')`,
      [id],
    )
    if (found.length === 0) throw new AppError('not-found')
    return id
  }

  const event = (
    action: 'client.create' | 'client.create-secret' | 'client.delete-secret',
    target: UserId,
    by: ByUser,
  ) => ({
    action,
    outcome: 'allow' as const,
    userId: by.userId,
    targetUserId: target,
    bucket: null,
    key: null,
    reason: null,
    origin: by.origin,
  })

  async function refuse(userId: UserId | null, reason: string, origin: RequestOrigin): Promise<never> {
    const retryAfter = await bad.take(addressGroup(origin.ip), now())
    if (retryAfter > 0) throw new AppError('too-many-requests', undefined, { retryAfter })
    const denied = { action: 'auth.login', outcome: 'deny', userId, bucket: null, key: null, reason, origin } as const
    await audit.record({ ...denied, detail: { method: 'client-credentials' } })
    if (reason === 'suspended') throw new AppError('account-suspended', 'Ask an administrator.')
    throw new AppError('invalid-client', 'Check the client id and the secret.')
  }

  return {
    async list() {
      const rows = await database.query<Row>(`${LIST} order by u.id desc limit ${MAX_CLIENTS}`)
      return { clients: rows.map(toView) }
    },

    create: (name, by) =>
      changeRecorded(use, async (tx, record) => {
        if (!name.isWellFormed() || name.trim() === '') {
          throw new AppError('invalid-request', undefined, {
            errors: [{ path: '/name', message: 'must have a letter' }],
          })
        }
        await tx.query(`select pg_advisory_xact_lock(hashtext('skycrate clients'))`)
        const [held] = await tx.query<{ count: number }>(
          `select count(*)::int as count from users where is_service and state <> 'deleted'`,
        )
        if (held!.count >= MAX_CLIENTS) throw new AppError('conflict', `There are ${MAX_CLIENTS} machines at most.`)
        const user = { email: null, name, isAdmin: false, state: 'active', hasAccount: false } as const
        const userId = await insertUser(tx, user, now())
        await tx.query('update users set is_service = true, name_chosen = true where id = $1', [userId])
        const { id, secret } = await addSecret(tx, userId)
        await record({ ...event('client.create', userId, by), detail: { name, secretId: id } })
        const [row] = await tx.query<Row>(`${LIST} and u.id = $1`, [userId])
        return { ...toView(row!), secret }
      }),

    createSecret: (id, by) =>
      changeRecorded(use, async (tx, record) => {
        const userId = await lockClient(tx, id)
        const held = await tx.query('select 1 from client_secrets where user_id = $1', [userId])
        if (held.length >= MAX_SECRETS) {
          throw new AppError('conflict', `A machine has ${MAX_SECRETS} secrets at most. Delete one first.`)
        }
        const created = await addSecret(tx, userId)
        await record({ ...event('client.create-secret', userId, by), detail: { secretId: created.id } })
        return created
      }),

    async deleteSecret(id, secretId, by) {
      await changeRecorded(use, async (tx, record) => {
        const userId = await lockClient(tx, id)
        const deleted = await tx.query('delete from client_secrets where id = $1 and user_id = $2 returning 1', [
          secretId,
          userId,
        ])
        if (deleted.length === 0) throw new AppError('not-found')
        await record({ ...event('client.delete-secret', userId, by), detail: { secretId } })
      })
      await settled()
    },

    async token(given, origin) {
      if (!given || !isId('usr', given.clientId) || !SHAPE.test(given.secret)) return refuse(null, 'malformed', origin)
      const [row] = await database.query<{ id: SecretId; user_id: UserId }>(
        'select id, user_id from client_secrets where hash = $1 and user_id = $2',
        [hashOf(given.secret), given.clientId],
      )
      if (!row) return refuse(null, 'wrong-secret', origin)
      const user = await findUser(database, row.user_id)
      if (user?.state !== 'active') return refuse(row.user_id, 'suspended', origin)
      const retryAfter = await tokens.take(user.id, now())
      if (retryAfter > 0) throw new AppError('too-many-requests', 'This client gets tokens too often.', { retryAfter })
      await database.query(
        `update client_secrets set last_used_at = now()
         where id = $1 and (last_used_at is null or last_used_at <= now() - interval '1 minute')`,
        [row.id],
      )
      await audit.record({
        action: 'auth.login',
        outcome: 'allow',
        userId: user.id,
        bucket: null,
        key: null,
        reason: null,
        detail: { method: 'client-credentials', secretId: row.id },
        origin,
      })
      return {
        access_token: await accessTokens.sign(user.id, row.id),
        token_type: 'Bearer',
        expires_in: accessTokens.accessSeconds,
      }
    },
  }
}

/** Whether the secret is there still by which a token was got. */
export async function isSecretLive(sql: Sql, secretId: SecretId, userId: UserId): Promise<boolean> {
  const found = await sql.query(
    'select 1 from client_secrets where id = $1 and user_id = $2',
    [secretId, userId],
    'client-secret-live',
  )
  return found.length > 0
}

function toView({ id, name, state, created_at: createdAt, secrets }: Row): ClientList['clients'][number] {
  const time = (text: string): string => new Date(text).toISOString()
  return {
    id,
    name,
    state,
    createdAt: createdAt.toISOString(),
    secrets: secrets.map((each) => ({
      id: each.id,
      createdAt: time(each.createdAt),
      lastUsedAt: each.lastUsedAt === null ? null : time(each.lastUsedAt),
    })),
  }
}
