import type { SessionId, UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../../access/record-change.ts'
import { mailFactorChange } from '../../accounts/factors/mail-change.ts'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { Sql } from '../../db/database.ts'
import { AppError } from '../../errors/app-error.ts'
import { lockUser } from '../lock-user.ts'
import type { UsersOptions } from '../users-options.ts'

/** Identities of one user at most. */
export const MAX_IDENTITIES = 20

/** The user and the session that began to link. */
export interface Linker {
  readonly userId: UserId
  readonly sessionId: SessionId
}

/**
 * Adds an identity, which its owner has just proven at its issuer, to the user who began this from a session that still
 * lasts. One that the user has already is linked again without a change. The e-mail address decides nothing.
 *
 * @throws AppError `sign-in-expired`, `identity-taken`, `conflict`, `audit-unavailable`, `database-unavailable`
 */
export async function linkIdentity(
  use: Pick<UsersOptions, 'database' | 'audit' | 'mail' | 'now'>,
  { userId, sessionId }: Linker,
  identity: { readonly issuer: string; readonly subject: string },
  origin: RequestOrigin,
): Promise<void> {
  const { issuer, subject } = identity
  const event = {
    action: 'identity.link',
    userId,
    targetUserId: userId,
    bucket: null,
    key: null,
    detail: { issuer, subject },
    origin,
  } as const
  const refusal = await changeRecorded(use, async (tx, record) => {
    await lockUser(tx, userId)
    if (!(await goesOn(tx, userId, sessionId))) return EXPIRED
    const added = await tx.query(
      `insert into identities (issuer, subject, user_id) values ($1, $2, $3) on conflict do nothing returning 1`,
      [issuer, subject, userId],
    )
    const rows = await tx.query<{ issuer: string; subject: string }>(
      'select issuer, subject from identities where user_id = $1',
      [userId],
    )
    if (added.length === 0) {
      return rows.some((row) => row.issuer === issuer && row.subject === subject) ? undefined : TAKEN
    }
    if (rows.length > MAX_IDENTITIES) {
      throw new AppError('conflict', `A user has at most ${MAX_IDENTITIES} identities. Unlink one first.`)
    }
    await record({ ...event, outcome: 'allow', reason: null })
    if (use.mail) await mailFactorChange({ ...use.mail, now: use.now }, tx, userId, 'linked identity')
    return undefined
  })
  if (refusal === undefined) return
  await use.audit.record({ ...event, outcome: 'deny', reason: refusal.code })
  throw refusal
}

/** Perhaps the user was suspended, or the session ended, while the issuer was asked. */
async function goesOn(tx: Sql, userId: UserId, sessionId: SessionId): Promise<boolean> {
  const found = await tx.query(
    `select 1 from users u join sessions s on s.user_id = u.id
     where u.id = $1 and u.state = 'active' and s.id = $2 and s.revoked_at is null and s.expires_at > now()`,
    [userId, sessionId],
  )
  return found.length > 0
}

const EXPIRED = new AppError('sign-in-expired', 'Start again: the session that began to link has ended.')
const TAKEN = new AppError(
  'identity-taken',
  'Nothing was linked. Sign in with this identity to use its user, or ask an administrator to delete that user.',
)
