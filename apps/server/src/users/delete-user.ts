import type { UserDeletion } from '@skycrate/contract/users/schemas'
import { isId, type JobId, type UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import { deleteOneTimeCodes } from '../accounts/one-time-codes.ts'
import { endSessionsOf } from '../accounts/sessions.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { HomeChoice } from '../homes/end-home.ts'
import type { Precondition } from '../precondition.ts'
import { DELETE_USER, type UserDeletionInput } from './delete-user-job.ts'
import { lockAdministrators, requireAnotherAdministrator } from './last-administrator.ts'
import { lockUser } from './lock-user.ts'
import { findUserView } from './user-view.ts'
import type { ByUser, UsersOptions } from './users-options.ts'

/**
 * From here on the user is refused everywhere; a job deletes what they have. A deletion that failed may be asked for
 * again, with another choice.
 * @throws AppError `not-found`, `precondition-failed`, `last-administrator`, `invalid-request`
 */
export async function deleteUser(
  options: UsersOptions,
  userId: UserId,
  wish: UserDeletion,
  precondition: Precondition,
  by: ByUser,
): Promise<JobId> {
  const job = await changeRecorded(options, async (tx, record) => {
    await lockAdministrators(tx)
    await lockUser(tx, userId)
    const user = await findUserView(tx, userId)
    if (!user) throw new AppError('not-found')
    precondition(new Date(user.updatedAt))
    const home = await homeChoice(tx, userId, wish, user.hasHome)
    if (user.isAdmin && user.state === 'active') await requireAnotherAdministrator(tx, userId)
    await tx.query(`update users set state = 'deleting', updated_at = now() where id = $1`, [userId])
    await endSessionsOf(tx, userId)
    await deleteOneTimeCodes(tx, userId)
    const input: UserDeletionInput = { userId, home, by: by.userId }
    const jobId = await options.jobs.enqueue(DELETE_USER, input, { createdBy: by.userId, key: userId, tx })
    await record({
      action: 'user.delete',
      outcome: 'allow',
      userId: by.userId,
      targetUserId: userId,
      bucket: null,
      key: null,
      reason: null,
      detail: { email: user.email, jobId, changed: { state: 'deleting', home } },
      origin: by.origin,
    })
    return jobId
  })
  await options.settled()
  return job
}

async function homeChoice(tx: Sql, userId: UserId, wish: UserDeletion, hasHome: boolean): Promise<HomeChoice> {
  const { home, handTo } = wish
  if (handTo !== undefined && home !== 'hand-to') throw invalid('/handTo', 'goes with home=hand-to')
  if (home === 'keep') return { contents: home }
  if (home === 'hand-to') return { contents: 'hand-over', to: await receiver(tx, userId, handTo) }
  if (home === undefined && hasHome) {
    throw invalid('/home', 'is needed, since the user has a home: delete, keep or hand-to')
  }
  // Without a home, what they put into shared places goes with them.
  return { contents: 'delete' }
}

async function receiver(tx: Sql, userId: UserId, handTo: string | undefined): Promise<UserId> {
  if (handTo !== undefined && isId('usr', handTo) && handTo !== userId) {
    const found = await tx.query(`select 1 from users where id = $1 and state not in ('deleting', 'deleted')`, [handTo])
    if (found.length > 0) return handTo
  }
  throw invalid('/handTo', 'must be the id of another user')
}

const invalid = (path: string, message: string): AppError =>
  new AppError('invalid-request', undefined, { errors: [{ path, message }] })
