import type { AuditAction, Door } from '@skycrate/contract/audit-actions'
import type { Outcome } from '@skycrate/contract/audit/schemas'
import { firstIdOf } from './first-id.ts'

export interface AuditFilter {
  readonly userId?: string | undefined
  readonly targetUserId?: string | undefined
  readonly bucket?: string | undefined
  /** Of the key. */
  readonly prefix?: string | undefined
  readonly action?: AuditAction | undefined
  readonly outcome?: Outcome | undefined
  readonly requestId?: string | undefined
  readonly door?: Door | undefined
  /** ISO 8601; inclusive. */
  readonly from?: string | undefined
  /** ISO 8601; exclusive. */
  readonly to?: string | undefined
}

/** Conditions as SQL, each with `?` for its value. */
type Condition = readonly [sql: string, value: unknown]

/** How a page is looked for: through one index, newest first, and by a look at each row that this gives. */
export interface Search {
  /** Conditions of one index each; the rows of all of them together are those to look at. */
  readonly branches: readonly (readonly Condition[])[]
  readonly rest: readonly Condition[]
}

/** What happens all the time: other actions are rare, so their index is the best way to them. */
const isFrequent = (action: AuditAction): boolean => action.startsWith('object.') || action === 'auth.refresh'

/** What the index of actions leaves out: so frequent that an entry for each would cost more than it finds. */
const isIndexed = (action: AuditAction): boolean => action !== 'object.get' && action !== 'object.head'

/**
 * Chooses the index by hand, most selective first: the planner does not know which combinations are rare, and its mistakes
 * take seconds in a log of millions.
 */
export function searchOf(filter: AuditFilter): Search {
  const { userId, targetUserId, bucket, prefix, action, outcome, requestId, door } = filter
  const conditions = new Map<string, Condition>()
  const add = (name: string, sql: string, value: unknown): void => {
    if (value !== undefined) conditions.set(name, [sql, value])
  }
  add('requestId', 'request_id = ?', requestId)
  add('targetUserId', 'target_user_id = ?', targetUserId)
  add('userId', 'user_id = ?', userId)
  add('bucket', 'bucket = ?', bucket)
  add('outcome', 'outcome = ?', outcome)
  add('action', 'action = ?', action)
  add('prefix', 'starts_with(key, ?)', prefix)
  add('door', 'door = ?', door)

  const [by] = [
    requestId !== undefined && (['requestId'] as const),
    targetUserId !== undefined && (['targetUserId'] as const),
    action !== undefined && !isFrequent(action) && (['action', 'outcome'] as const),
    userId !== undefined && (['userId'] as const),
    bucket !== undefined && (['bucket'] as const),
    action !== undefined && isIndexed(action) && (['action', 'outcome'] as const),
    outcome !== undefined && outcome !== 'allow' && (['outcome'] as const),
  ].filter((names) => names !== false)
  const driving: Condition[] = []
  for (const name of by ?? []) {
    const condition = conditions.get(name)
    if (condition) driving.push(condition)
    conditions.delete(name)
  }
  const rest = [...conditions.values()]
  // The index of actions is by outcome within each.
  if (by?.[0] !== 'action' || outcome !== undefined) return { branches: [driving], rest }
  // As a constant it would also fit the index of denials, which the planner takes for the better one.
  const branches = (['allow', 'deny', 'error'] as const).map((each): Condition[] => [
    ...driving,
    ['outcome = (select ?::text)', each],
  ])
  return { branches, rest }
}

/** The time window as a range of ids. */
export function idRange({ from, to }: AuditFilter): Condition[] {
  return [
    ...(from === undefined ? [] : [['id >= ?', firstIdOf(Date.parse(from))] as const]),
    ...(to === undefined ? [] : [['id < ?', firstIdOf(Date.parse(to))] as const]),
  ]
}

/** Collects values while conditions become text. */
export function writeConditions(conditions: readonly Condition[], values: unknown[]): string {
  if (conditions.length === 0) return 'true'
  return conditions
    .map(([sql, value]) => {
      values.push(value)
      return sql.replace('?', `$${values.length}`)
    })
    .join(' and ')
}
