import { type Dispatch, type SetStateAction, useState } from 'react'
import type { TableSelection } from '../ui/table-selection.ts'
import { NOTHING_SELECTED, selectAll, selectBy, type Selection, stillSelected } from './selection.ts'

/** @param keys of all rows that are there */
export function useSelection(keys: readonly string[]): {
  /** Without rows that are gone. */
  readonly selection: Selection
  readonly choose: Dispatch<SetStateAction<Selection>>
  readonly clear: () => void
  readonly ofTable: TableSelection
} {
  const [chosen, choose] = useState(NOTHING_SELECTED)
  const selection = stillSelected(chosen, new Set(keys))
  // What is gone is not selected again when it comes back.
  if (selection !== chosen) choose(selection)
  const clear = (): void => choose(NOTHING_SELECTED)
  return {
    selection,
    choose,
    clear,
    ofTable: {
      selected: selection.keys,
      // Two at once may come with one key: each builds on the one before.
      onSelect: (how, key, order) => choose((before) => selectBy(how, before, key, order)),
      onSelectAll: (order) => choose(selectAll(order)),
      onClear: clear,
    },
  }
}
