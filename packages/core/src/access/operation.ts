import type { StoreId } from '../naming/store.ts'

/** The four actions that a permission can hold. */
export const ACTIONS = ['read', 'write', 'delete', 'list'] as const
export type Action = (typeof ACTIONS)[number]

/** A set of actions as bits, so that permissions on one prefix join with `|`. */
export type ActionSet = number & { readonly __actions?: never }

export const ACTION_BIT: Readonly<Record<Action, number>> = { read: 1, write: 2, delete: 4, list: 8 }

export function actionSet(actions: Iterable<Action>): ActionSet {
  let bits = 0
  for (const action of actions) bits |= ACTION_BIT[action]
  return bits
}

export function actionsOf(bits: ActionSet): Action[] {
  return ACTIONS.filter((action) => (bits & ACTION_BIT[action]) !== 0)
}

/**
 * What someone asks to do. For `list`, `key` is the prefix that is listed: it may be cut anywhere, and is covered by a
 * permission only when it lies wholly inside the permission's prefix.
 */
export interface Operation {
  readonly action: Action
  readonly store: StoreId
  readonly bucket: string
  readonly key: string
}
