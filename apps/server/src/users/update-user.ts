import type { UserChange } from '@skycrate/contract/users/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import { endSessionsOf } from '../accounts/sessions.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Precondition } from '../precondition.ts'
import { lockAdministrators, requireAnotherAdministrator } from './last-administrator.ts'
import { lockUser } from './lock-user.ts'
import { requireOwnGroups, setOwnGroups } from './own-groups.ts'
import { findUserView } from './user-view.ts'
import type { By, UsersOptions } from './users-options.ts'

/** @throws AppError `not-found`, `precondition-failed`, `last-administrator`, `conflict`, `invalid-request` */
export async function updateUser(
  options: UsersOptions,
  userId: UserId,
  body: UserChange,
  precondition: Precondition,
  by: By,
): Promise<void> {
  if (body.name?.isWellFormed() === false) throw invalid('/name', 'is not valid Unicode')
  await changeRecorded(options, async (tx, record) => {
    await lockAdministrators(tx)
    await lockUser(tx, userId)
    const before = await findUserView(tx, userId)
    if (!before) throw new AppError('not-found')
    precondition(new Date(before.updatedAt))
    if (before.state === 'deleting') throw new AppError('conflict', 'This user is being deleted.')
    const groups = await requireOwnGroups(tx, body.groups)
    const state = await stateAfter(tx, userId, before.state, body.state)
    const isAdministrator = body.isAdmin && state === 'active'
    if (before.isAdmin && before.state === 'active' && !isAdministrator) await requireAnotherAdministrator(tx, userId)
    await tx.query(
      `update users set name_chosen = name_chosen or name is distinct from $2, name = $2, is_admin = $3, state = $4,
         updated_at = now()
       where id = $1`,
      [userId, body.name, body.isAdmin, state],
    )
    await setOwnGroups(tx, userId, groups)
    const isSuspension = state === 'suspended' && before.state !== 'suspended'
    if (isSuspension) await endSessionsOf(tx, userId)
    const after = (await findUserView(tx, userId))!
    const fields = (['name', 'isAdmin', 'state', 'groups'] as const).filter(
      (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
    )
    await record({
      action: isSuspension ? 'user.suspend' : 'user.update',
      outcome: 'allow',
      userId: by.userId,
      targetUserId: userId,
      bucket: null,
      key: null,
      reason: null,
      detail: {
        email: after.email,
        changed: Object.fromEntries(fields.map((field) => [field, after[field]])),
        before: Object.fromEntries(fields.map((field) => [field, before[field]])),
      },
      origin: by.origin,
    })
  })
  await options.settled()
}

/** Somebody who never came is invited again when the suspension ends. */
async function stateAfter(
  tx: Sql,
  userId: UserId,
  before: UserChange['state'],
  wished: UserChange['state'],
): Promise<UserChange['state']> {
  if (wished === before || wished === 'suspended') return wished
  if (wished === 'invited') throw invalid('/state', `can't be invited: the user is ${before}`)
  if (before === 'invited') throw invalid('/state', 'becomes active when the user accepts the invitation')
  const waiting = await tx.query(
    `select 1 from users u where u.id = $1 and u.last_sign_in_at is null
       and not exists (select 1 from credentials c where c.user_id = u.id)`,
    [userId],
  )
  return waiting.length > 0 ? 'invited' : 'active'
}

const invalid = (path: string, message: string): AppError =>
  new AppError('invalid-request', undefined, { errors: [{ path, message }] })
