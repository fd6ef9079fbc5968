import InsertDriveFileOutlined from '@mui/icons-material/InsertDriveFileOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import type { ReactElement } from 'react'

interface NoPreviewProps {
  /** Why; it says what the file is otherwise. */
  readonly reason?: string
  readonly onDownload: () => void
}

export function NoPreview({ reason, onDownload }: NoPreviewProps): ReactElement {
  return (
    <Box sx={{ m: 'auto', p: 3, textAlign: 'center' }}>
      <InsertDriveFileOutlined sx={{ fontSize: 48, color: 'text.secondary', mb: 1 }} />
      <Typography sx={{ mb: 2 }}>{reason ?? 'This kind of file has no preview.'}</Typography>
      <Button variant="contained" onClick={onDownload}>
        Download
      </Button>
    </Box>
  )
}
