import Box from '@mui/material/Box'
import Checkbox from '@mui/material/Checkbox'
import LinearProgress from '@mui/material/LinearProgress'
import Paper from '@mui/material/Paper'
import useMediaQuery from '@mui/material/useMediaQuery'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactElement, type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import type { Rows } from '../data/use-rows.ts'
import type { Column } from './column.ts'
import { ProblemAlert } from './problem-alert.tsx'
import type { RowAction } from './row-action.tsx'
import { RowContents } from './row-contents.tsx'
import { TableHeader } from './table-header.tsx'
import { HEADER_HEIGHT, ROW_SX } from './table-layout.ts'
import type { TableSelection } from './table-selection.ts'
import { TableSkeleton } from './table-skeleton.tsx'
import { useRowNavigation } from './use-row-navigation.ts'
import { type SortControl, useSortedRows } from './use-sorted-rows.ts'

/** Rows before the end at which the next page is asked for. */
const AHEAD = 40

/** Pixels, until a card has been measured. */
const CARD_HEIGHT = 96

interface DataTableProps<Row> {
  /** What a screen reader calls the table. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly list: Rows<Row>
  readonly rowKey: (row: Row) => string
  /** Shown instead of the table where there is no row. */
  readonly empty: ReactNode
  /** What the menu at the end of a row offers; no menu where there is nothing. */
  readonly actions?: (row: Row) => readonly RowAction[]
  /** What a row is called in the label of its menu. Needed with `actions`. */
  readonly rowName?: (row: Row) => string
  /** Pixels; default 56. Cards on a phone are as high as they need to be. */
  readonly rowHeight?: number
  /** Rows of a lower rank come first, however they are sorted. */
  readonly rank?: (row: Row) => number
  /** Where the page holds the order; see `useSortedRows`. */
  readonly sort?: SortControl
  /** A key pressed in a row, such as Delete. @returns whether it meant something */
  readonly onRowKey?: (row: Row, key: string) => boolean
  /** Lets rows be dragged; what a drag means is told to the element around the table. */
  readonly draggable?: boolean
  /** Makes rows selectable: by their boxes, by clicks with Ctrl and Shift, and by keys. */
  readonly selection?: TableSelection
}

/**
 * A list of the API as a table: only the rows in sight are in the document, further pages are fetched as one scrolls,
 * and on a phone each row becomes a card. Arrow keys, Home, End and the first letters of a name go from row to row.
 */
export function DataTable<Row extends object>(props: DataTableProps<Row>): ReactElement {
  const { list, label, empty } = props
  if (list.isPending) return <TableSkeleton label={`Loading ${label}`} />
  return (
    <>
      {list.error !== null && (
        <Box sx={{ mb: 2, flexShrink: 0 }}>
          <ProblemAlert error={list.error} onRetry={list.retry} />
        </Box>
      )}
      {list.rows.length > 0 || list.hasMore ? <LoadedTable {...props} /> : list.error === null && empty}
    </>
  )
}

function LoadedTable<Row extends object>(props: DataTableProps<Row>): ReactElement {
  'use no memo' // The virtualizer changes in place, which compiled components do not notice.
  const {
    label,
    columns,
    list,
    rowKey,
    actions,
    rowName,
    rowHeight = 56,
    rank,
    sort,
    onRowKey,
    selection,
    draggable,
  } = props
  const { hasMore, isLoadingMore, loadMore } = list
  const asCards = useMediaQuery((theme) => theme.breakpoints.down('sm'))
  const isNarrow = useMediaQuery((theme) => theme.breakpoints.down('md'))
  const shown = useMemo(
    () => (isNarrow ? columns.filter(({ wideOnly }) => wideOnly !== true) : columns),
    [columns, isNarrow],
  )
  const sorted = useSortedRows({ columns, rows: list.rows, complete: !hasMore, rank, control: sort })
  const { rows } = sorted

  const scroller = useRef<HTMLDivElement>(null)
  const headerHeight = asCards ? 0 : HEADER_HEIGHT
  // A new function would make the virtualizer measure every row anew, at each step of a scroll.
  const keyAt = useCallback((index: number) => rowKey(rows[index] as Row), [rows, rowKey])
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: keyAt,
    estimateSize: () => (asCards ? CARD_HEIGHT : rowHeight),
    overscan: 12,
    scrollMargin: headerHeight,
    scrollPaddingStart: headerHeight,
  })
  useLayoutEffect(() => virtual.measure(), [virtual, asCards, rowHeight])

  const visible = virtual.getVirtualItems()
  const nearEnd = (visible.at(-1)?.index ?? 0) >= rows.length - AHEAD
  useEffect(() => {
    if (hasMore && nearEnd && !isLoadingMore) loadMore()
  }, [hasMore, nearEnd, isLoadingMore, loadMore])

  const { onKeyDown, onFocus, onRowClick, orderOf } = useRowNavigation({
    scroller,
    rows,
    rowKey,
    rowName,
    columns: 1,
    selection,
    scrollTo: (index) => virtual.scrollToIndex(index),
    onRowKey,
  })
  const isSelected = (row: Row): boolean => selection?.selected.has(rowKey(row)) ?? false
  const selecting = useRef<(row: Row, how: 'range' | 'toggle') => void>(() => {})
  useLayoutEffect(() => {
    selecting.current = (row, how) => selection?.onSelect(how, rowKey(row), orderOf())
  })
  const onSelect = useCallback((row: Row, how: 'range' | 'toggle') => selecting.current(row, how), [])

  const template = [
    ...(selection ? ['28px'] : []),
    ...shown.map(({ width = 'minmax(0, 1fr)' }) => width),
    ...(actions ? ['40px'] : []),
  ].join(' ')
  const headBox = selection && (
    <Checkbox
      size="small"
      checked={rows.length > 0 && selection.selected.size >= rows.length}
      indeterminate={selection.selected.size > 0 && selection.selected.size < rows.length}
      onChange={(_event, ticked) => (ticked ? selection.onSelectAll(orderOf()) : selection.onClear())}
      slotProps={{ input: { 'aria-label': 'Select all' } }}
      sx={{ p: 0.5, ml: -0.5 }}
    />
  )
  return (
    <Paper
      variant="outlined"
      // A few rows stand whole; of more, some can be seen however low the window is.
      sx={{
        ...(rows.length <= 2 ? { flexShrink: 0 } : { minHeight: 160 }),
        display: 'flex',
        flexDirection: 'column',
        overflow: 'hidden',
      }}
    >
      <Box
        ref={scroller}
        role="table"
        aria-label={label}
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
        sx={{ overflow: 'auto', minHeight: 0, '&:focus-visible': { outlineOffset: -2 } }}
      >
        {!asCards && (
          <TableHeader
            columns={shown}
            template={template}
            sorted={sorted}
            hasMenu={actions !== undefined}
            lead={headBox}
          />
        )}
        <Box role="rowgroup" sx={{ position: 'relative' }} style={{ height: virtual.getTotalSize() }}>
          {visible.map(({ index, key, start }) => {
            const row = rows[index]
            if (row === undefined) return null
            const isLast = index === rows.length - 1
            return (
              <Box
                key={key}
                ref={asCards ? virtual.measureElement : undefined}
                role="row"
                aria-rowindex={index + 2}
                data-index={index}
                data-key={key}
                {...(draggable && { draggable: true })}
                {...(selection && { 'aria-selected': isSelected(row) })}
                onClickCapture={(event) => onRowClick(row, event)}
                style={{
                  transform: `translateY(${start - headerHeight}px)`,
                  ...(asCards ? {} : { gridTemplateColumns: template, height: rowHeight }),
                }}
                sx={{
                  ...ROW_SX,
                  borderBottom: isLast ? 0 : 1,
                  borderColor: 'divider',
                  display: asCards ? 'block' : 'grid',
                }}
              >
                <RowContents
                  row={row}
                  columns={asCards ? columns : shown}
                  asCard={asCards}
                  actions={actions}
                  rowName={rowName}
                  isSelected={selection && isSelected(row)}
                  onSelect={onSelect}
                />
              </Box>
            )
          })}
        </Box>
      </Box>
      {isLoadingMore && <LinearProgress aria-label={`Loading more ${label}`} />}
    </Paper>
  )
}
