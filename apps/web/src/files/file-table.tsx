import HistoryOutlined from '@mui/icons-material/HistoryOutlined'
import { type ReactElement, type ReactNode, useMemo } from 'react'
import type { Rows } from '../data/use-rows.ts'
import { DataTable } from '../ui/data-table.tsx'
import type { Entry, FileEntry } from './entry.ts'
import { type FileTableActions, fileColumns } from './file-columns.tsx'

interface FileTableProps extends FileTableActions {
  readonly label: string
  readonly list: Rows<Entry>
  readonly empty: ReactNode
  /** Undefined where there are none to see. */
  readonly onVersions: ((file: FileEntry) => void) | undefined
}

/** A folder's entries. Enter opens a folder or downloads a file, Delete asks whether to delete it. */
export function FileTable(props: FileTableProps): ReactElement {
  const { label, list, empty, linkTo, onDownload, onDelete, onVersions } = props
  const columns = useMemo(() => fileColumns({ linkTo, onDownload, onDelete }), [linkTo, onDownload, onDelete])
  return (
    <DataTable
      label={label}
      columns={columns}
      list={list}
      // A folder and a file may have the same name.
      rowKey={(entry) => (entry.kind === 'folder' ? `folder ${entry.prefix}` : `file ${entry.key}`)}
      rank={({ kind }) => (kind === 'folder' ? 0 : 1)}
      empty={empty}
      {...(onVersions && {
        actions: (entry: Entry) =>
          entry.kind === 'file'
            ? [{ label: 'Versions', icon: <HistoryOutlined />, onSelect: () => onVersions(entry) }]
            : [],
        rowName: ({ name }: Entry) => name,
      })}
      onRowKey={(entry, key) => {
        if (key !== 'Delete' || entry.kind !== 'file' || !onDelete) return false
        onDelete(entry)
        return true
      }}
    />
  )
}
