import { lazy, type ReactElement, Suspense } from 'react'
import type { RowAction } from '../ui/row-action.tsx'
import type { Action } from './actions-at.ts'
import type { Asking } from './asking.ts'
import type { Entry } from './entry.ts'
import type { EntryIconName } from './entry-icon.tsx'
import { shareKindsOf } from './share-kinds.ts'

// Seen in an open menu only, and where something is selected.
const EntryIcon = lazy(() => import('./entry-icon.tsx').then((module) => ({ default: module.EntryIcon })))

const iconOf = (name: EntryIconName): ReactElement => (
  <Suspense fallback={null}>
    <EntryIcon name={name} />
  </Suspense>
)

export interface EntryWork {
  readonly actions: ReadonlySet<Action>
  /** What guests may do with a file stands in its row. */
  readonly isGuest: boolean
  readonly keepsVersions: boolean
  /** Whether something is selected: then one file can be downloaded from the bar, too. */
  readonly isSelecting: boolean
  readonly isStarred: (entry: Entry) => boolean
  readonly onAsk: (asking: Asking) => void
  readonly onDownload: (entries: readonly Entry[]) => void
  readonly onStar: (entry: Entry, starred: boolean) => void
  readonly onDelete: (entries: readonly Entry[]) => void
}

/** What can be done with some entries, for the menu of one and the bar above the table. */
export function entryActions(wanted: readonly Entry[], use: EntryWork): RowAction[] {
  const { actions, isGuest, keepsVersions, isSelecting, isStarred, onAsk, onDownload, onStar, onDelete } = use
  if (isGuest) return []
  const canRead = actions.has('read')
  const canDelete = actions.has('delete')
  const canMove = canRead && canDelete && actions.has('write')
  const [first] = wanted
  const one = wanted.length === 1 ? first : undefined
  const file = one?.kind === 'file' ? one : undefined
  const all: readonly (RowAction | false | undefined)[] = [
    one &&
      shareKindsOf(actions, one).length > 0 && {
        label: 'Share',
        icon: iconOf('share'),
        onSelect: () => onAsk({ about: 'share', entry: one }),
      },
    canRead &&
      (!file || isSelecting) && {
        label: 'Download',
        icon: iconOf('download'),
        onSelect: () => onDownload(wanted),
      },
    one && {
      label: isStarred(one) ? 'Take the star away' : 'Star',
      icon: iconOf('star'),
      onSelect: () => onStar(one, !isStarred(one)),
    },
    one &&
      canMove && {
        label: 'Rename',
        icon: iconOf('rename'),
        onSelect: () => onAsk({ about: 'rename', entry: one }),
      },
    canMove && {
      label: 'Move',
      icon: iconOf('move'),
      onSelect: () => onAsk({ about: 'move', entries: wanted }),
    },
    canRead && {
      label: 'Copy',
      icon: iconOf('copy'),
      onSelect: () => onAsk({ about: 'copy', entries: wanted }),
    },
    file &&
      keepsVersions &&
      canRead && { label: 'Versions', icon: iconOf('versions'), onSelect: () => onAsk({ about: 'versions', file }) },
    one &&
      canRead &&
      actions.has('write') && {
        label: 'Storage class',
        icon: iconOf('class'),
        onSelect: () => onAsk({ about: 'class', entry: one }),
      },
    file && { label: 'Details', icon: iconOf('details'), onSelect: () => onAsk({ about: 'details', file }) },
    canDelete && {
      label: 'Delete',
      icon: iconOf('delete'),
      destructive: true,
      onSelect: () => onDelete(wanted),
    },
  ]
  return all.filter((each): each is RowAction => each !== false && each !== undefined)
}
