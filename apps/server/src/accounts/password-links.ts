import type { OneTimeLink } from '@skycrate/contract/users/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import { createAttemptLimit } from '../limits/attempt-limit.ts'
import { activateUser } from '../users/activate-user.ts'
import { lockUser } from '../users/lock-user.ts'
import { findUser } from '../users/find-user.ts'
import { setPasswordHash } from './account-rows.ts'
import { findFactors, hasSecondFactor } from './factors/factor-rows.ts'
import { checkNewPassword } from './new-password.ts'
import {
  type CodeKind,
  createOneTimeCode,
  findOneTimeCode,
  parseOneTimeCode,
  useOneTimeCode,
} from './one-time-codes.ts'
import type { Passwords } from './password.ts'
import { endSessionsOf } from './sessions.ts'

/** Links by which somebody sets the password of their built-in account, without the one before. */
export interface PasswordLinks {
  /** In the caller's transaction, which records it. */
  create(tx: Sql, kind: CodeKind, userId: UserId): Promise<OneTimeLink>
  /**
   * Sets the password, ends every session, and makes an invited user an active one.
   * @throws AppError `invalid-token` for a link that is none any more, `invalid-request` for a password that can't be one,
   * `account-suspended`, `too-many-requests`
   */
  use(
    kind: CodeKind,
    given: { readonly token: string; readonly password: string; readonly name?: string | undefined },
    origin: RequestOrigin,
  ): Promise<{ readonly userId: UserId; readonly email: string }>
}

/** A code can't be guessed: the limit keeps a flood of bad ones from the database. */
const BAD_LINKS = { burst: 100, refillMs: 3_000 }
const PAGES: Readonly<Record<CodeKind, string>> = { invitation: 'invitation', 'reset-password': 'reset-password' }

export function createPasswordLinks(options: {
  readonly database: Database
  readonly audit: AuditLog
  readonly passwords: Passwords
  readonly now: () => number
  /** Where the web app is. */
  readonly publicUrl: string
}): PasswordLinks {
  const { database, passwords, now, publicUrl } = options
  const badLinks = createAttemptLimit(database, 'bad-links', BAD_LINKS)

  async function refused(origin: RequestOrigin): Promise<AppError> {
    const retryAfter = await badLinks.take(addressGroup(origin.ip), now())
    if (retryAfter > 0) return new AppError('too-many-requests', undefined, { retryAfter })
    return new AppError(
      'invalid-token',
      'This link was used already or has expired. Ask an administrator for a new one.',
    )
  }

  return {
    async create(tx, kind, userId) {
      const { code, expiresAt } = await createOneTimeCode(tx, kind, userId, now())
      // Behind a #, which browsers send to no server: so it is in no log.
      const link = `${publicUrl.replace(/\/$/, '')}/${PAGES[kind]}#${code}`
      return { link, token: code, expiresAt: expiresAt.toISOString() }
    },

    async use(kind, { token, password, name }, origin) {
      const code = parseOneTimeCode(token)
      const userId = code && (await findOneTimeCode(database, kind, code))
      if (!userId) throw await refused(origin)
      const about = await findUser(database, userId)
      const names = [about?.email ?? null, about?.name ?? null]
      checkNewPassword(password, '/password', names, hasSecondFactor(await findFactors(database, userId)))
      const hash = await passwords.hash(password)
      const email = await changeRecorded(options, async (tx, record) => {
        await lockUser(tx, userId)
        if (!(await useOneTimeCode(tx, kind, code))) throw await refused(origin)
        const user = await findUser(tx, userId)
        if (user?.state !== (kind === 'invitation' ? 'invited' : 'active')) {
          throw new AppError('account-suspended', 'Ask an administrator.')
        }
        await setPasswordHash(tx, userId, hash)
        await endSessionsOf(tx, userId)
        if (kind === 'invitation') await activateUser(tx, userId, name)
        const detail = { method: kind }
        await record({
          action: 'auth.reset-password',
          outcome: 'allow',
          userId,
          targetUserId: userId,
          bucket: null,
          key: null,
          reason: null,
          detail,
          origin,
        })
        const [account] = await tx.query<{ email: string }>('select email from accounts where user_id = $1', [userId])
        return account!.email
      })
      return { userId, email }
    },
  }
}
