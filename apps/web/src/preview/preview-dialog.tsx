import ChevronLeft from '@mui/icons-material/ChevronLeft'
import ChevronRight from '@mui/icons-material/ChevronRight'
import Close from '@mui/icons-material/Close'
import DownloadOutlined from '@mui/icons-material/DownloadOutlined'
import Box from '@mui/material/Box'
import Dialog from '@mui/material/Dialog'
import IconButton from '@mui/material/IconButton'
import Typography from '@mui/material/Typography'
import { type KeyboardEvent, type ReactElement, useId, useState } from 'react'
import type { FileEntry } from '../files/entry.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { PreviewContent } from './preview-content.tsx'
import { shownName } from '../format/shown-name.ts'

interface PreviewDialogProps {
  readonly bucket: string
  /** In the order in which they are gone through. */
  readonly files: readonly FileEntry[]
  readonly start: FileEntry
  readonly onDownload: (file: FileEntry) => void
  readonly onClose: () => void
}

/** Shows a file without leaving its folder; arrow keys go to the next and the previous one. */
export function PreviewDialog({ bucket, files, start, onDownload, onClose }: PreviewDialogProps): ReactElement {
  const titleId = useId()
  const [key, setKey] = useState(start.key)
  const at = files.findIndex((file) => file.key === key)
  const file = files[at] ?? start
  const name = shownName(file.name)
  const step = (by: number): void => {
    const next = files[at + by]
    if (at !== -1 && next) setKey(next.key)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    // A film has arrow keys of its own.
    const own = (event.target as Element).closest('video, audio')
    if (own || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (event.key === 'ArrowRight') step(1)
    else if (event.key === 'ArrowLeft') step(-1)
    else return
    event.preventDefault()
  }
  return (
    <Dialog
      open
      fullScreen
      onClose={onClose}
      onKeyDown={onKeyDown}
      aria-labelledby={titleId}
      slotProps={{ paper: { sx: { bgcolor: 'background.default' } } }}
    >
      <Box
        sx={{
          display: 'flex',
          alignItems: 'center',
          gap: 0.5,
          px: { xs: 1, md: 2 },
          minHeight: 56,
          flexShrink: 0,
          borderBottom: 1,
          borderColor: 'divider',
          bgcolor: 'background.paper',
        }}
      >
        <Box sx={{ flex: 1, minWidth: 0 }}>
          <Typography id={titleId} variant="h2" noWrap title={name} sx={{ whiteSpace: 'pre' }}>
            {name}
          </Typography>
          <Typography variant="caption" color="textSecondary" component="div" noWrap role="status">
            {formatBytes(file.size)}
            {at !== -1 && files.length > 1 && ` · ${(at + 1).toLocaleString()} of ${files.length.toLocaleString()}`}
          </Typography>
        </Box>
        <IconButton title="Previous" aria-label="Previous file" onClick={() => step(-1)} disabled={at <= 0}>
          <ChevronLeft />
        </IconButton>
        <IconButton
          title="Next"
          aria-label="Next file"
          onClick={() => step(1)}
          disabled={at === -1 || at === files.length - 1}
        >
          <ChevronRight />
        </IconButton>
        <IconButton title="Download" aria-label={`Download ${name}`} onClick={() => onDownload(file)}>
          <DownloadOutlined />
        </IconButton>
        <IconButton title="Close" aria-label="Close the preview" onClick={onClose} autoFocus>
          <Close />
        </IconButton>
      </Box>
      <Box sx={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column' }}>
        <PreviewContent key={file.key} bucket={bucket} file={file} onDownload={() => onDownload(file)} />
      </Box>
    </Dialog>
  )
}
