import type { User as UserView, UserChange } from '@skycrate/contract/users/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import { endSessionsOf } from '../accounts/sessions.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { deleteTokensOf } from '../tokens/token-rows.ts'
import { requireAnotherAdministrator } from './last-administrator.ts'

/**
 * Suspends a user, with the end of their sessions and access tokens, or ends a suspension; under `lockAdministrators` and `lockUser`, in this order.
 *
 * @param user as read under the locks
 * @param isAdmin what the same change makes of them
 * @returns the state that follows: somebody who never came is invited again when the suspension ends
 * @throws AppError `last-administrator`, `invalid-request`
 */
export async function changeState(
  tx: Sql,
  user: Pick<UserView, 'state' | 'isAdmin'> & { readonly id: UserId },
  wished: UserChange['state'],
  isAdmin = user.isAdmin,
): Promise<UserChange['state']> {
  const state = await stateAfter(tx, user.id, user.state, wished)
  const isAdministrator = isAdmin && state === 'active'
  if (user.isAdmin && user.state === 'active' && !isAdministrator) await requireAnotherAdministrator(tx, user.id)
  if (state === user.state) return state
  await tx.query('update users set state = $2, updated_at = now() where id = $1', [user.id, state])
  if (state === 'suspended') {
    await endSessionsOf(tx, user.id)
    await deleteTokensOf(tx, user.id)
  }
  return state
}

async function stateAfter(
  tx: Sql,
  userId: UserId,
  before: UserView['state'],
  wished: UserChange['state'],
): Promise<UserChange['state']> {
  if (wished === before || wished === 'suspended') return wished
  if (wished === 'invited') throw invalid(`can't be invited: the user is ${before}`)
  if (before === 'invited') throw invalid('becomes active when the user accepts the invitation')
  const waiting = await tx.query(
    `select 1 from users u where u.id = $1 and u.last_sign_in_at is null
       and not exists (select 1 from credentials c where c.user_id = u.id)`,
    [userId],
  )
  return waiting.length > 0 ? 'invited' : 'active'
}

const invalid = (message: string): AppError =>
  new AppError('invalid-request', undefined, { errors: [{ path: '/state', message }] })
