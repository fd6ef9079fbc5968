import { randomBytes } from 'node:crypto'
import type { AccessTokens, CreatedToken, NewToken } from '@skycrate/contract/tokens/schemas'
import { ACTIONS } from '@skycrate/core/access/operation'
import { parseBucketName } from '@skycrate/core/naming/bucket'
import { createId, isId, type UserId } from '@skycrate/core/naming/id'
import { parsePrefix } from '@skycrate/core/naming/prefix'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { changeRecorded } from '../access/record-change.ts'
import type { AuditLog, NewAuditEvent, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { findUser } from '../users/find-user.ts'
import { lockUser } from '../users/lock-user.ts'
import { hashPersonalToken, newPersonalToken, parsePersonalToken } from './personal-token.ts'
import {
  deleteToken,
  insertToken,
  type KnownToken,
  readTokensOf,
  type StoredPlace,
  type TokenView,
  useToken,
} from './token-rows.ts'

/** Tokens of one user at once. */
export const MAX_TOKENS = 100
const DAY_MS = 24 * 60 * 60_000
/** A token that ends sooner is of no use. */
const SHORTEST_MS = 60_000

/**
 * Access tokens that users create for their programs. Each narrows what its user may do. A token that is deleted is refused by
 * every process once that is answered; so are all of a user who is suspended.
 */
export interface PersonalTokens {
  list(userId: UserId): Promise<AccessTokens>
  /** @throws AppError `invalid-request`; `forbidden` for an administrator's token of somebody who is none; `conflict` */
  create(owner: TokenOwner, wish: NewToken, origin: RequestOrigin): Promise<CreatedToken>
  /** @throws AppError `not-found`, for somebody else's token too */
  delete(id: string, userId: UserId, origin: RequestOrigin): Promise<void>
  /** For administrators. @throws AppError `not-found` */
  listOf(userId: string): Promise<AccessTokens>
  /** For administrators. @throws AppError `not-found` */
  deleteOf(userId: string, id: string, by: { readonly userId: UserId; readonly origin: RequestOrigin }): Promise<void>
  readonly verifier: PersonalTokenVerifier
}

export interface TokenOwner {
  readonly userId: UserId
  /** False for a machine, which has a secret of its own. */
  readonly personal: boolean
  /** How they had signed in; see RFC 8176. Where a second factor is required, the token counts as one only after such a sign-in. */
  readonly amr: readonly string[]
}

export interface PersonalTokenVerifier {
  /** What the token stands for, or why it does not. */
  verify(token: string): Promise<KnownToken | { readonly refused: 'expired' | 'no-such-token' }>
}

export function createPersonalTokens(use: {
  readonly database: Database
  readonly audit: AuditLog
  readonly now: () => number
  /** Days that a token may live at most; 0: there are no such tokens. */
  readonly maxDays: number
  /** Resolves once no process believes any more what was committed away before. */
  readonly settled: () => Promise<void>
}): PersonalTokens {
  const { database, now, maxDays, settled } = use

  async function requireUser(id: string): Promise<UserId> {
    const user = isId('usr', id) ? await findUser(database, id) : undefined
    if (!user || user.state === 'deleted') throw new AppError('not-found')
    return user.id
  }

  async function remove(id: string, owner: UserId, by: UserId, origin: RequestOrigin): Promise<void> {
    if (!isId('tok', id)) throw new AppError('not-found')
    await changeRecorded(use, async (tx, record) => {
      const token = await deleteToken(tx, id, owner)
      if (!token) throw new AppError('not-found')
      await record(eventOf('token.delete', token, owner, by, origin))
    })
    await settled()
  }

  return {
    list: async (userId) => ({ tokens: await readTokensOf(database, userId) }),

    async create({ userId, amr, personal }, wish, origin) {
      if (!personal)
        throw new AppError('forbidden', 'A machine has no access tokens. Ask an administrator for a secret.')
      const places = placesOf(wish)
      const expiresAt = expiryOf(wish, now(), maxDays)
      const isAdmin = wish.admin === true
      const token = newPersonalToken()
      const created = await changeRecorded(use, async (tx, record) => {
        await lockUser(tx, userId)
        const user = await findUser(tx, userId)
        if (user?.state !== 'active') throw new AppError('account-suspended', 'Ask an administrator.')
        if (isAdmin && !user.isAdmin) {
          throw new AppError(
            'forbidden',
            'Only an administrator may do this. A group of your issuer does not count here: another administrator has to make you one.',
          )
        }
        const [held] = await tx.query<{ count: number }>(
          'select count(*)::int as count from access_tokens where user_id = $1',
          [userId],
        )
        if (held!.count >= MAX_TOKENS) {
          throw new AppError('conflict', `A user has ${MAX_TOKENS} access tokens at most. Delete one first.`)
        }
        const view = await insertToken(tx, {
          id: createId('tok', now(), randomBytes(10)),
          hash: hashPersonalToken(token),
          userId,
          name: wish.name,
          places,
          isAdmin,
          amr,
          expiresAt,
        })
        await record(eventOf('token.create', view, userId, userId, origin))
        return view
      })
      return { ...created, token }
    },

    delete: (id, userId, origin) => remove(id, userId, userId, origin),
    listOf: async (id) => ({ tokens: await readTokensOf(database, await requireUser(id)) }),
    deleteOf: async (id, tokenId, by) => remove(tokenId, await requireUser(id), by.userId, by.origin),

    verifier: {
      async verify(text) {
        const token = maxDays === 0 ? undefined : parsePersonalToken(text)
        const known = token && (await useToken(database, hashPersonalToken(token)))
        if (known === undefined) return { refused: 'no-such-token' }
        return known === 'expired' ? { refused: 'expired' } : known
      },
    },
  }
}

const mistake = (path: string, message: string): { path: string; message: string } => ({ path, message })

function placesOf({ name, scopes, admin }: NewToken): StoredPlace[] {
  const errors =
    name.isWellFormed() && name.trim() !== '' ? [] : [mistake('/name', 'must have a letter and be valid Unicode')]
  if (scopes.length === 0 && admin !== true) errors.push(mistake('/scopes', 'must have at least one scope'))
  const places = scopes.map(({ store = DEFAULT_STORE, bucket = null, prefix = '', actions }, at) => {
    if (bucket !== null && !parseBucketName(bucket))
      errors.push(mistake(`/scopes/${at}/bucket`, 'is not a bucket name'))
    if (bucket === null && prefix !== '') errors.push(mistake(`/scopes/${at}/bucket`, 'is needed with a prefix'))
    const verdict = parsePrefix(prefix)
    if (!verdict.ok) {
      errors.push(mistake(`/scopes/${at}/prefix`, `must be '' or a folder that ends in '/' (${verdict.problem})`))
    }
    return { store, bucket, prefix, actions: ACTIONS.filter((action) => actions.includes(action)) }
  })
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
  return places
}

function expiryOf({ expiresAt }: NewToken, now: number, maxDays: number): Date {
  if (maxDays === 0) throw new AppError('forbidden', 'The operator of this server has turned access tokens off.')
  const time = Date.parse(expiresAt)
  const latest = now + maxDays * DAY_MS
  if (time >= now + SHORTEST_MS && time <= latest) return new Date(time)
  const message =
    time > latest ? `must be within ${maxDays} days` : Number.isNaN(time) ? 'is not a time' : 'must be in the future'
  throw new AppError('invalid-request', undefined, { errors: [mistake('/expiresAt', message)] })
}

function eventOf(
  action: 'token.create' | 'token.delete',
  { id, name, scopes, admin, expiresAt }: TokenView,
  owner: UserId,
  by: UserId,
  origin: RequestOrigin,
): NewAuditEvent {
  const detail = { tokenId: id, name, scopes, admin, expiresAt }
  return {
    action,
    outcome: 'allow',
    userId: by,
    targetUserId: owner,
    bucket: null,
    key: null,
    reason: null,
    detail,
    origin,
  }
}
