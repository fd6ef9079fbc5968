import type { Group } from '../identity/group.ts'
import type { UserId } from '../naming/id.ts'
import type { StoreId } from '../naming/store.ts'
import type { ActionSet } from './operation.ts'
import type { Scope } from './scope.ts'

/**
 * Who a permission is for. `everyone` is every signed-in user; `guest` is someone who is not signed in, and only that.
 */
export type Principal =
  | { readonly kind: 'user'; readonly userId: UserId }
  /** A group's name, and whose claim says it; null for SkyCrate's own groups. */
  | { readonly kind: 'group'; readonly group: string; readonly issuer: string | null }
  | { readonly kind: 'everyone' }
  | { readonly kind: 'guest' }

/** One row of access: allow only, so that removing a row removes the access. */
export interface Permission {
  readonly id: string
  readonly principal: Principal
  readonly store: StoreId
  readonly bucket: string
  /** `''` or ending in `/`; may hold `${user.id}` and `${user.email}` as a whole segment or part of one. */
  readonly prefix: string
  readonly actions: ActionSet
  /** Milliseconds since the epoch from which on it no longer holds. */
  readonly expiresAt?: number | undefined
}

/** The person (or guest) who asks. */
export type Caller =
  | {
      readonly userId: UserId
      readonly groups: readonly Group[]
      /** An e-mail address that an issuer vouches for. Absent or null: `${user.email}` grants nothing. */
      readonly verifiedEmail?: string | null
      /** What they have handed on to the token that asks; absent or null for themselves. */
      readonly scope?: Scope | null
    }
  | { readonly guest: true }

/** Whether a permission is for this caller at all. */
export function holds(principal: Principal, caller: Caller): boolean {
  switch (principal.kind) {
    case 'guest':
      return 'guest' in caller
    case 'everyone':
      return !('guest' in caller)
    case 'user':
      return !('guest' in caller) && caller.userId === principal.userId
    case 'group':
      return (
        !('guest' in caller) &&
        caller.groups.some(({ name, issuer }) => name === principal.group && issuer === principal.issuer)
      )
  }
}

export function isSamePrincipal(one: Principal, other: Principal): boolean {
  switch (one.kind) {
    case 'user':
      return other.kind === 'user' && one.userId === other.userId
    case 'group':
      return other.kind === 'group' && one.group === other.group && one.issuer === other.issuer
    case 'everyone':
    case 'guest':
      return one.kind === other.kind
  }
}
