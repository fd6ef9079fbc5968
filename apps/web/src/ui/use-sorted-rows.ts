import {
  createSortedRowModel,
  rowSortingFeature,
  type SortDirection,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useMemo, useState } from 'react'
import type { Column } from './column.ts'

const FEATURES = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })

const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

const compare = (a: unknown, b: unknown): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : COLLATOR.compare(String(a), String(b))

interface SortOptions<Row> {
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  /** Whether all rows are here, so that sorting them tells the truth. */
  readonly complete: boolean
  /** Rows of a lower rank come first, whatever the order. */
  readonly rank: ((row: Row) => number) | undefined
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
}: SortOptions<Row>): SortedRows<Row> {
  'use no memo' // The table changes in place, which compiled components do not notice.
  const [chosen, setChosen] = useState<SortingState>([])
  const definitions = useMemo(
    () =>
      columns.map(({ id, sortValue }) => ({
        id,
        accessorFn: (row: Row) => sortValue?.(row) ?? undefined,
        enableSorting: sortValue !== undefined,
        sortDescFirst: false,
        sortUndefined: 'last' as const,
        sortFn: (a: { getValue(id: string): unknown }, b: { getValue(id: string): unknown }) =>
          compare(a.getValue(id), b.getValue(id)),
      })),
    [columns],
  )
  const sorting = complete ? chosen : []
  const table = useTable<typeof FEATURES, Row>({
    features: FEATURES,
    columns: definitions,
    data: rows,
    getRowId: rowKey,
    enableMultiSort: false,
    state: { sorting },
    onSortingChange: setChosen,
  })
  const sorted = table.getRowModel().rows.map(({ original }) => original)
  const column = (id: string) => table.getColumn(id)
  return {
    rows: rank && sorting.length > 0 ? sorted.toSorted((a, b) => rank(a) - rank(b)) : sorted,
    canSort: (id) => complete && (column(id)?.getCanSort() ?? false),
    sortedBy: (id) => (complete ? (column(id)?.getIsSorted() ?? false) : false),
    toggle: (id) => column(id)?.toggleSorting(),
  }
}
