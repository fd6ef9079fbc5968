import type { Identities } from '@skycrate/contract/identities/schemas'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../../access/record-change.ts'
import { mailFactorChange } from '../../accounts/factors/mail-change.ts'
import { endSession } from '../../accounts/sessions.ts'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { Sql } from '../../db/database.ts'
import { AppError } from '../../errors/app-error.ts'
import type { IssuerRegistry } from '../../issuers/issuer-registry.ts'
import { ACCOUNTS_ISSUER } from '../accounts-issuer.ts'
import { lockUser } from '../lock-user.ts'
import type { UsersOptions } from '../users-options.ts'

/** Somebody who looks after their own identities. */
export interface IdentityOwner {
  readonly userId: UserId
  /** Null with the token of an issuer. */
  readonly sessionId: SessionId | null
  /** By which they are signed in. */
  readonly issuer: string
}

/** By which a user signs in. Each change is in the audit log before it holds. */
export interface OwnIdentities {
  list(owner: IdentityOwner): Promise<Identities>
  /**
   * Ends its sessions too; resolves once every process refuses them. The same person at the issuer is a new user afterwards.
   * @throws AppError `not-found`; `conflict` for the identity in use, the last one, a built-in account, and one of a directory
   */
  unlink(
    identity: { readonly issuer: string; readonly subject: string },
    owner: IdentityOwner,
    origin: RequestOrigin,
  ): Promise<void>
}

interface Use extends Pick<UsersOptions, 'database' | 'audit' | 'mail' | 'now' | 'settled'> {
  readonly issuers: Pick<IssuerRegistry, 'byIssuer' | 'current'>
  /** Of SkyCrate's own tokens: the users of built-in accounts are signed in by it. */
  readonly ownIssuer: string
}

export function createOwnIdentities(use: Use): OwnIdentities {
  const { database, issuers, ownIssuer } = use

  /**
   * Which of a user's identities somebody is signed in with: all of the issuer where it is not known. A session has the
   * issuer's own subject, which is not the identity's where the settings name another claim.
   */
  async function currentOf(sql: Sql, { userId, sessionId, issuer }: IdentityOwner) {
    const [session] = await sql.query<{ issuer: string | null; subject: string | null }>(
      'select issuer, subject from sessions where id = $1',
      [sessionId],
    )
    const by = session === undefined ? issuer : (session.issuer ?? ownIssuer)
    const from = by === ownIssuer ? ACCOUNTS_ISSUER : by
    const rows = await sql.query<{ subject: string }>(
      'select subject from identities where user_id = $1 and issuer = $2',
      [userId, from],
    )
    const isKnown = rows.some(({ subject }) => subject === session?.subject)
    return (identity: { issuer: string; subject: string }): boolean =>
      identity.issuer === from && (!isKnown || identity.subject === session?.subject)
  }

  return {
    async list(owner) {
      await issuers.current()
      const isCurrent = await currentOf(database, owner)
      const rows = await database.query<{ issuer: string; subject: string; created_at: Date }>(
        'select issuer, subject, created_at from identities where user_id = $1 order by created_at, issuer, subject',
        [owner.userId],
      )
      return {
        identities: rows.map(({ issuer, subject, created_at }) => ({
          issuer,
          subject,
          name: issuers.byIssuer(issuer)?.name ?? null,
          createdAt: created_at.toISOString(),
          current: isCurrent({ issuer, subject }),
        })),
      }
    },

    async unlink({ issuer, subject }, owner, origin) {
      const { userId } = owner
      await issuers.current()
      await changeRecorded(use, async (tx, record) => {
        await lockUser(tx, userId)
        const rows = await tx.query<{ issuer: string; subject: string }>(
          'select issuer, subject from identities where user_id = $1',
          [userId],
        )
        if (!rows.some((row) => row.issuer === issuer && row.subject === subject)) throw new AppError('not-found')
        if (issuer === ACCOUNTS_ISSUER) throw stays('This is your account here, and not the identity of an issuer.')
        if ((await currentOf(tx, owner))({ issuer, subject })) {
          throw stays('You are signed in with this identity. Sign in another way first.')
        }
        await refuseManaged(tx, userId, issuer)
        const others = rows.filter((row) => !(row.issuer === issuer && row.subject === subject))
        const othersThere = others.filter((row) => row.issuer === issuer).map((row) => row.subject)
        const isLast = !others.some((row) => issuers.byIssuer(row.issuer)) && !(await hasOwnWay(tx, userId))
        if (isLast) throw stays('You have no other way to sign in. Link another identity first.')

        await tx.query('delete from identities where issuer = $1 and subject = $2', [issuer, subject])
        await endSessionsWith(tx, userId, issuer, othersThere)
        if (othersThere.length === 0) await forgetClaims(tx, userId, issuer)
        // Tokens of the issuer that were accepted as this user's.
        await tx.query(`select pg_notify('skycrate_users', $1)`, [userId])
        if (use.mail) await mailFactorChange({ ...use.mail, now: use.now }, tx, userId, 'unlinked identity')
        await record({
          action: 'identity.unlink',
          outcome: 'allow',
          userId,
          targetUserId: userId,
          bucket: null,
          key: null,
          reason: null,
          detail: { issuer, subject },
          origin,
        })
      })
      await use.settled()
    },
  }
}

const stays = (detail: string): AppError => new AppError('conflict', detail)

/** Whoever a directory suspends must not come back as somebody new, by an identity that was unlinked in time. */
async function refuseManaged(tx: Sql, userId: UserId, issuer: string): Promise<void> {
  const managed = await tx.query(
    `select 1 from directory_users du join directories d on d.id = du.directory_id
     where du.user_id = $1 and (d.issuer is null or d.issuer = $2) limit 1`,
    [userId, issuer],
  )
  if (managed.length > 0) throw stays('Your organization manages this identity. Ask an administrator.')
}

/** A password, or a passkey, which signs in alone. */
async function hasOwnWay(tx: Sql, userId: UserId): Promise<boolean> {
  const found = await tx.query(
    `select 1 from accounts a where a.user_id = $1 and (
       exists (select 1 from credentials c where c.user_id = a.user_id and c.kind = 'password')
       or exists (select 1 from passkeys k where k.user_id = a.user_id))`,
    [userId],
  )
  return found.length > 0
}

/** @param others subjects whose sessions go on */
async function endSessionsWith(tx: Sql, userId: UserId, issuer: string, others: readonly string[]): Promise<void> {
  const sessions = await tx.query<{ id: SessionId }>(
    // A program that was signed in by a code has no subject.
    `select id from sessions
     where user_id = $1 and issuer = $2 and (subject is null or subject <> all ($3::text[])) and revoked_at is null
     order by id for update`,
    [userId, issuer, others],
  )
  for (const { id } of sessions) await endSession(tx, id)
}

/** What the issuer says holds as long as it speaks of this user. */
async function forgetClaims(tx: Sql, userId: UserId, issuer: string): Promise<void> {
  await tx.query(
    `delete from group_members m using groups g
     where m.group_id = g.id and m.user_id = $1 and m.from_claims and g.issuer = $2`,
    [userId, issuer],
  )
  await tx.query('update users set email_verified = false where id = $1 and email_issuer = $2', [userId, issuer])
}
