import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined'
import Close from '@mui/icons-material/Close'
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined'
import Replay from '@mui/icons-material/Replay'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import IconButton from '@mui/material/IconButton'
import LinearProgress from '@mui/material/LinearProgress'
import Tooltip from '@mui/material/Tooltip'
import Typography from '@mui/material/Typography'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { Tray } from '../ui/tray.tsx'
import type { UploadItem } from './upload-item.ts'
import { useReplacementUndo } from './use-replacement-undo.ts'
import { useUploads } from './use-uploads.ts'

/** Lines shown; what is under way and what failed come first, and the rest is counted. */
const SHOWN = 50

const ORDER = { failed: 0, exists: 1, sending: 2, waiting: 3, done: 4 } as const

export function UploadPanel(): ReactElement | null {
  const { uploads } = useApp()
  const items = useUploads()
  useReplacementUndo(items)
  if (items.length === 0) return null

  const count = (state: UploadItem['state']): number => items.filter((item) => item.state === state).length
  const [done, failed] = [count('done'), count('failed')]
  const active = items.length - done - failed
  const shown = items.toSorted((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, SHOWN)
  const summary =
    active > 0
      ? `Uploading ${active} of ${items.length}`
      : failed > 0
        ? `${failed} failed, ${done} uploaded`
        : `${done} uploaded`

  return (
    <Tray
      label="Uploads"
      right={24}
      summary={summary}
      actions={
        active > 0 ? (
          <Button size="small" color="inherit" onClick={uploads.cancelAll}>
            Cancel all
          </Button>
        ) : (
          <Tooltip title="Close">
            <IconButton size="small" aria-label="Close uploads" onClick={uploads.cancelAll}>
              <Close fontSize="small" />
            </IconButton>
          </Tooltip>
        )
      }
    >
      {shown.map((item) => (
        <UploadLine key={item.id} item={item} />
      ))}
      {items.length > SHOWN && (
        <Box component="li" sx={{ px: 2, py: 1, typography: 'caption', color: 'text.secondary' }}>
          and {items.length - SHOWN} more
        </Box>
      )}
    </Tray>
  )
}

function UploadLine({ item }: { readonly item: UploadItem }): ReactElement {
  const { uploads } = useApp()
  const { id, name, size, sent, state, error } = item
  return (
    <Box
      component="li"
      aria-label={name}
      sx={{ display: 'flex', alignItems: 'center', gap: 1, pl: 2, pr: 1, py: 0.75 }}
    >
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Typography variant="body2" noWrap title={name}>
          {name}
        </Typography>
        {state === 'failed' ? (
          <FailureText error={error} />
        ) : (
          <Typography variant="caption" color="textSecondary" component="div">
            {state === 'done'
              ? formatBytes(size)
              : state === 'exists'
                ? 'Exists already'
                : state === 'waiting'
                  ? `Waiting · ${formatBytes(size)}`
                  : `${formatBytes(sent)} of ${formatBytes(size)}`}
          </Typography>
        )}
        {state === 'sending' && (
          <LinearProgress
            variant={size > 0 ? 'determinate' : 'indeterminate'}
            value={size > 0 ? Math.min(100, (sent / size) * 100) : 0}
            aria-label={`Progress of ${name}`}
            sx={{ mt: 0.25, borderRadius: 1 }}
          />
        )}
      </Box>
      {state === 'done' && (
        <CheckCircleOutlined color="success" fontSize="small" titleAccess="Uploaded" sx={{ mr: 0.75 }} />
      )}
      {state === 'failed' && <ErrorOutlined color="error" fontSize="small" />}
      {state === 'failed' && (
        <Tooltip title="Try again">
          <IconButton size="small" aria-label={`Retry the upload of ${name}`} onClick={() => uploads.retry(id)}>
            <Replay fontSize="small" />
          </IconButton>
        </Tooltip>
      )}
      {state !== 'done' && (
        <Tooltip title={state === 'failed' ? 'Dismiss' : 'Cancel'}>
          <IconButton
            size="small"
            aria-label={`${state === 'failed' ? 'Dismiss' : 'Cancel'} the upload of ${name}`}
            onClick={() => uploads.cancel(id)}
          >
            <Close fontSize="small" />
          </IconButton>
        </Tooltip>
      )}
    </Box>
  )
}

function FailureText({ error }: { readonly error: unknown }): ReactElement {
  const known = error instanceof SkyCrateError ? error : undefined
  return (
    <Typography variant="caption" color="error" component="div" sx={{ overflowWrap: 'anywhere' }}>
      {known ? (known.detail ?? known.title) : 'The upload failed.'}
      {known?.requestId !== undefined && ` (request ${known.requestId})`}
    </Typography>
  )
}
