import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { readAuditEvents } from '../audit/audit-reader.ts'
import { testDatabase, type TestDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import { cancelJob } from './cancel-job.ts'
import { type Job, JobLostError } from './job.ts'
import { retryPause } from './job-failure.ts'
import { createJobs, type Jobs, type JobsOptions } from './jobs.ts'
import { pruneJobs } from './prune-jobs.ts'

const ADMIN = { userId: 'usr_admin', isAdmin: true } as const
const ADA = { userId: 'usr_ada', isAdmin: false } as const
const BOB = { userId: 'usr_bob', isAdmin: false } as const

const open = (database: TestDatabase, options: Partial<JobsOptions> = {}): Jobs =>
  createJobs({ database, logger: pino({ level: 'silent' }), now: Date.now, leaseMs: 1000, pollMs: 20, ...options })

async function until(isTrue: () => unknown): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    if (await isTrue()) return
    await sleep(10)
  }
  throw new Error(`waited in vain until ${isTrue.toString()}`)
}

const stateOf = async (jobs: Jobs, id: string): Promise<string> => (await jobs.find(id, ADMIN)).state

async function untilDone(jobs: Jobs, id: string, state = 'done'): Promise<void> {
  await until(async () => (await stateOf(jobs, id)) === state)
}

/** Waits until the signal is aborted, then throws its reason. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    // The reason is what the signal was aborted with, an Error.
    signal.addEventListener('abort', () => reject(signal.reason as Error))
    if (signal.aborted) reject(signal.reason as Error)
  })

test('a job is done with its input; one in a transaction that is rolled back never was', async () => {
  await using database = await testDatabase()
  await using jobs = open(database)
  const seen: unknown[] = []
  jobs.register('test', async ({ input, createdBy }) => void seen.push([input, createdBy]))
  await jobs.start()
  const id = await jobs.enqueue('test', { text: 'a\0b\ud800 “c”' }, { createdBy: 'usr_ada' })
  await untilDone(jobs, id)
  assert.deepEqual(seen, [[{ text: 'a\0b\ud800 “c”' }, 'usr_ada']])

  await assert.rejects(
    database.transaction(async (tx) => {
      await jobs.enqueue('test', {}, { createdBy: null, tx })
      throw new Error('not today')
    }),
    /not today/,
  )
  const inTime = await database.transaction(async (tx) => {
    const inside = await jobs.enqueue('test', {}, { createdBy: null, tx })
    await sleep(100)
    assert.equal(seen.length, 1, 'nothing runs before the commit')
    return inside
  })
  await untilDone(jobs, inTime)
  assert.equal(seen.length, 2)
})

test('while a job of a key is unfinished there is no second one, however many ask at once', async () => {
  await using database = await testDatabase()
  await using jobs = open(database)
  const { promise, resolve } = Promise.withResolvers<void>()
  jobs.register('test', () => promise)
  const ids = await Promise.all(
    Array.from({ length: 30 }, () => jobs.enqueue('test', {}, { createdBy: null, key: 'usr_1' })),
  )
  assert.equal(new Set(ids).size, 1)
  assert.notEqual(await jobs.enqueue('test', {}, { createdBy: null, key: 'usr_2' }), ids[0])
  // As it is after a failure.
  await database.query(`update jobs set due_at = now() + interval '1 hour' where id = $1`, [ids[0]])
  await jobs.start()
  await sleep(50)
  assert.equal(await stateOf(jobs, ids[0]!), 'queued')
  assert.equal(await jobs.enqueue('test', {}, { createdBy: null, key: 'usr_1' }), ids[0])
  await until(async () => (await stateOf(jobs, ids[0]!)) === 'running')
  assert.equal(await jobs.enqueue('test', {}, { createdBy: null, key: 'usr_1' }), ids[0])
  resolve()
  await untilDone(jobs, ids[0]!)
  assert.notEqual(await jobs.enqueue('test', {}, { createdBy: null, key: 'usr_1' }), ids[0])
})

test('what failed is tried again from its checkpoint, and shows meanwhile why', async () => {
  await using database = await testDatabase()
  await using jobs = open(database)
  const states: unknown[] = []
  jobs.register('test', async (job) => {
    states.push(job.state())
    if (states.length === 1) {
      job.progress(3, 9)
      await job.checkpoint({ at: 3 })
      throw new AppError('store-unavailable')
    }
    job.progress(9)
  })
  await jobs.start()
  const id = await jobs.enqueue('test', {}, { createdBy: null })
  await until(async () => (await jobs.find(id, ADMIN)).problem !== undefined)
  const waiting = await jobs.find(id, ADMIN)
  assert.equal(waiting.problem?.code, 'store-unavailable')
  assert.deepEqual(waiting.progress, { done: 3, total: 9 })
  await untilDone(jobs, id)
  assert.deepEqual(states, [undefined, { at: 3 }])
  const done = await jobs.find(id, ADMIN)
  assert.deepEqual([done.progress, done.problem], [{ done: 9, total: 9 }, undefined])
})

test('a job fails at once where the request is at fault, and else after its tries; details of faults stay in the log', async () => {
  await using database = await testDatabase()
  await using jobs = open(database)
  const tries = { final: 0, limited: 0 }
  jobs.register('final', async () => {
    tries.final += 1
    throw new AppError('not-found', 'The bucket does not exist.')
  })
  jobs.register(
    'limited',
    async () => {
      tries.limited += 1
      throw new Error('secret internals')
    },
    { attempts: 2 },
  )
  await jobs.start()
  const final = await jobs.enqueue('final', {}, { createdBy: null })
  const limited = await jobs.enqueue('limited', {}, { createdBy: null })
  await untilDone(jobs, final, 'failed')
  await untilDone(jobs, limited, 'failed')
  assert.deepEqual(tries, { final: 1, limited: 2 })
  const { problem } = await jobs.find(final, ADMIN)
  assert.deepEqual([problem?.code, problem?.detail], ['not-found', 'The bucket does not exist.'])
  const fault = (await jobs.find(limited, ADMIN)).problem
  assert.deepEqual([fault?.code, fault?.status, fault?.detail], ['internal', 500, undefined])
})

test('a job that takes every process with it is given up', async () => {
  await using database = await testDatabase()
  await using jobs = open(database)
  let runs = 0
  jobs.register('test', async () => void (runs += 1), { attempts: 3 })
  const id = await jobs.enqueue('test', {}, { createdBy: null })
  // As three processes leave it that died with it.
  await database.query(`update jobs set state = 'running', attempts = 3, claim = 3, due_at = now() where id = $1`, [id])
  await jobs.start()
  await untilDone(jobs, id, 'failed')
  assert.equal(runs, 0)
})

test('a job is cancelled before it runs at once, and while it runs in another process when that stops it', async () => {
  await using database = await testDatabase()
  await using here = open(database)
  await using there = open(database)
  const reasons: unknown[] = []
  const running = Promise.withResolvers<void>()
  for (const jobs of [here, there]) {
    jobs.register('test', async ({ signal }) => {
      running.resolve()
      await aborted(signal).catch((error: unknown) => {
        reasons.push((error as Error).message)
        throw error
      })
    })
  }
  const waiting = await here.enqueue('test', {}, { createdBy: 'usr_ada' })
  assert.equal((await here.cancel(waiting, ADA)).state, 'cancelled')
  await there.start()
  const id = await here.enqueue('test', {}, { createdBy: 'usr_ada' })
  await running.promise
  await here.cancel(id, ADA)
  await untilDone(here, id, 'cancelled')
  assert.deepEqual(reasons, ['the job was cancelled'])
  assert.equal((await here.cancel(id, ADA)).state, 'cancelled', 'once more')
})

test('a job that ends although it was cancelled is done; what cannot be cancelled says so', async () => {
  await using database = await testDatabase()
  await using jobs = open(database)
  const running = Promise.withResolvers<void>()
  jobs.register('test', async ({ signal }) => {
    running.resolve()
    await aborted(signal).catch(() => {})
  })
  jobs.register('must', async () => {}, { cancellable: false })
  const must = await jobs.enqueue('must', {}, { createdBy: null })
  await assert.rejects(jobs.cancel(must, ADMIN), (error: AppError) => error.code === 'conflict')
  await jobs.start()
  const id = await jobs.enqueue('test', {}, { createdBy: null })
  await running.promise
  await jobs.cancel(id, ADMIN)
  await untilDone(jobs, id)
})

test('a cancellation is recorded with it, once, and not where it changes nothing', async () => {
  await using database = await testDatabase()
  await using jobs = open(database)
  jobs.register('test', async () => {})
  jobs.register('must', async () => {}, { cancellable: false })
  const origin = { requestId: 'req_1', ip: null, userAgent: null, door: 'rest' } as const
  const use = { jobs, now: Date.now }
  const id = await jobs.enqueue('test', {}, { createdBy: ADA.userId })
  const must = await jobs.enqueue('must', {}, { createdBy: null })
  await assert.rejects(cancelJob(use, id, { ...BOB, origin }), (error: AppError) => error.code === 'not-found')
  await assert.rejects(cancelJob(use, must, { ...ADMIN, origin }), (error: AppError) => error.code === 'conflict')
  assert.equal((await cancelJob(use, id, { ...ADMIN, origin })).state, 'cancelled')
  assert.equal((await cancelJob(use, id, { ...ADA, origin })).state, 'cancelled')
  const { events } = await readAuditEvents(database, { limit: 10 })
  assert.deepEqual(
    events.map(({ action, outcome, userId, targetUserId, detail }) => [action, outcome, userId, targetUserId, detail]),
    [['job.cancel', 'allow', ADMIN.userId, ADA.userId, { jobId: id, kind: 'test' }]],
  )
})

test('whoever has lost a job can write nothing more of it, and hears that', async () => {
  await using database = await testDatabase()
  await using jobs = open(database)
  const started = Promise.withResolvers<Job>()
  const lost = Promise.withResolvers<unknown>()
  jobs.register('test', async (job) => {
    started.resolve(job)
    await aborted(job.signal).catch((error: unknown) => lost.resolve(error))
    throw new Error('an end that must not count')
  })
  await jobs.start()
  const id = await jobs.enqueue('test', {}, { createdBy: null })
  const job = await started.promise
  // As another process takes it over that believes this one dead.
  await database.query(`update jobs set claim = claim + 1, due_at = now() + interval '1 hour' where id = $1`, [id])
  await assert.rejects(
    database.transaction(async (tx) => {
      await tx.query(`insert into facts (name, value) values ('twice', '1')`)
      await job.checkpoint({ at: 1 }, tx)
    }),
    JobLostError,
  )
  assert.deepEqual(await database.query(`select 1 from facts where name = 'twice'`), [])
  assert.ok((await lost.promise) instanceof JobLostError)
  await sleep(50)
  assert.equal(await stateOf(jobs, id), 'running', 'it is the other one that says how it ends')
})

test('a checkpoint in a transaction that is rolled back is none', async () => {
  await using database = await testDatabase()
  await using jobs = open(database)
  const states: unknown[] = []
  jobs.register('test', async (job) => {
    states.push(job.state())
    if (states.length > 1) return
    await database.transaction(async (tx) => {
      await job.checkpoint({ at: 1 }, tx)
      throw new Error('not today')
    })
  })
  await jobs.start()
  await untilDone(jobs, await jobs.enqueue('test', {}, { createdBy: null }))
  assert.deepEqual(states, [undefined, undefined])
})

test('a process that cannot renew its lease stops what it runs', async () => {
  await using database = await testDatabase()
  let isAway = false
  const hot: TestDatabase['hot'] = {
    query: (...query) => (isAway ? Promise.reject(new Error('away')) : database.hot.query(...query)),
  }
  await using jobs = open({ ...database, hot }, { leaseMs: 200 })
  const running = Promise.withResolvers<void>()
  const lost = Promise.withResolvers<unknown>()
  jobs.register('test', async ({ signal }) => {
    running.resolve()
    await aborted(signal).catch((error: unknown) => lost.resolve(error))
  })
  await jobs.start()
  await jobs.enqueue('test', {}, { createdBy: null })
  await running.promise
  isAway = true
  assert.ok((await lost.promise) instanceof JobLostError)
})

test('a process that stops gives its jobs back for others to go on with at once, and no try is lost', async () => {
  await using database = await testDatabase()
  const handedOver = Promise.withResolvers<unknown>()
  const running = Promise.withResolvers<void>()
  const first = open(database, { leaseMs: 60_000 })
  first.register('test', async (job) => {
    await job.checkpoint({ at: 7 })
    running.resolve()
    await aborted(job.signal)
  })
  await first.start()
  const id = await first.enqueue('test', {}, { createdBy: null })
  await running.promise
  await first[Symbol.asyncDispose]()
  const [row] = await database.query('select state, attempts, problem_code from jobs where id = $1', [id])
  assert.deepEqual(row, { state: 'queued', attempts: 0, problem_code: null })

  await using second = open(database)
  second.register('test', async (job) => handedOver.resolve(job.state()))
  await second.start()
  assert.deepEqual(await handedOver.promise, { at: 7 })
  await untilDone(second, id)
})

test('a process runs no more jobs at once than it may', async () => {
  await using database = await testDatabase()
  await using jobs = open(database, { concurrency: 3 })
  let now = 0
  let most = 0
  jobs.register('test', async () => {
    most = Math.max(most, (now += 1))
    await sleep(10)
    now -= 1
  })
  const ids = await Promise.all(Array.from({ length: 20 }, () => jobs.enqueue('test', {}, { createdBy: null })))
  await jobs.start()
  for (const id of ids) await untilDone(jobs, id)
  assert.equal(most, 3)
})

test('kinds that another version knows are left to it', async () => {
  await using database = await testDatabase()
  await using newer = open(database)
  newer.register('new', async () => {})
  const id = await newer.enqueue('new', {}, { createdBy: null })
  await using older = open(database)
  older.register('old', async () => {})
  await older.start()
  const own = await older.enqueue('old', {}, { createdBy: null })
  await untilDone(older, own)
  assert.equal(await stateOf(older, id), 'queued')
})

test('what comes periodically runs at the first start, and once a period in however many processes', async () => {
  await using database = await testDatabase()
  let runs = 0
  const processes = Array.from({ length: 4 }, () => open(database))
  for (const jobs of processes) {
    jobs.register('tick', async () => void (runs += 1))
    jobs.every('tick', 3_600_000)
  }
  await Promise.all(processes.map((jobs) => jobs.start()))
  await until(() => runs === 1)
  for (let period = 2; period <= 4; period++) {
    await until(
      async () => (await database.query(`select from jobs where kind = 'tick' and state <> 'done'`)).length === 0,
    )
    await database.query(`update job_schedules set next_at = now() where kind = 'tick'`)
    await until(() => runs === period)
    await sleep(100)
    assert.equal(runs, period)
  }
  await Promise.all(processes.map((jobs) => jobs[Symbol.asyncDispose]()))
  assert.equal((await database.query(`select 1 from jobs where kind = 'tick'`)).length, 4)
})

test('people see their own jobs alone, administrators all, by pages', async () => {
  await using database = await testDatabase()
  await using jobs = open(database)
  jobs.register('test', async () => {})
  const ids: string[] = []
  for (const createdBy of ['usr_ada', 'usr_bob', 'usr_ada', null, 'usr_ada'] as const) {
    ids.unshift(await jobs.enqueue('test', {}, { createdBy }))
    await sleep(2)
  }
  const pages = async (reader: typeof ADMIN | typeof ADA, limit: number): Promise<string[]> => {
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await jobs.list({ limit, cursor }, reader)
      found.push(...page.jobs.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    return found
  }
  assert.deepEqual(await pages(ADMIN, 2), ids)
  assert.deepEqual(await pages(ADA, 1), [ids[0], ids[2], ids[4]])
  const notFound = (error: AppError): boolean => error.code === 'not-found'
  await assert.rejects(jobs.find(ids[0]!, BOB), notFound)
  await assert.rejects(jobs.cancel(ids[0]!, BOB), notFound)
  await assert.rejects(jobs.find('job_nonsense', ADMIN), notFound)
  await assert.rejects(
    jobs.list({ limit: 1, cursor: `job_x' or true --` }, ADMIN),
    (error: AppError) => error.code === 'invalid-cursor',
  )
})

test('finished jobs are deleted once they are old, those of SkyCrate itself sooner; unfinished ones never', async () => {
  await using database = await testDatabase()
  await database.query(
    `insert into jobs (id, kind, input, state, created_by, finished_at, created_at)
     select id, 'test', '{}', state, created_by, now() - age::interval, now() - interval '1 year' from (values
       ('own, old', 'done', 'usr_ada', '31 days'), ('own, young', 'done', 'usr_ada', '29 days'),
       ('failed, old', 'failed', null, '31 days'), ('failed, young', 'failed', null, '29 days'),
       ('periodic, old', 'done', null, '25 hours'), ('periodic, young', 'done', null, '23 hours'),
       ('waiting', 'queued', null, null)) as given (id, state, created_by, age)`,
  )
  await pruneJobs(database, new AbortController().signal, 1)
  const left = await database.query<{ id: string }>('select id from jobs order by id')
  assert.deepEqual(
    left.map(({ id }) => id),
    ['failed, young', 'own, young', 'periodic, young', 'waiting'],
  )
})

test('the pauses between tries double up to a minute', () => {
  assert.deepEqual(
    [1, 2, 3, 6, 7, 1000].map((attempts) => retryPause(attempts, 1)),
    [1000, 2000, 4000, 32_000, 60_000, 60_000],
  )
  assert.equal(retryPause(1, 0), 750)
})
