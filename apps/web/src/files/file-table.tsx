import { type ReactElement, type ReactNode, useMemo } from 'react'
import { useIsGuest } from '../app/guest-context.ts'
import type { Rows } from '../data/use-rows.ts'
import { DataTable } from '../ui/data-table.tsx'
import type { TableSelection } from '../ui/table-selection.ts'
import type { RowAction } from '../ui/row-action.tsx'
import type { SortControl } from '../ui/use-sorted-rows.ts'
import type { Entry } from './entry.ts'
import { type FileTableActions, fileColumns } from './file-columns.tsx'
import { shownName } from '../format/shown-name.ts'

interface FileTableProps extends FileTableActions {
  readonly label: string
  readonly list: Rows<Entry>
  readonly empty: ReactNode
  readonly sort: SortControl
  readonly selection: TableSelection
  /** What the menu of an entry offers. */
  readonly actionsOf: (entry: Entry) => readonly RowAction[]
  /** A key pressed in a row, such as Delete. @returns whether it meant something */
  readonly onEntryKey: (entry: Entry, key: string) => boolean
}

/** A folder and a file may have the same name. */
export const entryKey = (entry: Entry): string =>
  entry.kind === 'folder' ? `folder ${entry.prefix}` : `file ${entry.key}`

/**
 * A folder's entries. Enter opens a folder or shows a file, F2 renames, Delete deletes. Guests open and download: the
 * routes of everything else are for who is signed in.
 */
export function FileTable(props: FileTableProps): ReactElement {
  const {
    label,
    list,
    empty,
    isStarred,
    linkTo,
    onOpen,
    onDownload,
    onDelete,
    sort,
    selection,
    actionsOf,
    onEntryKey,
  } = props
  const isGuest = useIsGuest()
  const columns = useMemo(
    () => fileColumns({ isStarred, linkTo, onOpen, onDownload, onDelete }),
    [isStarred, linkTo, onOpen, onDownload, onDelete],
  )
  return (
    <DataTable
      label={label}
      columns={columns}
      list={list}
      rowKey={entryKey}
      rank={({ kind }) => (kind === 'folder' ? 0 : 1)}
      sort={sort}
      empty={empty}
      draggable
      {...(!isGuest && { actions: actionsOf, selection })}
      rowName={({ name }) => shownName(name)}
      onRowKey={onEntryKey}
    />
  )
}
