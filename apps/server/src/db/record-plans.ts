import type { Database, Sql } from './database.ts'

interface Node {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly Node[]
}

/** Rows of a table that may be read without an index, and rows that may be sorted. */
const FEW = 10_000
/** Pages that a scan of an index may read for each row, and beside them: more, and it reads what it leaves out. */
const PAGES_A_ROW = 4
const PAGES = 50

/** What PostgreSQL did for one page, over all of its statements. */
export interface PlanSummary {
  readonly indexes: readonly string[]
  /** Rows that scans of tables and indexes looked at, those included that they left out. */
  readonly rows: number
  /** Scans of more than a few rows without an index, sorts of as many, and indexes that are read for nothing. */
  readonly faults: readonly string[]
}

/** A database that carries out each query with EXPLAIN ANALYZE first; reads only. */
export function recordPlans(database: Database): { readonly database: Database; readonly summary: () => PlanSummary } {
  const indexes = new Set<string>()
  const faults = new Set<string>()
  let looked = 0

  function note(node: Node): void {
    const loops = node['Actual Loops']
    const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
    const rows = Math.round((node['Actual Rows'] + removed) * loops)
    const type = node['Node Type']
    // An index whose rows a bitmap collects is counted where the table is read.
    if (type.endsWith('Scan') && node['Relation Name'] !== undefined) looked += rows
    if (node['Index Name'] !== undefined && loops > 0) indexes.add(nameOfParent(node['Index Name']))
    if (type.includes('Seq Scan') && rows > FEW) faults.add(`sequential scan of ${node['Relation Name']}`)
    const pages = node['Shared Hit Blocks'] + node['Shared Read Blocks']
    if (type.startsWith('Index') && pages > PAGES + PAGES_A_ROW * (rows + loops)) {
      faults.add(`${pages} pages of ${node['Index Name']} for ${rows} rows`)
    }
    if (type === 'Sort' && rows > FEW) faults.add(`sort of ${rows} rows`)
    for (const child of node.Plans ?? []) note(child)
  }

  const recording = (sql: Sql): Sql => ({
    async query(text, values, name) {
      if (/^\s*(?:select|with)\b/.test(text)) {
        const [row] = await sql.query<{ 'QUERY PLAN': readonly { readonly Plan: Node }[] }>(
          `explain (analyze, timing off, buffers, format json) ${text}`,
          values,
        )
        note(row!['QUERY PLAN'][0]!.Plan)
      }
      return sql.query(text, values, name)
    },
  })

  return {
    database: {
      ...database,
      ...recording(database),
      hot: { ...database.hot, ...recording(database.hot) },
      transaction: (work) => database.transaction((tx) => work(recording(tx))),
    },
    summary: () => ({ indexes: [...indexes], rows: looked, faults: [...faults] }),
  }
}

/** Of a month's index of the audit log, the name without the month. */
const nameOfParent = (index: string): string =>
  index.replace(/^audit_events_(?:\d{4}_\d{2}|default|before)_/, 'audit_events:')
