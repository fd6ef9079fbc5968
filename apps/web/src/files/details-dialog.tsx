import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import Typography from '@mui/material/Typography'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { type ReactElement, useId } from 'react'
import { useApp } from '../app/app-context.ts'
import { useIsGuest } from '../app/guest-context.ts'
import { EventLines } from '../dashboard/event-lines.tsx'
import { meQuery } from '../data/queries.ts'
import { KEYS } from '../data/query-keys.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { formatExactTime } from '../format/format-time.ts'
import { Fact } from '../ui/fact.tsx'
import { QueryState } from '../ui/query-state.tsx'
import type { FileEntry } from './entry.ts'
import { shownName } from '../format/shown-name.ts'

/** Events that are shown. */
const SHOWN = 10

interface DetailsDialogProps {
  readonly bucket: string
  readonly file: FileEntry
  readonly canRead: boolean
  readonly onClose: () => void
}

/** What is known of a file, and what was done to it. */
export function DetailsDialog({ bucket, file, canRead, onClose }: DetailsDialogProps): ReactElement {
  const { api } = useApp()
  const titleId = useId()
  const isGuest = useIsGuest()
  const { key, name, size, lastModified, etag, storageClass } = file
  const head = useQuery({
    queryKey: [KEYS.preview, 'head', bucket, key, lastModified],
    queryFn: async ({ signal }) => {
      const { url } = await api.presignedUrl({ bucket, key, operation: 'head', expiresIn: 60 }, { signal })
      const answer = await fetch(url, { method: 'HEAD', signal, credentials: 'omit' })
      return {
        type: answer.headers.get('content-type'),
        encryption: answer.headers.get('x-amz-server-side-encryption'),
      }
    },
    enabled: canRead,
    gcTime: 0,
  })
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="sm">
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        {shownName(name)}
      </DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        <Box
          component="dl"
          sx={{
            m: 0,
            display: 'grid',
            gridTemplateColumns: 'minmax(96px, auto) minmax(0, 1fr)',
            columnGap: 2,
            rowGap: 0.75,
            typography: 'body2',
          }}
        >
          <Fact name="Size">
            {formatBytes(size)} ({size.toLocaleString()} bytes)
          </Fact>
          <Fact name="Modified">{formatExactTime(lastModified)}</Fact>
          {canRead && <Fact name="Type">{head.data?.type ?? (head.isPending ? '…' : 'Not known')}</Fact>}
          <Fact name="Class">{storageClass}</Fact>
          {typeof head.data?.encryption === 'string' && <Fact name="Encryption">{head.data.encryption}</Fact>}
          <Fact name="Bucket">{bucket}</Fact>
          <Fact name="Key">{key}</Fact>
          <Fact name="ETag">{etag.replaceAll('"', '')}</Fact>
        </Box>
        {!isGuest && <Activity bucket={bucket} objectKey={key} />}
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button onClick={onClose} color="inherit" autoFocus>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  )
}

/** Of everybody for an administrator, else one's own. */
function Activity({ bucket, objectKey }: { readonly bucket: string; readonly objectKey: string }): ReactElement {
  const { api } = useApp()
  const { data: me } = useSuspenseQuery(meQuery(api))
  const events = useQuery({
    queryKey: [KEYS.activity, 'of', bucket, objectKey],
    queryFn: async ({ signal }) => {
      const query = { bucket, prefix: objectKey, limit: 50 }
      const page = await (me.isAdmin ? api.auditLogs(query, { signal }) : api.myActivity(query, { signal }))
      // Keys that only begin with this one belong to other files.
      return page.events.filter(({ key }) => key === objectKey).slice(0, SHOWN)
    },
  })
  return (
    <Box component="section">
      <Typography variant="h2" component="h3" sx={{ mb: 1 }}>
        {me.isAdmin ? 'Activity' : 'Your activity'}
      </Typography>
      <QueryState query={events}>
        {(found) => <EventLines events={found} showUser={me.isAdmin} empty="Nothing is recorded." />}
      </QueryState>
    </Box>
  )
}
