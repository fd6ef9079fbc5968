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
import { Facts } from '../ui/facts.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import type { Action } from './actions-at.ts'
import type { FileEntry } from './entry.ts'
import { MetadataSection } from './metadata-section.tsx'
import { TagsSection } from './tags-section.tsx'
import { shownName } from '../format/shown-name.ts'

/** Events that are shown. */
const SHOWN = 10

interface DetailsDialogProps {
  readonly bucket: string
  readonly file: FileEntry
  readonly actions: ReadonlySet<Action>
  readonly onClose: () => void
}

/** What is known of a file, and what was done to it. */
export function DetailsDialog({ bucket, file, actions, onClose }: DetailsDialogProps): ReactElement {
  const { api, queries } = useApp()
  const titleId = useId()
  const isGuest = useIsGuest()
  const { key, name, size, lastModified, etag, storageClass } = file
  const canRead = actions.has('read')
  const query = {
    queryKey: [KEYS.preview, 'metadata', bucket, key, lastModified],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
      api.request('objectMetadata', { params: { bucket, key } }, { signal }),
  }
  const told = useQuery({ ...query, enabled: canRead, gcTime: 0 })
  const type = told.data?.headers.find((header) => header.name === 'content-type')?.value
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="sm">
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        {shownName(name)}
      </DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        <Facts>
          <Fact name="Size">
            {formatBytes(size)} ({size.toLocaleString()} bytes)
          </Fact>
          <Fact name="Modified">{formatExactTime(lastModified)}</Fact>
          {canRead && <Fact name="Type">{type ?? (told.isPending ? '…' : 'Not known')}</Fact>}
          <Fact name="Class">{storageClass}</Fact>
          {typeof told.data?.encryption === 'string' && <Fact name="Encryption">{told.data.encryption}</Fact>}
          <Fact name="Bucket">{bucket}</Fact>
          <Fact name="Key">{key}</Fact>
          <Fact name="ETag">{etag.replaceAll('"', '')}</Fact>
        </Facts>
        {told.isError && <ProblemAlert error={told.error} onRetry={() => void told.refetch()} />}
        {told.data && (
          <>
            <MetadataSection told={told.data} />
            <TagsSection
              bucket={bucket}
              objectKey={key}
              tags={told.data.tags}
              canWrite={actions.has('write') && !isGuest}
              onRead={async () => (await queries.fetchQuery({ ...query, staleTime: 0 })).tags ?? []}
              onChanged={(tags) => {
                queries.setQueryData(query.queryKey, { ...told.data, tags: [...tags] })
                void queries.invalidateQueries({ queryKey: [KEYS.activity] })
              }}
            />
          </>
        )}
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
