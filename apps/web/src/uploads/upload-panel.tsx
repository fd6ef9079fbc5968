import Close from '@mui/icons-material/Close'
import PauseRounded from '@mui/icons-material/PauseRounded'
import PlayArrowRounded from '@mui/icons-material/PlayArrowRounded'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import IconButton from '@mui/material/IconButton'
import LinearProgress from '@mui/material/LinearProgress'
import Typography from '@mui/material/Typography'
import { measureElement, useVirtualizer } from '@tanstack/react-virtual'
import { type ReactElement, useRef } from 'react'
import { useApp } from '../app/app-context.ts'
import { counted } from '../format/counted.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { formatDuration } from '../format/format-duration.ts'
import { Tray } from '../ui/tray.tsx'
import { InterruptedUploads } from './interrupted-uploads.tsx'
import type { UploadItem, UploadState, UploadsView } from './upload-item.ts'
import { UploadLine } from './upload-line.tsx'
import { useReplacementUndo } from './use-replacement-undo.ts'
import { useUploads } from './use-uploads.ts'

/** Pixels, until a line has been measured. */
const LINE_HEIGHT = 56

/** What needs somebody and what is under way come first. */
const ORDER: readonly UploadState[] = ['failed', 'exists', 'interrupted', 'sending', 'paused', 'waiting', 'done']

export function UploadPanel(): ReactElement | null {
  'use no memo' // The virtualizer changes in place, which compiled components do not notice.
  const { uploads } = useApp()
  const view = useUploads()
  const { items, count } = view
  useReplacementUndo(items)
  const scroller = useRef<HTMLDivElement>(null)
  const shown = inOrder(items)
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => shown[index]?.id ?? index,
    estimateSize: () => LINE_HEIGHT,
    // A line of a minimised list has no height.
    measureElement: (...given) => measureElement(...given) || LINE_HEIGHT,
    overscan: 6,
    initialRect: { width: 380, height: 420 },
  })
  // What is under way stays at the top, where lines come and go.
  virtual.shouldAdjustScrollPositionOnItemSizeChange = () => false
  if (items.length === 0) return null

  const visible = virtual.getVirtualItems()
  const isMoving = count.waiting + count.sending > 0
  const isOpen = isMoving || count.paused + count.exists + count.interrupted > 0
  return (
    <Tray
      label="Uploads"
      summary={summaryOf(view)}
      scroller={scroller}
      listStyle={{
        paddingTop: visible[0]?.start ?? 0,
        paddingBottom: virtual.getTotalSize() - (visible.at(-1)?.end ?? 0),
      }}
      header={
        <>
          {isMoving && <Progress view={view} />}
          {count.interrupted > 0 && <InterruptedUploads items={items} />}
        </>
      }
      actions={
        <>
          {isMoving && (
            <IconButton size="small" title="Pause all" aria-label="Pause all uploads" onClick={uploads.pauseAll}>
              <PauseRounded fontSize="small" />
            </IconButton>
          )}
          {!isMoving && count.paused > 0 && (
            <IconButton size="small" title="Resume all" aria-label="Resume all uploads" onClick={uploads.resumeAll}>
              <PlayArrowRounded fontSize="small" />
            </IconButton>
          )}
          {isOpen ? (
            <Button size="small" color="inherit" onClick={() => void uploads.cancelAll()}>
              Cancel all
            </Button>
          ) : (
            <IconButton size="small" title="Close" aria-label="Close uploads" onClick={() => void uploads.cancelAll()}>
              <Close fontSize="small" />
            </IconButton>
          )}
        </>
      }
    >
      {visible.map(({ index, key }) => {
        const item = shown[index]
        return (
          item && (
            <UploadLine
              key={key}
              item={item}
              position={index + 1}
              of={shown.length}
              measure={virtual.measureElement}
              index={index}
            />
          )
        )
      })}
    </Tray>
  )
}

function inOrder(items: readonly UploadItem[]): UploadItem[] {
  const byState = new Map<UploadState, UploadItem[]>(ORDER.map((state) => [state, []]))
  for (const item of items) byState.get(item.state)?.push(item)
  return [...byState.values()].flat()
}

function summaryOf({ items, count }: UploadsView): string {
  const { done, failed, paused, interrupted } = count
  const active = count.waiting + count.sending + count.exists
  if (active > 0) return `Uploading · ${done.toLocaleString()} of ${items.length.toLocaleString()}`
  if (paused > 0) return `${paused.toLocaleString()} paused`
  if (interrupted > 0) return `${counted(interrupted, 'upload')} interrupted`
  return failed > 0
    ? `${failed.toLocaleString()} failed, ${done.toLocaleString()} uploaded`
    : `${done.toLocaleString()} uploaded`
}

/** How far all of them are, how fast it goes, and how long it takes. */
function Progress({ view }: { readonly view: UploadsView }): ReactElement {
  const { fraction, bytesPerSecond, waitsFor, secondsLeft } = view
  return (
    <Box sx={{ px: 2, pb: 1, flexShrink: 0 }}>
      <LinearProgress
        variant="determinate"
        value={fraction * 100}
        aria-label="Progress of all uploads"
        sx={{ borderRadius: 1 }}
      />
      <Typography variant="caption" color="textSecondary" component="div" sx={{ mt: 0.5, minHeight: 20 }}>
        {waitsFor !== undefined
          ? waitsFor === 'sign-in'
            ? 'Sign in again to go on.'
            : 'The connection is lost. Uploads go on when it is back.'
          : bytesPerSecond > 0 &&
            `${formatBytes(bytesPerSecond)}/s${secondsLeft === undefined ? '' : ` · ${formatDuration(secondsLeft)} left`}`}
      </Typography>
    </Box>
  )
}
