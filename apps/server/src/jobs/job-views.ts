import type { Job as JobView, JobAbout, Jobs as JobPage } from '@skycrate/contract/jobs/schemas'
import { type ProblemCode, PROBLEMS } from '@skycrate/contract/problem'
import { isId, type JobId, type UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { JobState } from './job-rows.ts'

interface Row {
  id: JobId
  kind: string
  state: JobState
  done: number
  total: number | null
  problem_code: ProblemCode | null
  problem_detail: string | null
  about: JobAbout | null
  created_by: UserId | null
  created_at: Date
  finished_at: Date | null
}

const COLUMNS = 'id, kind, state, done, total, problem_code, problem_detail, about, created_by, created_at, finished_at'

export async function findJob(sql: Sql, id: JobId): Promise<JobView | undefined> {
  const [row] = await sql.query<Row>(`select ${COLUMNS} from jobs where id = $1`, [id])
  return row && toView(row)
}

/**
 * A page of the jobs, newest first.
 * @throws AppError `invalid-cursor`
 */
export async function listJobs(
  sql: Sql,
  filter: {
    readonly limit: number
    readonly cursor: string | undefined
    readonly state: JobState | undefined
    readonly createdBy: UserId | undefined
  },
): Promise<JobPage> {
  const { limit, cursor, state, createdBy } = filter
  if (cursor !== undefined && !isId('job', cursor)) throw new AppError('invalid-cursor')
  const values: unknown[] = [limit + 1]
  const conditions: string[] = []
  for (const [condition, value] of [
    ['id <', cursor],
    ['state =', state],
    ['created_by =', createdBy],
  ] as const) {
    if (value !== undefined) conditions.push(`${condition} $${values.push(value)}`)
  }
  const rows = await sql.query<Row>(
    `select ${COLUMNS} from jobs ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
     order by id desc limit $1`,
    values,
  )
  const page = rows.slice(0, limit)
  return { jobs: page.map(toView), nextCursor: rows.length > page.length ? page.at(-1)!.id : null }
}

function toView(row: Row): JobView {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    progress: { done: row.done, total: row.total },
    ...(row.problem_code === null ? {} : { problem: problemOf(row.problem_code, row.problem_detail) }),
    ...(row.about === null ? {} : { about: row.about }),
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  }
}

function problemOf(code: ProblemCode, detail: string | null): NonNullable<JobView['problem']> {
  const { status, title } = PROBLEMS[code]
  return { type: `/docs/errors/${code}`, title, status, code, ...(detail === null ? {} : { detail }) }
}
