import type { HomeDeletionQuery, HomesQuery, UserHome, UserHomes } from '@skycrate/contract/homes/schemas'
import type { Job as JobView } from '@skycrate/contract/jobs/schemas'
import { isId, type UserId } from '@skycrate/core/naming/id'
import { type AuditLog, byProcess, type RequestOrigin } from '../audit/audit-event.ts'
import type { StepRecord } from '../buckets/bucket-records.ts'
import { inOrder } from '../buckets/in-order.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Job } from '../jobs/job.ts'
import type { JobReader, Jobs } from '../jobs/jobs.ts'
import type { HomeChoice } from './end-home.ts'
import type { HomeRecord } from './home-records.ts'
import type { Homes } from './homes.ts'

/** An administrator's use cases on homes. */
export interface HomesAdmin {
  /** By user id. @throws AppError `invalid-cursor` */
  list(query: HomesQuery & { readonly limit: number }): Promise<UserHomes>
  /**
   * Finishes a home, and tries steps that failed again now.
   * @throws AppError `not-found`, `provisioning-failed`, `store-unavailable`, `store-refused`, `audit-unavailable`
   */
  retry(userId: string, by: UserId, origin: RequestOrigin): Promise<UserHome>
  /**
   * Has a job end a user's home.
   * @throws AppError `not-found`, `invalid-request`, `audit-unavailable`
   */
  remove(userId: string, query: HomeDeletionQuery, by: JobReader, origin: RequestOrigin): Promise<JobView>
}

interface DeleteHomeInput {
  readonly userId: UserId
  readonly choice: HomeChoice
}

const DELETE_JOB = 'home.delete'

export function createHomesAdmin(options: {
  readonly database: Database
  readonly homes: Homes
  readonly jobs: Jobs
  readonly audit: AuditLog
}): HomesAdmin {
  const { database, homes, jobs, audit } = options

  jobs.register<DeleteHomeInput>(DELETE_JOB, (job) => deleteHomeJob(job, homes), {
    // An outage of the store may last longer than any number of tries.
    attempts: Infinity,
    cancellable: false,
  })

  async function find(userId: string): Promise<UserHome> {
    const [home] = await readHomes(database, { limit: 1 }, userId)
    if (home === undefined) throw new AppError('not-found', 'This user has no home.')
    return home
  }

  return {
    async list(query) {
      const { limit, cursor } = query
      if (cursor !== undefined && !isId('usr', cursor)) throw new AppError('invalid-cursor')
      const homesOfPage = await readHomes(database, { ...query, limit: limit + 1 }, undefined)
      const page = homesOfPage.slice(0, limit)
      return { homes: page, nextCursor: homesOfPage.length > limit ? page.at(-1)!.userId : null }
    },

    async retry(userId, by, origin) {
      const { store, bucket } = await find(userId)
      await audit.record({
        action: 'home.retry',
        outcome: 'allow',
        userId: by,
        targetUserId: userId as UserId,
        store,
        bucket,
        key: null,
        reason: null,
        origin,
      })
      await homes.retry(userId as UserId, origin)
      return find(userId)
    },

    async remove(userId, query, by, origin) {
      const { store, bucket, prefix } = await find(userId)
      const choice = await choiceOf(query, userId, database)
      const input: DeleteHomeInput = { userId: userId as UserId, choice }
      const jobId = await database.transaction(async (tx) => {
        const id = await jobs.enqueue(DELETE_JOB, input, { createdBy: by.userId, key: userId, tx })
        await audit.record({
          action: 'home.delete',
          outcome: 'allow',
          userId: by.userId,
          targetUserId: userId as UserId,
          store,
          bucket,
          key: prefix || null,
          reason: null,
          detail: { choice: choice.contents, jobId: id },
          origin,
        })
        return id
      })
      return jobs.find(jobId, by)
    },
  }
}

/** @throws AppError `invalid-request` */
async function choiceOf(query: HomeDeletionQuery, userId: string, sql: Sql): Promise<HomeChoice> {
  const { contents, to } = query
  const mistake = (message: string): AppError =>
    new AppError('invalid-request', undefined, { errors: [{ path: '/to', message }] })
  if (contents !== 'hand-over') {
    if (to !== undefined) throw mistake('is only for hand-over')
    return { contents }
  }
  if (to === undefined) throw mistake('is missing: who gets the contents')
  if (to === userId) throw mistake('is the owner')
  const [user] = await sql.query<{ id: UserId }>(`select id from users where id = $1`, [to])
  if (user === undefined) throw mistake('is not a user of SkyCrate')
  return { contents, to: user.id }
}

async function deleteHomeJob(job: Job<DeleteHomeInput>, homes: Homes): Promise<void> {
  let { deleted } = job.state<{ deleted: number }>() ?? { deleted: 0 }
  await homes.endHome(job.input.userId, job.input.choice, {
    by: job.createdBy,
    origin: byProcess(job.id),
    run: {
      signal: job.signal,
      async advanced(items) {
        deleted += items
        job.progress(deleted)
        await job.checkpoint({ deleted })
      },
    },
  })
}

interface Row extends HomeRecord {
  readonly email: string | null
  readonly name: string | null
  readonly identities: { issuer: string; subject: string }[]
  readonly createdAt: Date
  readonly updatedAt: Date
}

async function readHomes(
  sql: Sql,
  query: Partial<HomesQuery> & { readonly limit: number },
  userId: string | undefined,
): Promise<UserHome[]> {
  const rows = await sql.query<Row>(
    `select h.user_id as "userId", h.layout, h.store, h.bucket, h.prefix, h.region, h.state,
       h.created_at as "createdAt", h.updated_at as "updatedAt", u.email, u.name,
       (select coalesce(json_agg(json_build_object('issuer', i.issuer, 'subject', i.subject)), '[]')
        from identities i where i.user_id = h.user_id) as identities
     from homes h join users u on u.id = h.user_id
     where ($1::text is null or h.user_id > $1) and ($2::text is null or h.state = $2)
       and ($3::text is null or h.user_id = $3)
       and ($4::text is null or strpos(lower(u.email), $4) > 0 or strpos(lower(u.name), $4) > 0
         or strpos(h.user_id, $4) > 0 or strpos(h.bucket, $4) > 0)
     order by h.user_id limit $5`,
    [query.cursor ?? null, query.state ?? null, userId ?? null, query.search?.toLowerCase() || null, query.limit],
  )
  const steps = await stepsOf(sql, rows)
  return rows.map((row) => ({
    userId: row.userId,
    email: row.email,
    name: row.name,
    identities: row.identities,
    store: row.store,
    bucket: row.bucket,
    prefix: row.prefix,
    region: row.region,
    layout: row.layout,
    state: row.state,
    steps: inOrder(steps.get(`${row.store}/${row.bucket}`) ?? []).map(({ step, outcome, reason }) => ({
      step,
      outcome,
      reason,
    })),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }))
}

/** One query for a whole page. */
async function stepsOf(sql: Sql, homes: readonly HomeRecord[]): Promise<Map<string, StepRecord[]>> {
  const rows = await sql.query<StepRecord & { store: string; bucket: string }>(
    `select distinct s.store, s.bucket, s.step, s.outcome, s.reason, s.setting, s.at
     from unnest($1::text[], $2::text[]) as wanted (store, bucket)
       join bucket_steps s on s.store = wanted.store and s.bucket = wanted.bucket`,
    [homes.map(({ store }) => store), homes.map(({ bucket }) => bucket)],
  )
  return Map.groupBy(rows, ({ store, bucket }) => `${store}/${bucket}`)
}
