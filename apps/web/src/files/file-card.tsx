import Box from '@mui/material/Box'
import FolderRounded from '@mui/icons-material/FolderRounded'
import InsertDriveFileOutlined from '@mui/icons-material/InsertDriveFileOutlined'
import Paper from '@mui/material/Paper'
import type { LinkProps } from '@tanstack/react-router'
import { type MouseEventHandler, type ReactElement, type ReactNode, useState } from 'react'
import { formatBytes } from '../format/format-bytes.ts'
import { type RowAction, RowActions } from '../ui/row-action.tsx'
import type { Entry, FileEntry } from './entry.ts'
import { EntryLink } from './entry-link.tsx'
import { StarMark } from './star-mark.tsx'
import { shownName } from '../format/shown-name.ts'

interface FileCardProps {
  /** Where it is in the list. */
  readonly place: { readonly 'data-index': number; readonly 'data-key': string }
  readonly onClickCapture: MouseEventHandler<HTMLElement>
  readonly entry: Entry
  readonly isStarred: boolean
  readonly thumbnail: string | undefined
  readonly linkTo: (prefix: string) => LinkProps
  readonly onOpen: ((file: FileEntry) => void) | undefined
  readonly actions: readonly RowAction[]
  readonly isSelected: boolean
  readonly box: ReactNode
}

/** The whole card opens it. */
const WHOLE_CARD = { '&::before': { content: '""', position: 'absolute', inset: 0 } } as const

export function FileCard(props: FileCardProps): ReactElement {
  const { place, onClickCapture, entry, isStarred, thumbnail, linkTo, onOpen, actions, isSelected, box } = props
  const name = shownName(entry.name)
  const [failed, setFailed] = useState<string>()
  return (
    <Paper
      variant="outlined"
      {...place}
      draggable
      onClickCapture={onClickCapture}
      sx={{
        position: 'relative',
        display: 'flex',
        flexDirection: 'column',
        overflow: 'hidden',
        ...(isSelected && { bgcolor: 'action.selected', borderColor: 'primary.main' }),
        '&:hover': { borderColor: 'text.secondary' },
        '&:has(a:focus-visible, button:focus-visible)': { outline: 2, outlineColor: 'primary.main' },
      }}
    >
      <Box sx={{ flex: 1, minHeight: 0, display: 'flex', bgcolor: 'action.hover' }}>
        {thumbnail !== undefined && thumbnail !== failed ? (
          <Box
            component="img"
            src={thumbnail}
            alt=""
            loading="lazy"
            onError={() => setFailed(thumbnail)}
            sx={{ width: 1, height: 1, objectFit: 'cover' }}
          />
        ) : entry.kind === 'folder' ? (
          <FolderRounded sx={{ m: 'auto', fontSize: 56, color: 'primary.main', opacity: 0.85 }} />
        ) : (
          <InsertDriveFileOutlined sx={{ m: 'auto', fontSize: 48, color: 'text.secondary' }} />
        )}
      </Box>
      <Box sx={{ display: 'flex', alignItems: 'center', pl: 1, py: 0.5, minWidth: 0 }}>
        <Box sx={{ minWidth: 0, flex: 1, typography: 'body2' }}>
          <EntryLink entry={entry} linkTo={linkTo} onOpen={onOpen} variant="body2" tabIndex={0} sx={WHOLE_CARD} />
          <Box sx={{ typography: 'caption', color: 'text.secondary' }}>
            {entry.kind === 'file' ? formatBytes(entry.size) : 'Folder'}
          </Box>
        </Box>
        {isStarred && <StarMark />}
        <Box sx={{ position: 'relative', flexShrink: 0 }}>
          <RowActions actions={actions} rowName={name} />
        </Box>
      </Box>
      {box !== undefined && (
        <Box
          sx={{ position: 'absolute', top: 4, left: 4, borderRadius: 1, bgcolor: 'background.paper', opacity: 0.92 }}
        >
          {box}
        </Box>
      )}
    </Paper>
  )
}
