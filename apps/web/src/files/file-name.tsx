import FolderRounded from '@mui/icons-material/FolderRounded'
import InsertDriveFileOutlined from '@mui/icons-material/InsertDriveFileOutlined'
import Box from '@mui/material/Box'
import MuiLink from '@mui/material/Link'
import type { LinkProps } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { formatBytes } from '../format/format-bytes.ts'
import { formatTime } from '../format/format-time.ts'
import { RouterLink } from '../ui/router-link.tsx'
import type { Entry, FileEntry } from './entry.ts'

interface FileNameProps {
  readonly entry: Entry
  readonly linkTo: (prefix: string) => LinkProps
  /** Undefined where the person may not read it. */
  readonly onOpen: ((file: FileEntry) => void) | undefined
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
  fontWeight: 400,
  overflow: 'hidden',
  textOverflow: 'ellipsis',
} as const

/** Opens a folder, or shows a file. */
export function FileName({ entry, linkTo, onOpen }: FileNameProps): ReactElement {
  const name = entry.name === '' ? '(no name)' : entry.name
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, minWidth: 0 }}>
      {entry.kind === 'folder' ? (
        <FolderRounded sx={{ color: 'primary.main', opacity: 0.85 }} />
      ) : (
        <InsertDriveFileOutlined sx={{ color: 'text.secondary' }} />
      )}
      <Box sx={{ minWidth: 0 }}>
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
            variant="body1"
            onClick={() => onOpen(entry)}
            sx={NAME}
          >
            {name}
          </MuiLink>
        ) : (
          <Box tabIndex={0} title={name} sx={NAME}>
            {name}
          </Box>
        )}
        {entry.kind === 'file' && (
          <Box
            component="span"
            sx={{
              display: { xs: 'block', sm: 'none' },
              typography: 'caption',
              color: 'text.secondary',
              fontWeight: 400,
              ...CUT,
            }}
          >
            {formatBytes(entry.size)} · {formatTime(entry.lastModified)}
          </Box>
        )}
      </Box>
    </Box>
  )
}
