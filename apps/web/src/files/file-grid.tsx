import ArrowDownward from '@mui/icons-material/ArrowDownward'
import ArrowUpward from '@mui/icons-material/ArrowUpward'
import Box from '@mui/material/Box'
import Checkbox from '@mui/material/Checkbox'
import IconButton from '@mui/material/IconButton'
import LinearProgress from '@mui/material/LinearProgress'
import MenuItem from '@mui/material/MenuItem'
import TextField from '@mui/material/TextField'
import type { LinkProps } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactElement, useEffect, useRef, useState } from 'react'
import type { Rows } from '../data/use-rows.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import type { RowAction } from '../ui/row-action.tsx'
import { TableSkeleton } from '../ui/table-skeleton.tsx'
import type { TableSelection } from '../ui/table-selection.ts'
import { useRowNavigation } from '../ui/use-row-navigation.ts'
import type { SortControl } from '../ui/use-sorted-rows.ts'
import type { Entry, FileEntry } from './entry.ts'
import { FileCard } from './file-card.tsx'
import { sortEntries } from './file-sort.ts'
import { entryKey } from './file-table.tsx'
import { useThumbnails } from './use-thumbnails.ts'
import { shownName } from '../format/shown-name.ts'

/** Pixels. */
const CARD_WIDTH = 168
const CARD_HEIGHT = 196
const GAP = 12

export interface FileGridProps {
  readonly label: string
  readonly bucket: string
  readonly list: Rows<Entry>
  readonly sort: SortControl
  readonly isStarred: (entry: Entry) => boolean
  readonly linkTo: (prefix: string) => LinkProps
  readonly onOpen: ((file: FileEntry) => void) | undefined
  readonly actionsOf: (entry: Entry) => readonly RowAction[]
  /** Undefined for guests, who only open. */
  readonly selection: TableSelection | undefined
  /** A key pressed on a card, such as Delete. @returns whether it meant something */
  readonly onEntryKey: (entry: Entry, key: string) => boolean
  readonly empty: ReactElement
}

const ORDERS = { '': 'As stored', name: 'Name', size: 'Size', modified: 'Modified' } as const

/** A folder as pictures; only the rows in sight are in the document. */
export function FileGrid(props: FileGridProps): ReactElement {
  const { label, list, empty, sort } = props
  if (list.isPending) return <TableSkeleton label={`Loading ${label}`} />
  const [chosen] = sort.by
  return (
    <>
      {list.error !== null && <ProblemAlert error={list.error} onRetry={list.retry} />}
      {list.rows.length === 0 && !list.hasMore ? (
        list.error === null && empty
      ) : (
        <>
          <Box sx={{ display: 'flex', alignItems: 'center', gap: 0.5, mb: 1, flexShrink: 0 }}>
            <TextField
              select
              size="small"
              label="Sort by"
              value={chosen?.id ?? ''}
              onChange={({ target: { value } }) =>
                sort.onChange(() => (value === '' ? [] : [{ id: value, desc: chosen?.desc ?? false }]))
              }
              sx={{ width: 150 }}
            >
              {Object.entries(ORDERS).map(([id, name]) => (
                <MenuItem key={id} value={id}>
                  {name}
                </MenuItem>
              ))}
            </TextField>
            {chosen && (
              <IconButton
                aria-label={chosen.desc ? 'Descending; sort ascending' : 'Ascending; sort descending'}
                onClick={() => sort.onChange(() => [{ id: chosen.id, desc: !chosen.desc }])}
              >
                {chosen.desc ? <ArrowDownward /> : <ArrowUpward />}
              </IconButton>
            )}
          </Box>
          <Cards {...props} />
        </>
      )}
      {list.isLoadingMore && <LinearProgress aria-label={`Loading more ${label}`} />}
    </>
  )
}

function Cards(props: FileGridProps): ReactElement {
  'use no memo' // The virtualizer changes in place, which compiled components do not notice.
  const { label, list, sort, selection, onEntryKey } = props
  const { hasMore, isLoadingMore, loadMore } = list
  const entries = hasMore ? list.rows : sortEntries(list.rows, sort.by)
  const scroller = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    if (scroller.current) observer.observe(scroller.current)
    return () => observer.disconnect()
  }, [])
  const columns = Math.max(2, Math.floor((width + GAP) / (CARD_WIDTH + GAP)))
  const virtual = useVirtualizer({
    count: Math.ceil(entries.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => CARD_HEIGHT + GAP,
    overscan: 2,
  })
  const navigation = useRowNavigation({
    scroller,
    rows: entries,
    rowKey: entryKey,
    rowName: ({ name }) => shownName(name),
    columns,
    selection,
    scrollTo: (index) => virtual.scrollToIndex(Math.floor(index / columns)),
    onRowKey: onEntryKey,
  })
  const visible = virtual.getVirtualItems()
  const nearEnd = (visible.at(-1)?.index ?? 0) * columns >= entries.length - 5 * columns
  useEffect(() => {
    if (hasMore && nearEnd && !isLoadingMore) loadMore()
  }, [hasMore, nearEnd, isLoadingMore, loadMore])

  return (
    <Box
      ref={scroller}
      role="region"
      aria-label={label}
      tabIndex={0}
      onKeyDown={navigation.onKeyDown}
      onFocus={navigation.onFocus}
      sx={{ overflow: 'auto', minHeight: 160, flex: 1 }}
    >
      <Box sx={{ position: 'relative' }} style={{ height: virtual.getTotalSize() }}>
        {visible.map(({ index, key, start }) => (
          <Box
            key={key}
            style={{ transform: `translateY(${start}px)`, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
            sx={{ position: 'absolute', inset: '0 0 auto 0', display: 'grid', gap: `${GAP}px`, height: CARD_HEIGHT }}
          >
            <CardRow
              {...props}
              entries={entries.slice(index * columns, (index + 1) * columns)}
              start={index * columns}
              navigation={navigation}
            />
          </Box>
        ))}
      </Box>
    </Box>
  )
}

interface CardRowProps extends FileGridProps {
  readonly entries: readonly Entry[]
  /** The index of the first. */
  readonly start: number
  readonly navigation: Pick<ReturnType<typeof useRowNavigation<Entry>>, 'orderOf' | 'onRowClick'>
}

function CardRow(props: CardRowProps): ReactElement {
  const { bucket, entries, start, navigation, isStarred, linkTo, onOpen, actionsOf, selection } = props
  const thumbnails = useThumbnails(bucket, entries, onOpen !== undefined)
  return (
    <>
      {entries.map((entry, at) => {
        const key = entryKey(entry)
        const isSelected = selection?.selected.has(key) ?? false
        return (
          <FileCard
            key={key}
            place={{ 'data-index': start + at, 'data-key': key }}
            onClickCapture={(event) => navigation.onRowClick(entry, event)}
            entry={entry}
            isStarred={isStarred(entry)}
            thumbnail={entry.kind === 'file' ? thumbnails.get(entry.key) : undefined}
            linkTo={linkTo}
            onOpen={onOpen}
            actions={actionsOf(entry)}
            isSelected={isSelected}
            box={
              selection && (
                <Checkbox
                  size="small"
                  checked={isSelected}
                  onChange={({ nativeEvent }) => {
                    const how = (nativeEvent as globalThis.MouseEvent).shiftKey ? 'range' : 'toggle'
                    selection.onSelect(how, key, navigation.orderOf())
                  }}
                  slotProps={{ input: { 'aria-label': `Select ${shownName(entry.name)}` } }}
                  sx={{ p: 0.5 }}
                />
              )
            }
          />
        )
      })}
    </>
  )
}
