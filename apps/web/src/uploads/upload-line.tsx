import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined'
import Close from '@mui/icons-material/Close'
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined'
import PauseRounded from '@mui/icons-material/PauseRounded'
import PlayArrowRounded from '@mui/icons-material/PlayArrowRounded'
import Replay from '@mui/icons-material/Replay'
import Box from '@mui/material/Box'
import IconButton from '@mui/material/IconButton'
import LinearProgress from '@mui/material/LinearProgress'
import Typography from '@mui/material/Typography'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { ReactElement, ReactNode } from 'react'
import { useApp } from '../app/app-context.ts'
import { formatBytes } from '../format/format-bytes.ts'
import type { UploadItem } from './upload-item.ts'

interface UploadLineProps {
  readonly item: UploadItem
  readonly index: number
  /** From 1: only what is in sight is in the document. */
  readonly position: number
  readonly of: number
  readonly measure: (element: Element | null) => void
}

export function UploadLine({ item, index, position, of, measure }: UploadLineProps): ReactElement {
  const { uploads } = useApp()
  const { id, name, size, sent, state, error } = item
  const button = (title: string, label: string, icon: ReactNode, onClick: () => void): ReactElement => (
    <IconButton size="small" title={title} aria-label={`${label} the upload of ${name}`} onClick={onClick}>
      {icon}
    </IconButton>
  )
  return (
    <Box
      component="li"
      ref={measure}
      data-index={index}
      aria-label={name}
      aria-setsize={of}
      aria-posinset={position}
      sx={{ display: 'flex', alignItems: 'center', gap: 0.5, pl: 2, pr: 1, py: 0.75 }}
    >
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Typography variant="body2" noWrap title={name}>
          {name}
        </Typography>
        {state === 'failed' ? (
          <FailureText error={error} />
        ) : (
          <Typography variant="caption" color="textSecondary" component="div">
            {told(item)}
          </Typography>
        )}
        {(state === 'sending' || (state === 'paused' && sent > 0)) && (
          <LinearProgress
            variant={size > 0 ? 'determinate' : 'indeterminate'}
            value={size > 0 ? Math.min(100, (sent / size) * 100) : 0}
            color={state === 'paused' ? 'inherit' : 'primary'}
            aria-label={`Progress of ${name}`}
            sx={{ mt: 0.25, borderRadius: 1 }}
          />
        )}
      </Box>
      {state === 'done' && (
        <CheckCircleOutlined color="success" fontSize="small" titleAccess="Uploaded" sx={{ mr: 0.75 }} />
      )}
      {state === 'failed' && <ErrorOutlined color="error" fontSize="small" />}
      {state === 'failed' && button('Try again', 'Retry', <Replay fontSize="small" />, () => uploads.retry(id))}
      {(state === 'sending' || state === 'waiting') &&
        button('Pause', 'Pause', <PauseRounded fontSize="small" />, () => uploads.pause(id))}
      {state === 'paused' &&
        button('Resume', 'Resume', <PlayArrowRounded fontSize="small" />, () => uploads.resume(id))}
      {state !== 'done' &&
        button(
          state === 'failed' ? 'Dismiss' : 'Cancel',
          state === 'failed' ? 'Dismiss' : 'Cancel',
          <Close fontSize="small" />,
          () => uploads.cancel(id),
        )}
    </Box>
  )
}

function told({ key, state, size, sent, waitsFor }: UploadItem): string {
  const isFolder = key.endsWith('/')
  const whole = isFolder ? 'Empty folder' : formatBytes(size)
  const part = isFolder ? whole : `${formatBytes(sent)} of ${whole}`
  if (waitsFor !== undefined) return waitsFor === 'sign-in' ? 'Waiting for you to sign in' : `Trying again · ${part}`
  switch (state) {
    case 'done':
      return whole
    case 'exists':
      return 'Exists already'
    case 'interrupted':
      return `Interrupted · ${whole}`
    case 'paused':
      return `Paused · ${part}`
    case 'waiting':
      return `Waiting · ${whole}`
    case 'sending':
    case 'failed':
      return part
  }
}

function FailureText({ error }: { readonly error: unknown }): ReactElement {
  const known = error instanceof SkyCrateError ? error : undefined
  return (
    <Typography variant="caption" color="error" component="div" sx={{ overflowWrap: 'anywhere' }}>
      {known ? (known.detail ?? known.title) : 'The upload failed.'}
      {known?.requestId !== undefined && known.status >= 500 && ` (request ${known.requestId})`}
    </Typography>
  )
}
