/** What is selected in a list, as keys of its rows; and the row from which a range with Shift begins. */
export interface Selection {
  readonly keys: ReadonlySet<string>
  readonly anchor: string | undefined
}

export const NOTHING_SELECTED: Selection = { keys: new Set(), anchor: undefined }

/** The row alone. */
export const selectOnly = (key: string): Selection => ({ keys: new Set([key]), anchor: key })

/** With Ctrl: the row joins or leaves the others. */
export function toggleRow({ keys }: Selection, key: string): Selection {
  const next = new Set(keys)
  if (!next.delete(key)) next.add(key)
  return { keys: next, anchor: key }
}

/** With Shift: all rows from where the range began. @param order of all rows as they are shown */
export function selectRange({ anchor }: Selection, key: string, order: readonly string[]): Selection {
  const [from, to] = [order.indexOf(anchor ?? key), order.indexOf(key)]
  if (from === -1 || to === -1) return selectOnly(key)
  return { keys: new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1)), anchor: anchor ?? key }
}

export const selectAll = (order: readonly string[]): Selection => ({ keys: new Set(order), anchor: order[0] })

/** Without rows that are gone. The same object where all are there. */
export function stillSelected(selection: Selection, there: ReadonlySet<string>): Selection {
  const kept = [...selection.keys].filter((key) => there.has(key))
  if (kept.length === selection.keys.size) return selection
  return {
    keys: new Set(kept),
    anchor: selection.anchor !== undefined && there.has(selection.anchor) ? selection.anchor : undefined,
  }
}

/** What a click or a key does with a row, and with rows that are gone meanwhile. @param order of all rows as they are shown */
export function selectBy(
  how: 'only' | 'toggle' | 'range',
  before: Selection,
  key: string,
  order: readonly string[],
): Selection {
  if (how === 'only') return selectOnly(key)
  const now = stillSelected(before, new Set(order))
  return how === 'toggle' ? toggleRow(now, key) : selectRange(now, key, order)
}
