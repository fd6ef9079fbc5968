import Box from '@mui/material/Box'
import LinearProgress from '@mui/material/LinearProgress'
import Typography from '@mui/material/Typography'
import type { Quota } from '@skycrate/contract/quotas/schemas'
import type { ReactElement } from 'react'
import { counted } from '../format/counted.ts'
import { formatBytes } from '../format/format-bytes.ts'

const WHOSE = { user: 'Your files', group: 'Your group', bucket: 'The bucket' } as const satisfies Record<
  Quota['kind'],
  string
>

/** How much of a quota is taken. What uploads have reserved counts. */
export function QuotaUse({
  quota,
  titled = false,
}: {
  readonly quota: Quota
  readonly titled?: boolean
}): ReactElement {
  const { kind, name, maxBytes, maxObjects, usedBytes, reservedBytes, usedObjects, reservedObjects } = quota
  const bytes = usedBytes + reservedBytes
  const objects = usedObjects + reservedObjects
  const shares = [
    ...(maxBytes === null ? [] : [maxBytes === 0 ? 1 : bytes / maxBytes]),
    ...(maxObjects === null ? [] : [maxObjects === 0 ? 1 : objects / maxObjects]),
  ]
  const percent = Math.min(100, Math.round(100 * Math.max(0, ...shares)))
  return (
    <Box>
      {titled && (
        <Typography variant="body2" sx={{ mb: 0.5 }}>
          {kind === 'group' ? `${WHOSE.group} ${name}` : WHOSE[kind]}
        </Typography>
      )}
      <LinearProgress
        variant="determinate"
        value={percent}
        color={percent >= 90 ? 'error' : 'primary'}
        aria-label={`${percent} % of the quota is taken`}
        sx={{ height: 8, borderRadius: 1 }}
      />
      <Typography variant="caption" color="textSecondary" component="div" sx={{ mt: 0.5 }}>
        {formatBytes(bytes)}
        {maxBytes !== null && ` of ${formatBytes(maxBytes)}`} · {counted(objects, 'file')}
        {maxObjects !== null && ` of ${maxObjects.toLocaleString()}`}
      </Typography>
    </Box>
  )
}
