import FolderRounded from '@mui/icons-material/FolderRounded'
import InsertDriveFileOutlined from '@mui/icons-material/InsertDriveFileOutlined'
import Box from '@mui/material/Box'
import type { LinkProps } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { formatBytes } from '../format/format-bytes.ts'
import { formatTime } from '../format/format-time.ts'
import type { Entry, FileEntry } from './entry.ts'
import { EntryLink } from './entry-link.tsx'
import { StarMark } from './star-mark.tsx'

interface FileNameProps {
  readonly entry: Entry
  readonly isStarred: boolean
  readonly linkTo: (prefix: string) => LinkProps
  /** Undefined where the person may not read it. */
  readonly onOpen: ((file: FileEntry) => void) | undefined
}

const CUT = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' } as const

/** Opens a folder, or shows a file. */
export function FileName({ entry, isStarred, linkTo, onOpen }: FileNameProps): ReactElement {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, minWidth: 0 }}>
      {entry.kind === 'folder' ? (
        <FolderRounded sx={{ color: 'primary.main', opacity: 0.85 }} />
      ) : (
        <InsertDriveFileOutlined sx={{ color: 'text.secondary' }} />
      )}
      <Box sx={{ minWidth: 0 }}>
        <EntryLink
          entry={entry}
          linkTo={linkTo}
          onOpen={onOpen}
          variant="body1"
          tabIndex={0}
          sx={{ fontSize: '0.9375rem', fontWeight: 400 }}
        />
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
      {isStarred && <StarMark />}
    </Box>
  )
}
