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
}

export interface KeyPage<Row> {
  readonly rows: readonly Row[]
  readonly commonPrefixes: readonly string[]
  readonly truncated: boolean
  /** The row or the common prefix that came last. */
  readonly last: { readonly row: Row } | { readonly commonPrefix: string } | undefined
}

/** Rows of one common prefix that are read past before a new seek is cheaper. */
const PATIENCE = 16

const groupOf = (key: string, prefix: string, delimiter: string): string | undefined => {
  if (delimiter === '') return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at === -1 ? undefined : key.slice(0, at + delimiter.length)
}

/** One page of a listing. Common prefixes are jumped over in the index, however many keys they hold. */
export const walkKeys = <Row extends { readonly key: string }>(walk: KeyWalk<Row>): KeyPage<Row> => {
  const { prefix, delimiter, limit, seek } = walk
  const rows: Row[] = []
  const commonPrefixes: string[] = []
  let last: KeyPage<Row>['last']
  let from: string | undefined = compareKeys(walk.from, prefix) < 0 ? prefix : walk.from
  while (from !== undefined && limit > 0) {
    let group: string | undefined
    let passed = 0
    let jump: string | undefined
    for (const row of seek(from)) {
      if (group !== undefined && row.key.startsWith(group)) {
        passed += 1
        if (passed < PATIENCE) continue
        jump = afterPrefix(group)
        break
      }
      if (!row.key.startsWith(prefix)) return { rows, commonPrefixes, truncated: false, last }
      if (rows.length + commonPrefixes.length >= limit) return { rows, commonPrefixes, truncated: true, last }
      group = groupOf(row.key, prefix, delimiter)
      passed = 0
      if (group === undefined) {
        rows.push(row)
        last = { row }
      } else {
        commonPrefixes.push(group)
        last = { commonPrefix: group }
      }
    }
    from = jump
  }
  return { rows, commonPrefixes, truncated: false, last }
}

/** Where the page after one that ended with `last` begins; undefined when nothing can follow. */
export const nextFrom = (last: { row: { key: string } } | { commonPrefix: string }): string | undefined =>
  'row' in last ? justAfter(last.row.key) : afterPrefix(last.commonPrefix)
