import { useMemo, useState } from 'react'
import type { Column } from './column.ts'

/** By which column rows are sorted: one, or none as the server gave them. */
export type SortingState = readonly { readonly id: string; readonly desc: boolean }[]

const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** An order that its owner holds; the owner also sees to it that the whole list arrives. */
export interface SortControl {
  readonly by: SortingState
  readonly onChange: (change: (before: SortingState) => SortingState) => void
}

export const compareValues = (a: unknown, b: unknown): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : COLLATOR.compare(String(a), String(b))

interface SortOptions<Row> {
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
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
  readonly sortedBy: (columnId: string) => 'asc' | 'desc' | false
  /** Ascending, then descending, then as the server gave them. */
  readonly toggle: (columnId: string) => void
}

/** Rows in the order that the person chose. */
export function useSortedRows<Row extends object>(options: SortOptions<Row>): SortedRows<Row> {
  const { columns, rows, complete, rank, control } = options
  const [held, setHeld] = useState<SortingState>([])
  const [chosen, setChosen] = control ? [control.by, control.onChange] : [held, setHeld]
  const canSort = complete || control !== undefined
  // What is chosen may wait for the rest of the list.
  const by = complete ? chosen[0] : undefined
  const sorted = useMemo(() => sort(rows, columns, by, rank), [rows, columns, by, rank])
  const shown = canSort ? chosen[0] : undefined
  return {
    rows: sorted,
    canSort: (id) => canSort && columns.some((column) => column.id === id && column.sortValue !== undefined),
    sortedBy: (id) => (shown?.id === id ? (shown.desc ? 'desc' : 'asc') : false),
    toggle: (id) =>
      setChosen(([before]) => (before?.id !== id ? [{ id, desc: false }] : before.desc ? [] : [{ id, desc: true }])),
  }
}

function sort<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  by: SortingState[number] | undefined,
  rank: ((row: Row) => number) | undefined,
): readonly Row[] {
  const valueOf = by && columns.find(({ id }) => id === by.id)?.sortValue
  if (!by || !valueOf) return rows
  const way = by.desc ? -1 : 1
  return rows
    .map((row) => ({ row, value: valueOf(row) ?? undefined, rank: rank?.(row) ?? 0 }))
    .sort((a, b) => {
      if (a.rank !== b.rank) return a.rank - b.rank
      if (a.value === undefined || b.value === undefined) {
        // What has no value comes last, whatever the order.
        return Number(a.value === undefined) - Number(b.value === undefined)
      }
      return compareValues(a.value, b.value) * way
    })
    .map(({ row }) => row)
}
