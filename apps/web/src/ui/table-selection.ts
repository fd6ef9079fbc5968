/** What is selected, by the rows' keys. */
export interface TableSelection {
  readonly selected: ReadonlySet<string>
  /** @param order the keys of all rows, as they are shown */
  readonly onSelect: (how: 'only' | 'toggle' | 'range', key: string, order: readonly string[]) => void
  readonly onSelectAll: (order: readonly string[]) => void
  readonly onClear: () => void
}
