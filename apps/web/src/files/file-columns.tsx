import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import DownloadOutlined from '@mui/icons-material/DownloadOutlined'
import Box from '@mui/material/Box'
import IconButton from '@mui/material/IconButton'
import type { LinkProps } from '@tanstack/react-router'
import { formatBytes } from '../format/format-bytes.ts'
import { formatExactTime, formatTime } from '../format/format-time.ts'
import type { Column } from '../ui/column.ts'
import type { Entry, FileEntry } from './entry.ts'
import { FileName } from './file-name.tsx'
import { FILE_SORTS } from './file-sort.ts'

export interface FileTableActions {
  readonly isStarred: (entry: Entry) => boolean
  readonly linkTo: (prefix: string) => LinkProps
  /** Undefined where the person may not. */
  readonly onOpen: ((file: FileEntry) => void) | undefined
  readonly onDownload: ((file: FileEntry) => void) | undefined
  readonly onDelete: ((file: FileEntry) => void) | undefined
}

export function fileColumns({
  isStarred,
  linkTo,
  onOpen,
  onDownload,
  onDelete,
}: FileTableActions): readonly Column<Entry>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      card: 'title',
      sortValue: FILE_SORTS.name,
      cell: (entry) => <FileName entry={entry} isStarred={isStarred(entry)} linkTo={linkTo} onOpen={onOpen} />,
    },
    {
      id: 'size',
      header: 'Size',
      width: '96px',
      align: 'right',
      card: 'none',
      sortValue: FILE_SORTS.size,
      cell: (entry) =>
        entry.kind === 'file' && (
          <Box component="span" sx={{ color: 'text.secondary', fontVariantNumeric: 'tabular-nums' }}>
            {formatBytes(entry.size)}
          </Box>
        ),
    },
    {
      id: 'modified',
      header: 'Modified',
      width: '190px',
      card: 'none',
      sortValue: FILE_SORTS.modified,
      cell: (entry) =>
        entry.kind === 'file' && (
          <Box
            component="time"
            dateTime={entry.lastModified}
            title={formatExactTime(entry.lastModified)}
            sx={{ color: 'text.secondary' }}
          >
            {formatTime(entry.lastModified)}
          </Box>
        ),
    },
    {
      id: 'actions',
      header: '',
      width: '80px',
      align: 'right',
      card: 'corner',
      cell: (entry) =>
        entry.kind === 'file' && (
          <Box sx={{ display: 'flex', justifyContent: 'flex-end' }}>
            {onDownload && (
              <IconButton
                size="small"
                title="Download"
                aria-label={`Download ${entry.name}`}
                onClick={() => onDownload(entry)}
              >
                <DownloadOutlined fontSize="small" />
              </IconButton>
            )}
            {onDelete && (
              <IconButton
                size="small"
                title="Delete"
                aria-label={`Delete ${entry.name}`}
                onClick={() => onDelete(entry)}
                // On a phone the name needs the room, and the menu offers it, too.
                sx={{ display: { xs: 'none', sm: 'inline-flex' } }}
              >
                <DeleteOutlined fontSize="small" />
              </IconButton>
            )}
          </Box>
        ),
    },
  ]
}
