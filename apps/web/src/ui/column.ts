import type { ReactNode } from 'react'

/** A column of a table, as one entry of its list. */
export interface Column<Row> {
  readonly id: string
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  /** CSS grid track; defaults to `minmax(0, 1fr)`. */
  readonly width?: string
  readonly align?: 'right'
  /**
   * Makes the column sortable, once the whole list has arrived: the browser cannot sort what it does not have. Strings
   * are compared as the person's language does; null comes last.
   */
  readonly sortValue?: (row: Row) => string | number | null
  /**
   * Its place in the card that a row becomes on a phone: the first line, the upper right corner, a line of its own under
   * its header (the default), a line without the header, or none.
   */
  readonly card?: 'title' | 'corner' | 'line' | 'bare' | 'none'
  /** Shown from 900 px only. */
  readonly wideOnly?: boolean
}
