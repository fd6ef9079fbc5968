import type { KeyboardEvent } from 'react'
import type { createTypeAhead } from '../ui/type-ahead.ts'

const ITEM = '[role="treeitem"]'

const levelOf = (item: HTMLElement): number => Number(item.getAttribute('aria-level'))

interface TreeKeys {
  readonly typing: ReturnType<typeof createTypeAhead>
  /** Opens a folder that is closed, and closes one that is open. */
  readonly onToggle: (item: HTMLElement) => void
}

/**
 * Keys in a tree: up and down, Home and End, right to open or go in, left to close or go out, Enter and letters.
 * @see https://www.w3.org/WAI/ARIA/apg/patterns/treeview/
 */
export function onTreeKey(event: KeyboardEvent<HTMLElement>, { typing, onToggle }: TreeKeys): void {
  const tree = event.currentTarget
  const item = event.target instanceof Element ? event.target.closest<HTMLElement>(ITEM) : null
  if (!item || event.ctrlKey || event.metaKey || event.altKey) return
  const items = [...tree.querySelectorAll<HTMLElement>(ITEM)]
  const at = items.indexOf(item)
  const { key, timeStamp } = event
  const isOpen = item.getAttribute('aria-expanded')
  if (key === 'ArrowDown') items[at + 1]?.focus()
  else if (key === 'ArrowUp') items[at - 1]?.focus()
  else if (key === 'Home') items[0]?.focus()
  else if (key === 'End') items.at(-1)?.focus()
  else if (key === 'ArrowRight' && isOpen === 'false') onToggle(item)
  else if (key === 'ArrowRight' && isOpen === 'true') {
    const next = items[at + 1]
    if (next && levelOf(next) > levelOf(item)) next.focus()
  } else if (key === 'ArrowLeft' && isOpen === 'true') onToggle(item)
  else if (key === 'ArrowLeft') items.findLast((each, i) => i < at && levelOf(each) < levelOf(item))?.focus()
  else if (key === 'Enter' || (key === ' ' && !typing.isTyping(timeStamp))) {
    item.querySelector<HTMLElement>('a, button')?.click()
  } else if (/^.$/u.test(key) && key !== '/') {
    const names = items.map((each) => each.textContent)
    const found = typing.find(key, at, names, timeStamp)
    if (found !== undefined) items[found]?.focus()
  } else return
  event.preventDefault()
  event.stopPropagation()
}
