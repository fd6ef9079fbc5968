import CloudUploadOutlined from '@mui/icons-material/CloudUploadOutlined'
import FolderOffOutlined from '@mui/icons-material/FolderOffOutlined'
import FolderOutlined from '@mui/icons-material/FolderOutlined'
import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { ReactElement } from 'react'
import { useIsGuest } from '../app/guest-context.ts'

interface EmptyFolderProps {
  readonly canList: boolean
  readonly canWrite: boolean
}

export function EmptyFolder({ canList, canWrite }: EmptyFolderProps): ReactElement {
  const isGuest = useIsGuest()
  const Icon = canWrite ? CloudUploadOutlined : canList ? FolderOutlined : FolderOffOutlined
  return (
    <Box
      sx={{
        flex: 1,
        display: 'flex',
        flexDirection: 'column',
        alignItems: 'center',
        justifyContent: 'center',
        gap: 1,
        minHeight: 280,
        p: 3,
        textAlign: 'center',
        border: 2,
        borderStyle: 'dashed',
        borderColor: 'divider',
        borderRadius: 1.5,
      }}
    >
      <Icon sx={{ fontSize: 44, color: 'text.secondary', opacity: 0.6 }} />
      <Typography variant="h2">
        {canList ? 'Nothing here yet' : 'You cannot see the contents of this folder'}
      </Typography>
      <Typography color="textSecondary">
        {canWrite
          ? 'Drop files or folders anywhere on this page, or use the Upload button.'
          : canList
            ? isGuest
              ? 'Guests cannot add files. Sign in if you have access.'
              : 'You have read access, but cannot add files.'
            : isGuest
              ? 'Guests cannot list this folder. Sign in if you have access.'
              : 'You have no permission to list this folder.'}
      </Typography>
    </Box>
  )
}
