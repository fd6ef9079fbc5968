import Box from '@mui/material/Box'
import FolderRounded from '@mui/icons-material/FolderRounded'
import InsertDriveFileOutlined from '@mui/icons-material/InsertDriveFileOutlined'
import MuiLink from '@mui/material/Link'
import Paper from '@mui/material/Paper'
import type { LinkProps } from '@tanstack/react-router'
import { type ReactElement, type ReactNode, useState } from 'react'
import { formatBytes } from '../format/format-bytes.ts'
import { type RowAction, RowActions } from '../ui/row-action.tsx'
import { RouterLink } from '../ui/router-link.tsx'
import type { Entry, FileEntry } from './entry.ts'

interface FileCardProps {
  readonly entry: Entry
  readonly thumbnail: string | undefined
  readonly linkTo: (prefix: string) => LinkProps
  readonly onOpen: ((file: FileEntry) => void) | undefined
  readonly actions: readonly RowAction[]
  readonly isSelected: boolean
  readonly box: ReactNode
}

const NAME = {
  display: 'block',
  minWidth: 0,
  maxWidth: '100%',
  whiteSpace: 'pre',
  overflow: 'hidden',
  textOverflow: 'ellipsis',
  textAlign: 'left',
  // The whole card opens it.
  '&::before': { content: '""', position: 'absolute', inset: 0 },
} as const

export function FileCard(props: FileCardProps): ReactElement {
  const { entry, thumbnail, linkTo, onOpen, actions, isSelected, box } = props
  const name = entry.name || '(no name)'
  const [failed, setFailed] = useState<string>()
  return (
    <Paper
      variant="outlined"
      sx={{
        position: 'relative',
        display: 'flex',
        flexDirection: 'column',
        overflow: 'hidden',
        ...(isSelected && { bgcolor: 'action.selected', borderColor: 'primary.main' }),
        '&:hover': { borderColor: 'text.secondary' },
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
          {entry.kind === 'folder' ? (
            <RouterLink {...linkTo(entry.prefix)} title={name} color="inherit" underline="hover" sx={NAME}>
              {name}
            </RouterLink>
          ) : onOpen ? (
            <MuiLink
              component="button"
              type="button"
              title={name}
              color="inherit"
              underline="hover"
              variant="body2"
              onClick={() => onOpen(entry)}
              sx={NAME}
            >
              {name}
            </MuiLink>
          ) : (
            <Box title={name} sx={NAME}>
              {name}
            </Box>
          )}
          <Box sx={{ typography: 'caption', color: 'text.secondary' }}>
            {entry.kind === 'file' ? formatBytes(entry.size) : 'Folder'}
          </Box>
        </Box>
        <Box sx={{ position: 'relative', flexShrink: 0 }}>
          <RowActions actions={actions} rowName={name} />
        </Box>
      </Box>
      <Box sx={{ position: 'absolute', top: 4, left: 4, borderRadius: 1, bgcolor: 'background.paper', opacity: 0.92 }}>
        {box}
      </Box>
    </Paper>
  )
}
