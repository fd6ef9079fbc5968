import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { Group } from '@skycrate/core/identity/group'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import type { Freshness } from '../access/freshness.ts'
import type { Database } from '../db/database.ts'
import { SignedInCache } from './signed-in-cache.ts'

/** The user whom temporary credentials were issued to. */
export interface SessionCaller {
  readonly userId: UserId
  /** Those that the token named with which the credentials were got. */
  readonly groups: readonly Group[]
  readonly verifiedEmail: string | null
  /** As of now, and by SkyCrate's own account alone: what an issuer's claim said is not believed for hours. */
  readonly isAdmin: boolean
  /** The session of SkyCrate that the credentials end with; null for a token of another issuer. */
  readonly sessionId: SessionId | null
}

export interface SessionKey {
  readonly userId: UserId
  readonly secretAccessKey: string
  readonly caller: SessionCaller
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

interface Issued {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** The secrets of credentials that SkyCrate issued, so that whoever holds them can sign requests to SkyCrate itself. */
export interface SessionKeys extends AsyncDisposable {
  /** Resolves once it is durable. @throws AppError `database-unavailable` */
  remember(issued: Issued, caller: Omit<SessionCaller, 'isAdmin'>): Promise<void>
  /**
   * Undefined for what SkyCrate did not issue for this use, with another token, to a user who is not active now, or in a
   * session that is over.
   * Expired credentials may be found still.
   * @throws AppError `database-unavailable`
   */
  find(accessKeyId: string, sessionToken: string): Promise<SessionKey | undefined>
  /** Forgets what has expired. @throws AppError `database-unavailable` */
  prune(): Promise<void>
}

/** Milliseconds that what was found is believed without looking again; suspensions and ended sessions are heard at once. */
const BELIEVE_MS = 60_000
/** Notified where a change is about more users than could be named. */
const EVERYBODY = '*'
const IV_BYTES = 12
const TAG_BYTES = 16

interface KeyRow {
  user_id: UserId
  session_id: SessionId | null
  sealed: Buffer
  expires_at: Date
  is_admin: boolean
}

interface Sealed {
  readonly secret: string
  /** SHA-256 of the session token, in base64. */
  readonly token: string
  readonly groups: readonly Group[]
  readonly email: string | null
}

export async function createSessionKeys(options: {
  readonly database: Database
  readonly secret: string
  readonly freshness: Pick<Freshness, 'isFresh'>
  readonly now: () => number
}): Promise<SessionKeys> {
  const { database, freshness, now } = options
  const key = Buffer.from(hkdfSync('sha256', options.secret, '', 'skycrate session keys', 32))
  const cache = new SignedInCache<SessionKey>()
  const listener = await database.listen(
    'skycrate_users',
    (userId) => (userId === EVERYBODY ? cache.clear() : cache.forgetUser(userId as UserId)),
    () => cache.clear(),
  )

  return {
    async remember(
      { accessKeyId, secretAccessKey, sessionToken, expiresAt },
      { userId, sessionId, groups, verifiedEmail },
    ) {
      const content: Sealed = { secret: secretAccessKey, token: digest(sessionToken), groups, email: verifiedEmail }
      await database.query(
        `insert into session_keys (access_key_id, user_id, sealed, expires_at, session_id)
         values ($1, $2, $3, to_timestamp($4::float8 / 1000), $5)
         on conflict (access_key_id) do nothing`,
        [accessKeyId, userId, seal(key, accessKeyId, content), expiresAt, sessionId],
        'session-key-insert',
      )
    },

    async find(accessKeyId, sessionToken) {
      const name = `${accessKeyId}\n${sessionToken}`
      const known = freshness.isFresh() ? cache.get(name, now()) : undefined
      if (known) return known
      const { forgotten } = cache
      const [row] = await database.query<KeyRow>(
        `select k.user_id, k.session_id, k.sealed, k.expires_at, u.is_admin
         from session_keys k join users u on u.id = k.user_id left join sessions s on s.id = k.session_id
         where k.access_key_id = $1 and u.state = 'active'
           and (k.session_id is null or (s.revoked_at is null and s.expires_at > now()))`,
        [accessKeyId],
        'session-key-find',
      )
      const content = row && open(key, accessKeyId, row.sealed)
      if (!row || !content || content.token !== digest(sessionToken)) return undefined
      const found: SessionKey = {
        userId: row.user_id,
        secretAccessKey: content.secret,
        caller: {
          userId: row.user_id,
          groups: content.groups,
          verifiedEmail: content.email,
          isAdmin: row.is_admin,
          sessionId: row.session_id,
        },
        expiresAt: row.expires_at.getTime(),
      }
      if (cache.forgotten === forgotten) cache.set(name, found, now() + BELIEVE_MS)
      return found
    },

    async prune() {
      await database.query('delete from session_keys where expires_at < now()')
    },

    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  }
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64')

/** AES-256-GCM; the access key id goes with it, so that no sealed secret passes for another's. */
function seal(key: Buffer, accessKeyId: string, content: Sealed): Buffer {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(accessKeyId))
  return Buffer.concat([iv, cipher.update(JSON.stringify(content)), cipher.final(), cipher.getAuthTag()])
}

/** Undefined for what was sealed with another secret: it is then as good as forgotten. */
function open(key: Buffer, accessKeyId: string, sealed: Buffer): Sealed | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES))
    .setAAD(Buffer.from(accessKeyId))
    .setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    const text = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString()
    return JSON.parse(text) as Sealed
  } catch {
    return undefined
  }
}
