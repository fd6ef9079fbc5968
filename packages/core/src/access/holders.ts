import { ACTION_BIT, type Operation } from './operation.ts'
import { type Caller, holds, type Permission, type Principal } from './permission.ts'
import { type Binding, bindingsOf, escapeEmail } from './variables.ts'

/** A permission that allows one operation, and to whom of its principal it does. */
export interface Holder {
  readonly permissionId: string
  readonly principal: Principal
  /** Which users of the principal: those whose id and e-mail address are these. Empty: all of them. */
  readonly only: Binding
  /** Milliseconds since the epoch; Infinity when nothing ends it. */
  readonly expiresAt: number
}

/**
 * Who may do this: `decide` read backwards. Somebody is allowed exactly when one of the holders is theirs
 * (`isHolder`), whoever they are and whatever is known of them.
 *
 * @param now milliseconds since the epoch
 */
export function holdersOf(permissions: Iterable<Permission>, operation: Operation, now: number): Holder[] {
  const holders: Holder[] = []
  for (const permission of permissions) {
    const { id, principal, store, bucket, prefix, actions, expiresAt = Number.POSITIVE_INFINITY } = permission
    if (store !== operation.store || bucket !== operation.bucket) continue
    if ((actions & ACTION_BIT[operation.action]) === 0 || expiresAt <= now) continue
    for (const only of bindingsOf(prefix, operation.key)) {
      const isForAll = only.userId === undefined && only.email === undefined
      // A guest is nobody in particular, and a user's own permission is for no other id.
      if (principal.kind === 'guest' && !isForAll) continue
      if (principal.kind === 'user' && only.userId !== undefined && only.userId !== principal.userId) continue
      holders.push({ permissionId: id, principal, only, expiresAt })
    }
  }
  return holders
}

/** Whether this caller is one of those whom the holder stands for. */
export function isHolder(holder: Holder, caller: Caller): boolean {
  if (!holds(holder.principal, caller)) return false
  if ('guest' in caller) return true
  const { userId, email } = holder.only
  return (
    (userId === undefined || userId === caller.userId) &&
    (email === undefined || email === escapeEmail(caller.verifiedEmail))
  )
}
