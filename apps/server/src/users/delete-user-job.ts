import type { UserId } from '@skycrate/core/naming/id'
import { deletePermissionsOf } from '../access/delete-permissions-of.ts'
import { type AuditLog, byProcess, type NewAuditEvent } from '../audit/audit-event.ts'
import { recordWithin } from '../audit/record-within.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { HomeChoice } from '../homes/end-home.ts'
import type { Homes } from '../homes/homes.ts'
import type { Job, JobHandler } from '../jobs/job.ts'
import { lockUser } from './lock-user.ts'

export const DELETE_USER = 'user.delete'

export interface UserDeletionInput {
  readonly userId: UserId
  readonly home: HomeChoice
  /** Who asked for it. */
  readonly by: UserId
}

/**
 * Deletes what a user has: home, permissions, identities, memberships, sessions. Each step finds what is still there, so a
 * try after a crash goes on. Last, the row keeps the name and e-mail address by which the audit log tells of them.
 */
export function deleteUserJob(use: {
  readonly database: Database
  readonly audit: AuditLog
  readonly homes: Pick<Homes, 'endHome'>
  readonly now: () => number
}): JobHandler<UserDeletionInput> {
  const { database, audit, homes, now } = use
  return async (job: Job<UserDeletionInput>) => {
    const { id, input, signal } = job
    const { userId, home, by } = input
    const origin = byProcess(id)
    await requireReceiver(database, home)
    let done = job.state<{ done: number }>()?.done ?? 0
    const advanced = async (items: number): Promise<void> => {
      job.progress((done += items))
      await job.checkpoint({ done })
    }
    await homes.endHome(userId, home, { by, origin, run: { signal, advanced } })
    signal.throwIfAborted()
    await job.checkpoint({ done })
    await deletePermissionsOf(database, 'user', userId, { audit, by: { userId: by, origin } })
    signal.throwIfAborted()
    await database.transaction(async (tx) => {
      await lockUser(tx, userId)
      const [user] = await tx.query<{ email: string | null }>(
        `select email from users where id = $1 and state = 'deleting'`,
        [userId],
      )
      if (!user) return
      for (const table of [
        'sessions',
        'access_tokens',
        'client_secrets',
        'credentials',
        'passkeys',
        'accounts',
        'identities',
        'prepared_identities',
        'group_members',
        'directory_users',
      ]) {
        await tx.query(`delete from ${table} where user_id = $1`, [userId])
      }
      await tx.query(`update users set state = 'deleted', is_admin = false, updated_at = now() where id = $1`, [userId])
      const event: NewAuditEvent = {
        action: 'user.delete',
        outcome: 'allow',
        userId: null,
        targetUserId: userId,
        bucket: null,
        key: null,
        reason: null,
        detail: { email: user.email, jobId: id, changed: { state: 'deleted' } },
        origin,
      }
      await recordWithin(tx, event, now())
    })
  }
}

/** Somebody who was deleted meanwhile can't receive anything: an administrator chooses anew. */
async function requireReceiver(database: Database, home: HomeChoice): Promise<void> {
  if (home.contents !== 'hand-over') return
  const found = await database.query(`select 1 from users where id = $1 and state not in ('deleting', 'deleted')`, [
    home.to,
  ])
  if (found.length === 0) throw new AppError('conflict', 'The user who was to receive the home is gone.')
}
