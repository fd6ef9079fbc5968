import CloudUploadOutlined from '@mui/icons-material/CloudUploadOutlined'
import Box from '@mui/material/Box'
import type { ReactElement } from 'react'

export function DropOverlay({ folderName }: { readonly folderName: string }): ReactElement {
  return (
    <Box
      sx={{
        position: 'fixed',
        inset: 0,
        zIndex: 'modal',
        pointerEvents: 'none',
        display: 'grid',
        placeItems: 'center',
        p: 2,
        bgcolor: 'color-mix(in srgb, var(--mui-palette-background-default) 88%, transparent)',
        backdropFilter: 'blur(6px)',
      }}
    >
      <Box
        sx={{
          display: 'flex',
          flexDirection: 'column',
          alignItems: 'center',
          justifyContent: 'center',
          gap: 1,
          width: '100%',
          height: '100%',
          border: 2,
          borderStyle: 'dashed',
          borderColor: 'primary.main',
          borderRadius: 1.5,
          color: 'primary.main',
          typography: 'h1',
          textAlign: 'center',
          overflowWrap: 'anywhere',
        }}
      >
        <CloudUploadOutlined sx={{ fontSize: 48 }} />
        Drop to upload to {folderName}
      </Box>
    </Box>
  )
}
