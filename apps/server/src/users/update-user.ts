import type { UserChange } from '@skycrate/contract/users/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import { AppError } from '../errors/app-error.ts'
import type { Precondition } from '../precondition.ts'
import { changeState } from './change-state.ts'
import { lockAdministrators } from './last-administrator.ts'
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
    const state = await changeState(tx, { ...before, id: userId }, body.state, body.isAdmin)
    await tx.query(
      `update users set name_chosen = name_chosen or name is distinct from $2, name = $2, is_admin = $3, updated_at = now()
       where id = $1`,
      [userId, body.name, body.isAdmin],
    )
    await setOwnGroups(tx, userId, groups)
    const isSuspension = state === 'suspended' && before.state !== 'suspended'
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

const invalid = (path: string, message: string): AppError =>
  new AppError('invalid-request', undefined, { errors: [{ path, message }] })
