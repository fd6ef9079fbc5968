import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import Typography from '@mui/material/Typography'
import type { Versions } from '@skycrate/contract/versions/schemas'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { type ReactElement, useId, useRef } from 'react'
import { useApp } from '../app/app-context.ts'
import { versionsQuery } from '../data/queries.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { formatExactTime, formatTimeToTheSecond } from '../format/format-time.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { TableSkeleton } from '../ui/table-skeleton.tsx'
import type { Action } from './actions-at.ts'
import { downloadFile } from './download-file.ts'
import type { FileEntry } from './entry.ts'

type Version = Versions['versions'][number]

interface VersionsDialogProps {
  readonly bucket: string
  readonly file: FileEntry
  readonly actions: ReadonlySet<Action>
  readonly onClose: () => void
}

/** What a file was before: each version can be downloaded, and made the current one. */
export function VersionsDialog({ bucket, file, actions, onClose }: VersionsDialogProps): ReactElement {
  const { api, queries, refreshListings, toasts } = useApp()
  const titleId = useId()
  const close = useRef<HTMLButtonElement>(null)
  const query = useInfiniteQuery(versionsQuery(api, bucket, file.key))
  const versions = query.data?.pages.flatMap((page) => page.versions) ?? []
  const download = useMutation({
    mutationFn: ({ versionId }: Version) => downloadFile(api, bucket, file.key, file.name, versionId),
  })
  const restore = useMutation({
    mutationFn: ({ versionId }: Version) => api.restoreObject({ bucket, key: file.key, versionId }),
    onSuccess: () => {
      refreshListings(bucket, file.key)
      void queries.invalidateQueries({ queryKey: versionsQuery(api, bucket, file.key).queryKey })
      toasts.show(`Restored ${file.name}`)
      // The button that was pressed is gone: without this the keyboard would be nowhere.
      close.current?.focus()
    },
  })
  const error = query.error ?? download.error ?? restore.error
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="sm">
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        Versions of {file.name}
      </DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
        {error !== null && <ProblemAlert error={error} />}
        {query.isPending ? (
          <TableSkeleton label="Loading versions" />
        ) : (
          <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
            {versions.map((version) => (
              <VersionLine
                key={version.versionId}
                version={version}
                busy={restore.isPending}
                onDownload={actions.has('read') ? () => download.mutate(version) : undefined}
                onRestore={actions.has('write') ? () => restore.mutate(version) : undefined}
              />
            ))}
          </Box>
        )}
        {query.hasNextPage && (
          <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
            Show older versions
          </Button>
        )}
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button ref={close} onClick={onClose} color="inherit" autoFocus>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  )
}

interface VersionLineProps {
  readonly version: Version
  readonly busy: boolean
  readonly onDownload: (() => void) | undefined
  readonly onRestore: (() => void) | undefined
}

function VersionLine({ version, busy, onDownload, onRestore }: VersionLineProps): ReactElement {
  const { lastModified, size, isLatest, isDeleteMarker } = version
  const time = formatTimeToTheSecond(lastModified)
  return (
    <Box
      component="li"
      aria-label={`Version of ${time}`}
      sx={{
        display: 'flex',
        alignItems: 'center',
        flexWrap: 'wrap',
        gap: 1,
        py: 1,
        borderBottom: 1,
        borderColor: 'divider',
        '&:last-of-type': { borderBottom: 0 },
      }}
    >
      <Box sx={{ flex: '1 1 200px', minWidth: 0 }}>
        <Typography variant="body2" component="time" dateTime={lastModified} title={formatExactTime(lastModified)}>
          {time}
        </Typography>
        <Typography variant="caption" color="textSecondary" component="div">
          {isDeleteMarker ? 'Deleted' : formatBytes(size)}
        </Typography>
      </Box>
      {isLatest && <Chip size="small" label="Current" />}
      {!isDeleteMarker && onDownload && (
        <Button size="small" onClick={onDownload} aria-label={`Download the version of ${time}`}>
          Download
        </Button>
      )}
      {!isDeleteMarker && !isLatest && onRestore && (
        <Button size="small" onClick={onRestore} disabled={busy} aria-label={`Restore the version of ${time}`}>
          Restore
        </Button>
      )}
    </Box>
  )
}
