import { useEffect, useEffectEvent } from 'react'
import type { Entry } from './entry.ts'
import { entryKey } from './file-table.tsx'

interface FileKeys {
  readonly entries: readonly Entry[]
  readonly selected: readonly Entry[]
  readonly onCopy: ((entries: readonly Entry[]) => void) | undefined
  readonly onCut: ((entries: readonly Entry[]) => void) | undefined
  readonly onPaste: (() => void) | undefined
}

/** Where a key means something else: while one types, in a dialog and in a menu. */
const ELSEWHERE = 'input:not([type="checkbox"]), textarea, [contenteditable], [role="dialog"], [role="menu"]'

/** Ctrl+C, Ctrl+X and Ctrl+V (with Cmd on a Mac) for files, wherever the focus is on the page. */
export function useFileKeys({ entries, selected, onCopy, onCut, onPaste }: FileKeys): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.defaultPrevented) return
    const target = event.target instanceof Element ? event.target : document.body
    if (target.closest(ELSEWHERE)) return
    const key = event.key.toLowerCase()
    if (key === 'v') {
      if (!onPaste) return
      event.preventDefault()
      return onPaste()
    }
    const act = key === 'c' ? onCopy : key === 'x' ? onCut : undefined
    // Text that was marked is what the person means.
    if (!act || window.getSelection()?.isCollapsed === false) return
    const wanted = wantedAt(target, entries, selected)
    if (wanted.length === 0) return
    event.preventDefault()
    act(wanted)
  })
  useEffect(() => {
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

/** The entry of a row. */
export function entryAt(target: EventTarget | null, entries: readonly Entry[]): Entry | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-key]') : null
  return row ? entries.find((entry) => entryKey(entry) === row.dataset['key']) : undefined
}

/** The selected entries, or else that of the row; the row alone where it is not among the selected. */
export function wantedAt(
  target: EventTarget | null,
  entries: readonly Entry[],
  selected: readonly Entry[],
): readonly Entry[] {
  const entry = entryAt(target, entries)
  return entry ? wantedOf(entry, selected) : selected
}

/** The selected entries where this is one of them, else this alone. */
export const wantedOf = (entry: Entry, selected: readonly Entry[]): readonly Entry[] =>
  selected.some((each) => entryKey(each) === entryKey(entry)) ? selected : [entry]
