import {
  createSortedRowModel,
  rowSortingFeature,
  type SortDirection,
  type SortingState,
  type Updater,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useMemo, useState } from 'react'
import type { Column } from './column.ts'

const FEATURES = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })

const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** An order that its owner holds; the owner also sees to it that the whole list arrives. */
export interface SortControl {
  readonly by: SortingState
  readonly onChange: (change: Updater<SortingState>) => void
}

export const compareValues = (a: unknown, b: unknown): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : COLLATOR.compare(String(a), String(b))

interface SortOptions<Row> {
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  /** Whether all rows are here, so that sorting them tells the truth. */
  readonly complete: boolean
  /** Rows of a lower rank come first, whatever the order. */
  readonly rank: ((row: Row) => number) | undefined
  /** Without it the table holds its order itself. */
  readonly control?: SortControl | undefined
}

export interface SortedRows<Row> {
  readonly rows: readonly Row[]
  readonly canSort: (columnId: string) => boolean
  readonly sortedBy: (columnId: string) => SortDirection | false
  /** Ascending, then descending, then as the server gave them. */
  readonly toggle: (columnId: string) => void
}

/** Rows in the order that the person chose. */
export function useSortedRows<Row extends object>({
  columns,
  rows,
  rowKey,
  complete,
  rank,
  control,
}: SortOptions<Row>): SortedRows<Row> {
  'use no memo' // The table changes in place, which compiled components do not notice.
  const [held, setHeld] = useState<SortingState>([])
  const [chosen, setChosen] = control ? [control.by, control.onChange] : [held, setHeld]
  const canSort = complete || control !== undefined
  const definitions = useMemo(
    () =>
      columns.map(({ id, sortValue }) => ({
        id,
        accessorFn: (row: Row) => sortValue?.(row) ?? undefined,
        enableSorting: sortValue !== undefined,
        sortDescFirst: false,
        sortUndefined: 'last' as const,
        sortFn: (a: { getValue(id: string): unknown }, b: { getValue(id: string): unknown }) =>
          compareValues(a.getValue(id), b.getValue(id)),
      })),
    [columns],
  )
  const sorting = complete ? chosen : []
  const table = useTable<typeof FEATURES, Row>({
    features: FEATURES,
    columns: definitions,
    data: rows,
    manualSorting: !complete,
    getRowId: rowKey,
    enableMultiSort: false,
    // What is chosen may wait for the rest of the list.
    state: { sorting: canSort ? chosen : [] },
    onSortingChange: setChosen,
  })
  const sorted = table.getRowModel().rows.map(({ original }) => original)
  const column = (id: string) => table.getColumn(id)
  return {
    rows: rank && sorting.length > 0 ? sorted.toSorted((a, b) => rank(a) - rank(b)) : sorted,
    canSort: (id) => canSort && (column(id)?.getCanSort() ?? false),
    sortedBy: (id) => (canSort ? (column(id)?.getIsSorted() ?? false) : false),
    toggle: (id) => column(id)?.toggleSorting(),
  }
}
