import Box from '@mui/material/Box'
import LinearProgress from '@mui/material/LinearProgress'
import MuiLink from '@mui/material/Link'
import Paper from '@mui/material/Paper'
import Typography from '@mui/material/Typography'
import type { AuditEvent } from '@skycrate/contract/audit/schemas'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react'
import { formatTime, formatTimeToTheSecond } from '../format/format-time.ts'
import { actionName } from './audit-actions.ts'
import { EventDialog } from './event-dialog.tsx'
import { OutcomeChip } from './outcome-chip.tsx'

const ROW_HEIGHT = 64

/** Rows before the end at which the next page is asked for. */
const AHEAD = 30

interface EventTableProps {
  readonly label: string
  readonly events: readonly AuditEvent[]
  /** Whether it is told who it was: not where all of them are the reader's own. */
  readonly showUser: boolean
  readonly hasMore: boolean
  readonly loadingMore: boolean
  readonly onMore: () => void
}

/** Audit events, newest first, fetched further as one scrolls down. */
export function EventTable(props: EventTableProps): ReactElement {
  'use no memo' // The virtualizer changes in place, which compiled components do not notice.
  const { label, events, showUser, hasMore, loadingMore, onMore } = props
  const [opened, setOpened] = useState<AuditEvent>()
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  })
  const visible = rows.getVirtualItems()
  const nearEnd = (visible.at(-1)?.index ?? 0) >= events.length - AHEAD

  useEffect(() => {
    if (hasMore && nearEnd && !loadingMore) onMore()
  }, [hasMore, nearEnd, loadingMore, onMore])

  const columns = {
    xs: 'minmax(0, 1fr) auto',
    md: `190px 165px minmax(0, 1fr) ${showUser ? '200px ' : ''}92px`,
  }
  return (
    <Paper
      variant="outlined"
      role="table"
      aria-label={label}
      aria-rowcount={hasMore ? -1 : events.length + 1}
      sx={{ minHeight: 0, display: 'flex', flexDirection: 'column', overflow: 'hidden' }}
    >
      <Box role="rowgroup" sx={{ display: { xs: 'none', md: 'block' } }}>
        <Box
          role="row"
          aria-rowindex={1}
          sx={{
            display: 'grid',
            gridTemplateColumns: columns,
            alignItems: 'center',
            gap: 2,
            px: 2,
            height: 40,
            borderBottom: 1,
            borderColor: 'divider',
            typography: 'caption',
            fontWeight: 600,
            color: 'text.secondary',
          }}
        >
          <span role="columnheader">Time</span>
          <span role="columnheader">What</span>
          <span role="columnheader">Where and why</span>
          {showUser && <span role="columnheader">User and address</span>}
          <span role="columnheader">Outcome</span>
        </Box>
      </Box>
      <Box ref={scroller} role="rowgroup" tabIndex={0} sx={{ overflow: 'auto', minHeight: 0 }}>
        <Box sx={{ position: 'relative' }} style={{ height: rows.getTotalSize() }}>
          {visible.map(({ index, start }) => {
            const event = events[index]
            return (
              event && (
                <Box
                  key={event.id}
                  role="row"
                  aria-rowindex={index + 2}
                  style={{ transform: `translateY(${start}px)` }}
                  sx={{
                    position: 'absolute',
                    inset: '0 0 auto 0',
                    display: 'grid',
                    gridTemplateColumns: columns,
                    alignItems: 'center',
                    gap: 2,
                    px: 2,
                    height: ROW_HEIGHT,
                    borderBottom: index === events.length - 1 ? 0 : 1,
                    borderColor: 'divider',
                    typography: 'body2',
                    '&:hover': { bgcolor: 'action.hover' },
                  }}
                >
                  <EventCells event={event} showUser={showUser} onOpen={setOpened} />
                </Box>
              )
            )
          })}
        </Box>
      </Box>
      {opened && <EventDialog event={opened} onClose={() => setOpened(undefined)} />}
      {loadingMore && <LinearProgress aria-label="Loading older events" />}
    </Paper>
  )
}

interface EventCellsProps {
  readonly event: AuditEvent
  readonly showUser: boolean
  readonly onOpen: (event: AuditEvent) => void
}

function EventCells({ event, showUser, onOpen }: EventCellsProps): ReactElement {
  const { at, action, bucket, key, reason, userId, userEmail, ip, outcome } = event
  // The key tells more than the bucket, which may be the same in every line.
  const told = [key, bucket, reason].filter((part) => part !== null && part !== '')
  const wide = { display: { xs: 'none', md: 'block' }, minWidth: 0 }
  const what = (
    <MuiLink
      component="button"
      type="button"
      color="inherit"
      underline="hover"
      variant="body2"
      onClick={() => onOpen(event)}
      sx={{ fontWeight: 600, textAlign: 'left', whiteSpace: 'nowrap', flexShrink: 0 }}
    >
      {actionName(action)}
    </MuiLink>
  )
  return (
    <>
      <Box role="cell" sx={{ ...wide, color: 'text.secondary', fontVariantNumeric: 'tabular-nums' }}>
        <time dateTime={at}>{formatTimeToTheSecond(at)}</time>
      </Box>
      <Box role="cell" sx={wide}>
        {what}
      </Box>
      <Box role="cell" sx={{ minWidth: 0 }}>
        <Box sx={{ display: { xs: 'flex', md: 'none' }, gap: 1, alignItems: 'baseline', minWidth: 0 }}>
          {what}
          <Typography variant="caption" color="textSecondary" noWrap>
            {formatTime(at)}
          </Typography>
        </Box>
        <TwoLines first={told[0] ?? '–'} second={told.slice(1).join(' · ')} />
      </Box>
      {showUser && (
        <Box role="cell" sx={wide}>
          <TwoLines first={userEmail ?? userId ?? 'Nobody signed in'} second={ip ?? ''} />
        </Box>
      )}
      <Box role="cell">
        <OutcomeChip outcome={outcome} />
      </Box>
    </>
  )
}

function TwoLines({ first, second }: { readonly first: string; readonly second: string }): ReactNode {
  return (
    <>
      <Typography variant="body2" noWrap title={first}>
        {first}
      </Typography>
      {second !== '' && (
        <Typography
          variant="caption"
          noWrap
          color="textSecondary"
          component="div"
          title={second}
          sx={{ display: { xs: 'none', md: 'block' } }}
        >
          {second}
        </Typography>
      )}
    </>
  )
}
