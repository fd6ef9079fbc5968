import Close from '@mui/icons-material/Close'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import IconButton from '@mui/material/IconButton'
import LinearProgress from '@mui/material/LinearProgress'
import Typography from '@mui/material/Typography'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { ReactElement } from 'react'
import { counted } from '../format/counted.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { Tray } from '../ui/tray.tsx'
import { type ZipDownload, zipDownloads } from './zip-downloads.ts'

export function ZipTray({ items }: { readonly items: readonly ZipDownload[] }): ReactElement {
  const active = items.filter(({ state }) => state === 'running' || state === 'saving').length
  const failed = items.filter(({ state }) => state === 'failed').length
  const summary =
    active > 0 ? `Downloading ${counted(active, 'zip file')}` : failed > 0 ? `${failed} failed` : 'Downloaded'
  return (
    <Tray
      label="Downloads"
      summary={summary}
      actions={
        active === 0 && (
          <IconButton size="small" title="Close" aria-label="Close downloads" onClick={() => zipDownloads.set([])}>
            <Close fontSize="small" />
          </IconButton>
        )
      }
    >
      {items.map((item) => (
        <ZipLine key={item.id} item={item} />
      ))}
    </Tray>
  )
}

function ZipLine({ item }: { readonly item: ZipDownload }): ReactElement {
  const { name, state, files, bytes, leftOut, cancel } = item
  const isActive = state === 'running' || state === 'saving'
  return (
    <Box component="li" aria-label={name} sx={{ px: 2, py: 1 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
        <Typography variant="body2" noWrap title={name} sx={{ flex: 1, minWidth: 0 }}>
          {name}
        </Typography>
        {isActive && (
          <Button size="small" color="inherit" onClick={cancel} aria-label={`Cancel ${name}`}>
            Cancel
          </Button>
        )}
      </Box>
      <Typography variant="caption" color={state === 'failed' ? 'error' : 'textSecondary'} component="div">
        {state === 'failed'
          ? failureOf(item.error)
          : state === 'saving'
            ? 'Saving …'
            : `${counted(files, 'file')}, ${formatBytes(bytes)}`}
      </Typography>
      {leftOut.length > 0 && (
        <Typography variant="caption" color="textSecondary" component="div" sx={{ overflowWrap: 'anywhere' }}>
          Left out {counted(leftOut.length, 'file')} that {leftOut.length === 1 ? 'is' : 'are'} gone or may not be
          downloaded: {leftOut.slice(0, 3).join(', ')}
          {leftOut.length > 3 && ', …'}
        </Typography>
      )}
      {isActive && <LinearProgress aria-label={`Downloading ${name}`} sx={{ mt: 0.5, borderRadius: 1 }} />}
    </Box>
  )
}

function failureOf(error: unknown): string {
  if (error instanceof SkyCrateError) return [error.title, error.detail].filter(Boolean).join('. ')
  if (error instanceof DOMException && error.name === 'QuotaExceededError') {
    return 'The browser has too little space. Download fewer files at once.'
  }
  return 'The zip file could not be saved.'
}
