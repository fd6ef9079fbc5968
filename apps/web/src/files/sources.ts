import { counted } from '../format/counted.ts'
import type { Entry } from './entry.ts'
import { shownName } from '../format/shown-name.ts'

/** Entries as the API takes them. */
export interface Sources {
  readonly keys?: string[]
  readonly prefixes?: string[]
}

export function sourcesOf(entries: readonly Entry[]): Sources {
  const keys = entries.flatMap((entry) => (entry.kind === 'file' ? [entry.key] : []))
  const prefixes = entries.flatMap((entry) => (entry.kind === 'folder' ? [entry.prefix] : []))
  return { ...(keys.length > 0 && { keys }), ...(prefixes.length > 0 && { prefixes }) }
}

/** `report.pdf`, or `3 items`. */
export function whatOf(entries: readonly Entry[]): string {
  const [only] = entries
  return entries.length === 1 && only ? shownName(only.name) : counted(entries.length, 'item')
}

export const pathOf = (entry: Entry): string => (entry.kind === 'file' ? entry.key : entry.prefix)
