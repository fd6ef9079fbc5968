import type { Action } from './actions-at.ts'
import type { Entry } from './entry.ts'

export type ShareKind = 'download' | 'upload'

/** What a link can let strangers do: no more than the person may do. */
export const shareKindsOf = (actions: ReadonlySet<Action>, { kind }: Entry): ShareKind[] => [
  ...(actions.has('read') && (actions.has('list') || kind === 'file') ? (['download'] as const) : []),
  ...(actions.has('write') && kind === 'folder' ? (['upload'] as const) : []),
]
