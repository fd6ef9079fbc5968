import { afterPrefix, compareKeys, justAfter } from './key-order.ts'

export interface KeyWalk<Row> {
  readonly prefix: string
  /** '' for none. */
  readonly delimiter: string
  /** The first key that may be given, inclusive. */
  readonly from: string
  readonly limit: number
  /** Rows in order of their keys, from the first key that is not below the one given. */
  readonly seek: (from: string) => Iterable<Row>
  /** The first row that `seek` would give, where there is a cheaper way to it. */
  readonly first?: (from: string) => Row | undefined
}

export interface KeyPage<Row> {
  readonly rows: readonly Row[]
  readonly commonPrefixes: readonly string[]
  readonly truncated: boolean
  /** The row or the common prefix that came last. */
  readonly last: { readonly row: Row } | { readonly commonPrefix: string } | undefined
}

/** Rows of one common prefix that are read past before it counts as a large one, which is jumped over. */
const PATIENCE = 6

const groupOf = (key: string, prefix: string, delimiter: string): string | undefined => {
  if (delimiter === '') return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at === -1 ? undefined : key.slice(0, at + delimiter.length)
}

/**
 * One page of a listing. Common prefixes are jumped over in the index, however many keys they hold: a large one is
 * likely followed by others, so from there on it goes in jumps until a key has none.
 */
export const walkKeys = <Row extends { readonly key: string }>(walk: KeyWalk<Row>): KeyPage<Row> => {
  const { prefix, delimiter, limit, seek, first } = walk
  const rows: Row[] = []
  const commonPrefixes: string[] = []
  let last: KeyPage<Row>['last']
  let group: string | undefined

  /** Takes a row that is not in the group before it. Tells whether the page ends before it, and how. */
  const take = (row: Row): 'taken' | 'full' | 'past' => {
    if (!row.key.startsWith(prefix)) return 'past'
    if (rows.length + commonPrefixes.length >= limit) return 'full'
    group = groupOf(row.key, prefix, delimiter)
    if (group === undefined) {
      rows.push(row)
      last = { row }
    } else {
      commonPrefixes.push(group)
      last = { commonPrefix: group }
    }
    return 'taken'
  }
  const page = (truncated: boolean): KeyPage<Row> => ({ rows, commonPrefixes, truncated, last })

  if (limit === 0) return page(false)
  let from: string | undefined = compareKeys(walk.from, prefix) < 0 ? prefix : walk.from
  while (from !== undefined) {
    let passed = 0
    let jump: string | undefined
    for (const row of seek(from)) {
      if (group !== undefined && row.key.startsWith(group)) {
        passed += 1
        if (passed < PATIENCE) continue
        jump = afterPrefix(group)
        break
      }
      const outcome = take(row)
      if (outcome !== 'taken') return page(outcome === 'full')
      passed = 0
    }
    from = jump
    while (from !== undefined && first !== undefined) {
      const row = first(from)
      if (row === undefined) return page(false)
      // Not taken here: a key may have more rows than its first.
      if (row.key.startsWith(prefix) && groupOf(row.key, prefix, delimiter) === undefined) break
      const outcome = take(row)
      if (outcome !== 'taken') return page(outcome === 'full')
      from = group === undefined ? undefined : afterPrefix(group)
    }
  }
  return page(false)
}

/** Where the page after one that ended with `last` begins; undefined when nothing can follow. */
export const nextFrom = (last: { row: { key: string } } | { commonPrefix: string }): string | undefined =>
  'row' in last ? justAfter(last.row.key) : afterPrefix(last.commonPrefix)
