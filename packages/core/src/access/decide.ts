import { ACTION_BIT, type Operation } from './operation.ts'
import type { Grant, PermissionSet } from './permission-set.ts'

export type Decision =
  | { readonly outcome: 'allow'; readonly permissionId: string; readonly expiresAt: number }
  | { readonly outcome: 'deny'; readonly reason: 'no-permission' | 'expired' }

const NO_PERMISSION: Decision = { outcome: 'deny', reason: 'no-permission' }
const EXPIRED: Decision = { outcome: 'deny', reason: 'expired' }

/**
 * The only place that says yes. A permission covers a key when the key starts with its prefix, and a prefix ends at a
 * folder boundary. The permission that holds longest wins, so that what is vended does not end early.
 *
 * @param now milliseconds since the epoch
 * @returns for `allow`, the matched permission and when it ends (milliseconds, or Infinity)
 */
export function decide(permissions: PermissionSet, operation: Operation, now: number): Decision {
  const prefixes = permissions.byStore.get(operation.store)?.get(operation.bucket)
  if (!prefixes) return NO_PERMISSION
  const bit = ACTION_BIT[operation.action]
  const { key } = operation
  let best: Grant | undefined
  let expired = false
  for (let end = 0; ;) {
    const grants = prefixes.get(end === key.length ? key : key.slice(0, end))
    if (grants) {
      for (const grant of grants) {
        if ((grant.actions & bit) === 0) continue
        if (grant.expiresAt <= now) expired = true
        else if (!best || grant.expiresAt > best.expiresAt) best = grant
      }
    }
    const slash = key.indexOf('/', end)
    if (slash === -1) break
    end = slash + 1
  }
  if (best) return { outcome: 'allow', permissionId: best.permissionId, expiresAt: best.expiresAt }
  return expired ? EXPIRED : NO_PERMISSION
}
