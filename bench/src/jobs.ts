// node bench/src/jobs.ts --pg-boss FOLDER [--jobs N] [--rounds N]
// SkyCrate's jobs beside pg-boss, by turns on one durable PostgreSQL. FOLDER is where `npm install pg-boss@12` was run:
// it is no dependency of ours.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { startEmbeddedPostgres } from '../../apps/server/src/db/embedded/start-embedded-postgres.ts'
import { migrate } from '../../apps/server/src/db/migrate.ts'
import { openDatabase } from '../../apps/server/src/db/open.ts'
import { createJobs } from '../../apps/server/src/jobs/jobs.ts'
import { median } from './median.ts'
import { printTable } from './table.ts'

const { values } = parseArgs({
  options: {
    'pg-boss': { type: 'string' },
    jobs: { type: 'string', default: '3000' },
    rounds: { type: 'string', default: '3' },
  },
})
const count = Number(values.jobs)
const rounds = Number(values.rounds)
const ENQUEUERS = 16
const CONCURRENCY = 4
/** Jobs one at a time on an idle system. */
const SINGLE = 100

/** What is measured: its jobs do nothing but say that they began. */
interface Target extends AsyncDisposable {
  readonly name: string
  enqueue(): Promise<void>
  /** Takes jobs from now on, `CONCURRENCY` at once. */
  work(onBegin: () => void): Promise<void>
  /** Jobs that are done. */
  done(): Promise<number>
}

/** The part of pg-boss that is used; it is not there to be compiled against. */
interface PgBoss {
  on(event: 'error', listener: (error: Error) => void): void
  start(): Promise<unknown>
  stop(options: object): Promise<void>
  createQueue(name: string, options: object): Promise<void>
  send(name: string, data: object): Promise<unknown>
  work(name: string, options: object, handler: (jobs: unknown[]) => Promise<void>): Promise<unknown>
}

const logger = pino({ level: 'silent' })
const dataDir = await mkdtemp(join(tmpdir(), 'skycrate-bench-jobs-'))
try {
  await using postgres = await startEmbeddedPostgres({ dataDir, logger })
  const { connection } = postgres
  await migrate({ connection, logger })
  const rows = new Map<string, { enqueue: number[]; done: number[]; latency: number[] }>()
  const targets: ((round: number) => Promise<Target>)[] = [
    async () => {
      const database = openDatabase({ connection, logger })
      await database.query('truncate jobs, job_schedules')
      const jobs = createJobs({ database, logger, now: Date.now, concurrency: CONCURRENCY })
      let onBegin = (): void => {}
      jobs.register('bench', async () => onBegin())
      return {
        name: 'SkyCrate',
        enqueue: async () => void (await jobs.enqueue('bench', { n: 1 }, { createdBy: null })),
        async work(begin) {
          onBegin = begin
          await jobs.start()
        },
        async done() {
          const [row] = await database.query<{ n: number }>(
            `select count(*) as n from jobs where kind = 'bench' and state = 'done'`,
          )
          return row!.n
        },
        async [Symbol.asyncDispose]() {
          await jobs[Symbol.asyncDispose]()
          await database[Symbol.asyncDispose]()
        },
      }
    },
  ]
  const folder = values['pg-boss']
  if (folder !== undefined) {
    const entry = pathToFileURL(resolve(folder, 'node_modules/pg-boss/dist/index.js')).href
    const { PgBoss } = (await import(entry)) as { PgBoss: new (options: object) => PgBoss }
    for (const batchSize of [1, 20]) {
      targets.push(async (round) => {
        const database = openDatabase({ connection, logger })
        const schema = `boss_${batchSize}_${round}`
        const boss = new PgBoss({ ...connection, max: 10, schema, useListenNotify: true })
        boss.on('error', (error) => console.error(error))
        await boss.start()
        await boss.createQueue('bench', { notify: true, heartbeatSeconds: 10 })
        return {
          name: `pg-boss, batches of ${batchSize}`,
          enqueue: async () => void (await boss.send('bench', { n: 1 })),
          async work(begin) {
            const options = {
              localConcurrency: CONCURRENCY,
              batchSize,
              burstWhenBatchFull: batchSize > 1,
              pollingIntervalSeconds: 0.5,
              notifyPollingIntervalSeconds: 0.5,
            }
            await boss.work('bench', options, async (jobs) => jobs.forEach(begin))
          },
          async done() {
            const [row] = await database.query<{ n: number }>(
              `select count(*) as n from ${schema}.job where name = 'bench' and state = 'completed'`,
            )
            return row!.n
          },
          async [Symbol.asyncDispose]() {
            await boss.stop({ graceful: false, close: true })
            await database[Symbol.asyncDispose]()
          },
        }
      })
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const open of targets) {
      await using target = await open(round)
      const { name } = target
      const figures = rows.get(name) ?? { enqueue: [], done: [], latency: [] }
      rows.set(name, figures)
      const enqueuing = performance.now()
      await Promise.all(
        Array.from({ length: ENQUEUERS }, async () => {
          for (let i = 0; i < count / ENQUEUERS; i++) await target.enqueue()
        }),
      )
      figures.enqueue.push(count / ((performance.now() - enqueuing) / 1000))
      const working = performance.now()
      let begun = Promise.withResolvers<void>()
      await target.work(() => begun.resolve())
      const all = Math.ceil(count / ENQUEUERS) * ENQUEUERS
      // The slow one is not waited for to the end: its rate is known by then.
      while ((await target.done()) < all && performance.now() - working < 30_000) await sleep(20)
      figures.done.push((await target.done()) / ((performance.now() - working) / 1000))
      if ((await target.done()) < all) {
        figures.latency.push(NaN)
        continue
      }
      for (let i = 0; i < SINGLE; i++) {
        begun = Promise.withResolvers()
        const began = performance.now()
        await target.enqueue()
        await begun.promise
        figures.latency.push(performance.now() - began)
        await sleep(20)
      }
    }
  }
  printTable(
    ['', 'enqueued/s', 'done/s', 'start after ms, p50', 'p99'],
    [...rows].map(([name, { enqueue, done, latency }]) => [
      name,
      Math.round(median(enqueue)),
      Math.round(median(done)),
      quantile(latency, 0.5),
      quantile(latency, 0.99),
    ]),
    `${count} jobs by ${ENQUEUERS} enqueuers, then ${CONCURRENCY} at once; ${SINGLE} one by one; ${rounds} rounds by turns`,
  )
} finally {
  await rm(dataDir, { recursive: true, force: true })
}

function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  return Number.isNaN(value) ? '-' : value.toFixed(1)
}
