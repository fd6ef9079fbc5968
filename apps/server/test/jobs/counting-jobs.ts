/**
 * A kind of job whose work can be counted: it adds the rows `1` to `input.rows` to the table `counted`, each in one
 * transaction with its checkpoint, and waits in between.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import type { SocketConnection } from '../../src/db/database-connection.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/database.ts'
import { createJobs, type Jobs, type JobsOptions } from '../../src/jobs/jobs.ts'

export interface CountingInput {
  readonly rows: number
  readonly pauseMs: number
}

export async function createCountedTable(database: Database): Promise<void> {
  await database.query('create table counted (n int not null, pid int not null)')
}

/** Jobs as a process has them, but with short times. */
export function testJobs(database: Database, options: Partial<JobsOptions> = {}): Jobs {
  return createJobs({
    database,
    logger: pino({ level: 'silent' }),
    now: Date.now,
    leaseMs: 1000,
    pollMs: 50,
    ...options,
  })
}

export function registerCounting(jobs: Jobs, database: Database): void {
  jobs.register<CountingInput>('test.count', async (job) => {
    const { rows, pauseMs } = job.input
    for (let n = (job.state<{ done: number }>()?.done ?? 0) + 1; n <= rows; n++) {
      job.signal.throwIfAborted()
      await database.transaction(async (tx) => {
        await tx.query('insert into counted (n, pid) values ($1, $2)', [n, process.pid])
        job.progress(n, rows)
        await job.checkpoint({ done: n }, tx)
      })
      await sleep(pauseMs, undefined, { signal: job.signal })
    }
  })
}

/** Run as a process of its own, it works until it is killed. */
if (process.argv[1] === import.meta.filename) {
  const connection = JSON.parse(process.argv[2]!) as SocketConnection
  const database = openDatabase({ connection, logger: pino({ level: 'silent' }) })
  const jobs = testJobs(database)
  registerCounting(jobs, database)
  await jobs.start()
  setInterval(() => {}, 60_000)
}
