import ChevronRight from '@mui/icons-material/ChevronRight'
import FolderRounded from '@mui/icons-material/FolderRounded'
import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import List from '@mui/material/List'
import ListItem from '@mui/material/ListItem'
import ListItemButton from '@mui/material/ListItemButton'
import ListItemText from '@mui/material/ListItemText'
import Typography from '@mui/material/Typography'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { listingQuery, locationsQuery } from '../data/queries.ts'
import { usePathName } from '../data/use-path-name.ts'
import { bucketsOf } from '../locations/buckets-of.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { TableSkeleton } from '../ui/table-skeleton.tsx'
import { shownName } from '../format/shown-name.ts'

/** What to do where a name is taken. */
export type OnConflict = 'keep-both' | 'replace' | 'skip'

export interface Place {
  readonly bucket: string
  readonly prefix: string
}

interface TransferDialogProps {
  readonly kind: 'copy' | 'move'
  /** What goes, such as "3 items". */
  readonly what: string
  /** Where one begins to look. */
  readonly start: Place
  /** @throws what the dialog then shows */
  readonly onChoose: (place: Place, onConflict?: OnConflict) => Promise<unknown>
  readonly onClose: () => void
}

/** Asks for a folder: in this bucket, or in any other location. */
export function TransferDialog({ kind, what, start, onChoose, onClose }: TransferDialogProps): ReactElement {
  const { api } = useApp()
  const titleId = useId()
  const pathName = usePathName()
  /** Undefined: all locations. */
  const [place, setPlace] = useState<Place | undefined>(start)
  const verb = kind === 'copy' ? 'Copy' : 'Move'
  const choose = useMutation({
    mutationFn: (onConflict: OnConflict | undefined) => onChoose(place ?? start, onConflict),
    onSuccess: onClose,
  })
  const isTaken = choose.error instanceof SkyCrateError && choose.error.code === 'precondition-failed'
  const go = (next: Place | undefined): void => {
    choose.reset()
    setPlace(next)
  }
  const locations = useInfiniteQuery({ ...locationsQuery(api), enabled: place === undefined })
  const listing = useInfiniteQuery({
    ...listingQuery(api, place?.bucket ?? '', place?.prefix ?? ''),
    enabled: place !== undefined,
  })
  const query = place === undefined ? locations : listing
  const entries: { name: string; place: Place }[] =
    place === undefined
      ? bucketsOf(locations.data?.pages ?? []).flatMap(({ bucket, locations: all }) =>
          all
            .filter(({ actions }) => actions.includes('list'))
            .map(({ prefix }) => ({ name: pathName(bucket, prefix).replace(/\/$/, ''), place: { bucket, prefix } })),
        )
      : (listing.data?.pages ?? [])
          .flatMap(({ prefixes }) => prefixes)
          .map((prefix) => ({
            name: shownName(prefix.slice(place.prefix.length, -1)),
            place: { bucket: place.bucket, prefix },
          }))
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="xs">
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        {verb} {what}
      </DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>
        <Typography variant="body2" color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
          To: {place === undefined ? 'choose a location' : pathName(place.bucket, place.prefix)}
        </Typography>
        <Box>
          <Button
            size="small"
            disabled={place === undefined}
            onClick={() => {
              if (place) go(place.prefix === '' ? undefined : { ...place, prefix: parentOf(place.prefix) })
            }}
          >
            Up one level
          </Button>
          <Button size="small" disabled={place === undefined} onClick={() => go(undefined)}>
            All locations
          </Button>
        </Box>
        {isTaken ? (
          <Alert severity="warning">
            There is a file of this name already. Replacing it keeps its earlier version only where the bucket keeps
            versions.
            <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mt: 1 }}>
              <Button size="small" disabled={choose.isPending} onClick={() => choose.mutate('keep-both')}>
                Keep both
              </Button>
              <Button size="small" color="error" disabled={choose.isPending} onClick={() => choose.mutate('replace')}>
                Replace
              </Button>
            </Box>
          </Alert>
        ) : (
          (query.error ?? choose.error) !== null && <ProblemAlert error={query.error ?? choose.error} />
        )}
        {query.isPending ? (
          <TableSkeleton label="Loading folders" />
        ) : entries.length === 0 ? (
          <Typography variant="body2" color="textSecondary">
            No folders here.
          </Typography>
        ) : (
          <List dense disablePadding aria-label="Folders" sx={{ overflow: 'auto', maxHeight: 280 }}>
            {entries.map(({ name, place: next }) => (
              <ListItem key={`${next.bucket}/${next.prefix}`} disablePadding>
                <ListItemButton onClick={() => go(next)} sx={{ gap: 1 }}>
                  <FolderRounded fontSize="small" color="primary" />
                  <ListItemText primary={name} sx={{ overflowWrap: 'anywhere' }} />
                  <ChevronRight fontSize="small" color="action" />
                </ListItemButton>
              </ListItem>
            ))}
          </List>
        )}
        {query.hasNextPage && (
          <Button size="small" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
            Show more
          </Button>
        )}
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button onClick={onClose} color="inherit">
          Cancel
        </Button>
        <Button
          variant="contained"
          disabled={place === undefined}
          loading={choose.isPending}
          onClick={() => choose.mutate(undefined)}
        >
          {verb} here
        </Button>
      </DialogActions>
    </Dialog>
  )
}

const parentOf = (prefix: string): string => prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1)
