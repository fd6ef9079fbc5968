import type { Action, Operation } from '@skycrate/core/access/operation'
import type { ShareRow } from './share-rows.ts'

/** What a link of each kind is for, the first of it being what opens it. */
const ACTIONS = {
  file: ['read'],
  folder: ['list', 'read'],
  'drop-box': ['write'],
} as const satisfies Record<ShareRow['kind'], readonly [Action, ...Action[]]>

type Place = Pick<ShareRow, 'kind' | 'store' | 'bucket' | 'path'>

/** What its owner must be allowed, at its creation and whenever it is used. */
export function operationsOf({ kind, store, bucket, path }: Place): readonly Operation[] {
  return ACTIONS[kind].map((action) => ({ action, store, bucket, key: path }))
}

export function openingOf({ kind, store, bucket, path }: Place): Operation {
  return { action: ACTIONS[kind][0], store, bucket, key: path }
}
