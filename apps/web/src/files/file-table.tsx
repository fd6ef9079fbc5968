import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import DownloadOutlined from '@mui/icons-material/DownloadOutlined'
import FolderRounded from '@mui/icons-material/FolderRounded'
import InsertDriveFileOutlined from '@mui/icons-material/InsertDriveFileOutlined'
import Box from '@mui/material/Box'
import IconButton from '@mui/material/IconButton'
import MuiLink from '@mui/material/Link'
import Paper from '@mui/material/Paper'
import Tooltip from '@mui/material/Tooltip'
import type { LinkProps } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactElement, useEffect, useRef } from 'react'
import { formatBytes } from '../format/format-bytes.ts'
import { formatExactTime, formatTime } from '../format/format-time.ts'
import { RouterLink } from '../shell/router-link.tsx'
import type { Entry, FileEntry } from './entry.ts'

const ROW_HEIGHT = 56

/** Rows before the end at which the next page is asked for. */
const AHEAD = 100

const COLUMNS = { xs: 'minmax(0, 1fr) 72px', md: 'minmax(0, 1fr) 96px 190px 80px' }

interface FileTableProps {
  readonly label: string
  readonly entries: readonly Entry[]
  readonly linkTo: (prefix: string) => LinkProps
  readonly onDownload: ((file: FileEntry) => void) | undefined
  readonly onDelete: ((file: FileEntry) => void) | undefined
  readonly hasMore: boolean
  readonly onMore: () => void
}

/**
 * A folder's lines, of which only those in sight are in the document. Arrow keys, Home and End go from line to line,
 * Enter opens a folder or downloads a file, Delete asks whether to delete it.
 */
export function FileTable(props: FileTableProps): ReactElement {
  'use no memo' // The virtualizer changes in place, which compiled components do not notice.
  const { label, entries, linkTo, onDownload, onDelete, hasMore, onMore } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  })
  const visible = rows.getVirtualItems()
  const nearEnd = (visible.at(-1)?.index ?? 0) >= entries.length - AHEAD

  useEffect(() => {
    if (hasMore && nearEnd) onMore()
  }, [hasMore, nearEnd, onMore])

  const focusRow = (index: number): void => {
    const target = Math.min(Math.max(index, 0), entries.length - 1)
    rows.scrollToIndex(target)
    // A line out of sight comes into the document with the next frame.
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${target}"] [data-name]`)?.focus(),
    )
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return
    const index = Number(row.dataset['index'])
    const entry = entries[index]
    if (event.key === 'ArrowDown') focusRow(index + 1)
    else if (event.key === 'ArrowUp') focusRow(index - 1)
    else if (event.key === 'Home') focusRow(0)
    else if (event.key === 'End') focusRow(entries.length - 1)
    else if (event.key === 'Delete' && entry?.kind === 'file' && onDelete) onDelete(entry)
    else return
    event.preventDefault()
  }

  return (
    <Paper
      variant="outlined"
      role="table"
      aria-label={label}
      aria-rowcount={hasMore ? -1 : entries.length + 1}
      sx={{ minHeight: 0, display: 'flex', flexDirection: 'column', overflow: 'hidden' }}
    >
      <Box role="rowgroup">
        <Box
          role="row"
          aria-rowindex={1}
          sx={{
            display: 'grid',
            gridTemplateColumns: COLUMNS,
            alignItems: 'center',
            gap: { xs: 1, md: 3 },
            px: 2,
            height: 40,
            borderBottom: 1,
            borderColor: 'divider',
            typography: 'caption',
            fontWeight: 600,
            color: 'text.secondary',
          }}
        >
          <span role="columnheader">Name</span>
          <Box component="span" role="columnheader" sx={{ display: { xs: 'none', md: 'block' }, textAlign: 'right' }}>
            Size
          </Box>
          <Box component="span" role="columnheader" sx={{ display: { xs: 'none', md: 'block' } }}>
            Modified
          </Box>
          <span role="columnheader" aria-label="Actions" />
        </Box>
      </Box>
      <Box ref={scroller} role="rowgroup" onKeyDown={onKeyDown} sx={{ overflow: 'auto', minHeight: 0 }}>
        <Box sx={{ position: 'relative' }} style={{ height: rows.getTotalSize() }}>
          {visible.map(({ index, key, start }) => {
            const entry = entries[index]
            return (
              entry && (
                <Box
                  key={key}
                  role="row"
                  aria-rowindex={index + 2}
                  data-index={index}
                  style={{ transform: `translateY(${start}px)` }}
                  sx={{
                    position: 'absolute',
                    inset: '0 0 auto 0',
                    display: 'grid',
                    gridTemplateColumns: COLUMNS,
                    alignItems: 'center',
                    gap: { xs: 1, md: 3 },
                    px: 2,
                    height: ROW_HEIGHT,
                    borderBottom: index === entries.length - 1 ? 0 : 1,
                    borderColor: 'divider',
                    '&:hover, &:focus-within': { bgcolor: 'action.hover' },
                  }}
                >
                  <NameCell entry={entry} linkTo={linkTo} onDownload={onDownload} />
                  <Box
                    role="cell"
                    sx={{
                      display: { xs: 'none', md: 'block' },
                      textAlign: 'right',
                      typography: 'body2',
                      color: 'text.secondary',
                      fontVariantNumeric: 'tabular-nums',
                    }}
                  >
                    {entry.kind === 'file' ? formatBytes(entry.size) : ''}
                  </Box>
                  <Box
                    role="cell"
                    sx={{ display: { xs: 'none', md: 'block' }, typography: 'body2', color: 'text.secondary' }}
                  >
                    {entry.kind === 'file' && (
                      <time dateTime={entry.lastModified} title={formatExactTime(entry.lastModified)}>
                        {formatTime(entry.lastModified)}
                      </time>
                    )}
                  </Box>
                  <Box role="cell" sx={{ display: 'flex', justifyContent: 'flex-end' }}>
                    {entry.kind === 'file' && onDownload && (
                      <Tooltip title="Download">
                        <IconButton
                          size="small"
                          aria-label={`Download ${entry.name}`}
                          onClick={() => onDownload(entry)}
                        >
                          <DownloadOutlined fontSize="small" />
                        </IconButton>
                      </Tooltip>
                    )}
                    {entry.kind === 'file' && onDelete && (
                      <Tooltip title="Delete">
                        <IconButton size="small" aria-label={`Delete ${entry.name}`} onClick={() => onDelete(entry)}>
                          <DeleteOutlined fontSize="small" />
                        </IconButton>
                      </Tooltip>
                    )}
                  </Box>
                </Box>
              )
            )
          })}
        </Box>
      </Box>
    </Paper>
  )
}

interface NameCellProps {
  readonly entry: Entry
  readonly linkTo: (prefix: string) => LinkProps
  readonly onDownload: ((file: FileEntry) => void) | undefined
}

const CUT = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' } as const

const NAME = {
  display: 'block',
  minWidth: 0,
  maxWidth: '100%',
  // Spaces at the ends of a name and runs of them are part of it.
  whiteSpace: 'pre',
  textAlign: 'left',
  fontSize: '0.9375rem',
  overflow: 'hidden',
  textOverflow: 'ellipsis',
} as const

function NameCell({ entry, linkTo, onDownload }: NameCellProps): ReactElement {
  const name = entry.name === '' ? '(no name)' : entry.name
  return (
    <Box role="cell" sx={{ display: 'flex', alignItems: 'center', gap: 1.5, minWidth: 0 }}>
      {entry.kind === 'folder' ? (
        <FolderRounded sx={{ color: 'primary.main', opacity: 0.85 }} />
      ) : (
        <InsertDriveFileOutlined sx={{ color: 'text.secondary' }} />
      )}
      <Box sx={{ minWidth: 0 }}>
        {entry.kind === 'folder' ? (
          <RouterLink {...linkTo(entry.prefix)} data-name title={name} color="inherit" underline="hover" sx={NAME}>
            {name}
          </RouterLink>
        ) : onDownload ? (
          <MuiLink
            component="button"
            type="button"
            data-name
            title={name}
            color="inherit"
            underline="hover"
            variant="body1"
            onClick={() => onDownload(entry)}
            sx={NAME}
          >
            {name}
          </MuiLink>
        ) : (
          <Box tabIndex={0} data-name title={name} sx={NAME}>
            {name}
          </Box>
        )}
        {entry.kind === 'file' && (
          <Box
            component="span"
            sx={{ display: { xs: 'block', md: 'none' }, typography: 'caption', color: 'text.secondary', ...CUT }}
          >
            {formatBytes(entry.size)} · {formatTime(entry.lastModified)}
          </Box>
        )}
      </Box>
    </Box>
  )
}
