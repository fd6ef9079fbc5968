import {
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import type { TableSelection } from './table-selection.ts'
import { createTypeAhead } from './type-ahead.ts'

interface RowNavigation<Row> {
  /** Of the elements with `data-index`, each around a row. */
  readonly scroller: RefObject<HTMLElement | null>
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  /** Where there is one, typed letters go to the next row with a name like it. */
  readonly rowName: ((row: Row) => string) | undefined
  /** Rows beside each other: 1 in a table. */
  readonly columns: number
  readonly selection: TableSelection | undefined
  readonly scrollTo: (index: number) => void
  /** A key pressed in a row, such as Delete. @returns whether it meant something */
  readonly onRowKey: ((row: Row, key: string) => boolean) | undefined
}

/** Where a key means something else. */
const ELSEWHERE = 'input:not([type="checkbox"]), textarea, [role="menu"], [role="dialog"]'

/**
 * Keys and clicks in a list of which only the rows in sight are in the document: arrows, Home, End and letters go from row
 * to row, Shift and Ctrl select. A row that vanishes leaves the focus to the one that takes its place.
 */
export function useRowNavigation<Row>(list: RowNavigation<Row>): {
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void
  readonly onFocus: (event: FocusEvent<HTMLElement>) => void
  /** A click beside what a row offers selects it; with Ctrl or Shift also on it. */
  readonly onRowClick: (row: Row, event: MouseEvent<HTMLElement>) => void
  /** The keys of all rows, as they are shown. */
  readonly orderOf: () => string[]
} {
  const { scroller, rows, rowKey, rowName, columns, selection, scrollTo, onRowKey } = list
  const [typing] = useState(createTypeAhead)
  const orderOf = (): string[] => rows.map((row) => rowKey(row))

  const focusRow = (index: number, extend = false): void => {
    const target = Math.min(Math.max(index, 0), rows.length - 1)
    const row = rows[target]
    if (extend && selection && row !== undefined) selection.onSelect('range', rowKey(row), orderOf())
    scrollTo(target)
    // A row out of sight comes into the document with the next frame.
    requestAnimationFrame(() => focusIn(scroller.current, target))
  }

  const focused = useRef<{ readonly index: number; readonly element: Element } | undefined>(undefined)
  useLayoutEffect(() => {
    const last = focused.current
    if (!last || last.element.isConnected) return
    focused.current = undefined
    if (document.activeElement === document.body) focusIn(scroller.current, Math.min(last.index, rows.length - 1))
  })

  /** @returns whether a letter was typed */
  const typeAhead = (event: KeyboardEvent, index: number): boolean => {
    const { key, timeStamp } = event
    if (!rowName || !/^.$/u.test(key) || key === '/' || (key === ' ' && !typing.isTyping(timeStamp))) return false
    const found = typing.find(key, index, rows.map(rowName), timeStamp)
    const row = found === undefined ? undefined : rows[found]
    if (found === undefined || row === undefined) return true
    if (selection && selection.selected.size > 0) selection.onSelect('only', rowKey(row), orderOf())
    focusRow(found)
    return true
  }

  const stepOf = (key: string): number | undefined => {
    if (key === 'ArrowDown') return columns
    if (key === 'ArrowUp') return -columns
    if (columns > 1 && key === 'ArrowRight') return 1
    if (columns > 1 && key === 'ArrowLeft') return -1
    return undefined
  }

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if ((event.target as Element).closest(ELSEWHERE)) return
    const index = rowIndex(event.target)
    const row = index === undefined ? undefined : rows[index]
    const control = event.ctrlKey || event.metaKey
    if (selection && control && event.key.toLowerCase() === 'a') {
      event.preventDefault()
      return selection.onSelectAll(orderOf())
    }
    if (selection && event.key === 'Escape' && selection.selected.size > 0) {
      event.preventDefault()
      return selection.onClear()
    }
    if (selection && control && event.key === ' ' && row !== undefined) {
      event.preventDefault()
      return selection.onSelect('toggle', rowKey(row), orderOf())
    }
    if (event.altKey || control) return
    if (typeAhead(event, index ?? -1)) return event.preventDefault()
    if (index === undefined) return
    const extend = event.shiftKey && selection !== undefined
    const step = stepOf(event.key)
    // The first step of a range begins at the row that has the focus.
    if (extend && row !== undefined && selection.selected.size === 0 && step !== undefined) {
      selection.onSelect('only', rowKey(row), orderOf())
    }
    if (step !== undefined) {
      // Up from the first line and beside the ends stays; down to a shorter last line ends at its end.
      const target = index + step
      if (target >= 0 && (target < rows.length || step === columns)) focusRow(target, extend)
    } else if (event.key === 'Home') focusRow(0, extend)
    else if (event.key === 'End') focusRow(rows.length - 1, extend)
    else if (!(onRowKey && row !== undefined && onRowKey(row, event.key))) return
    event.preventDefault()
  }

  return {
    onKeyDown,
    orderOf,
    onFocus(event) {
      const index = rowIndex(event.target)
      if (index !== undefined) focused.current = { index, element: event.target }
    },
    onRowClick(row, event) {
      if (!selection) return
      const many = event.ctrlKey || event.metaKey || event.shiftKey
      const onSomething = (event.target as Element).closest('a, button, input, label, [role="menuitem"]') !== null
      if (onSomething && !many) return
      if ((event.target as Element).closest('input, label') !== null) return
      event.preventDefault()
      event.stopPropagation()
      selection.onSelect(event.shiftKey ? 'range' : many ? 'toggle' : 'only', rowKey(row), orderOf())
    },
  }
}

function rowIndex(target: EventTarget): number | undefined {
  const row = (target as Element).closest<HTMLElement>('[data-index]')
  return row ? Number(row.dataset['index']) : undefined
}

/** Focuses what a row's first cell offers. */
function focusIn(scroller: HTMLElement | null, index: number): void {
  scroller
    ?.querySelector<HTMLElement>(`[data-index="${index}"] :is(a[href], button, div[tabindex="0"]):not([disabled])`)
    ?.focus()
}
