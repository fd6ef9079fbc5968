import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { testDatabase, type TestDatabase } from '../../src/db/test-database.ts'
import { createCountedTable, registerCounting, testJobs } from './counting-jobs.ts'

const SCRIPT = fileURLToPath(new URL('counting-jobs.ts', import.meta.url))
const ROWS = 60

function spawnWorker(database: TestDatabase): ChildProcess {
  return spawn(process.execPath, [SCRIPT, JSON.stringify(database.connection)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (await isTrue()) return
    await sleep(10)
  }
  throw new Error(`waited in vain until ${what}`)
}

const countedBy = async (database: TestDatabase, pid: number | undefined): Promise<number> => {
  const [row] = await database.query<{ n: number }>('select count(*) as n from counted where pid = $1', [pid])
  return row!.n
}

test('a job whose processes are killed -9 one after another is done once, each from the checkpoint of the one before', async () => {
  await using database = await testDatabase()
  await createCountedTable(database)
  const jobs = testJobs(database)
  registerCounting(jobs, database)
  const id = await jobs.enqueue('test.count', { rows: ROWS, pauseMs: 20 }, { createdBy: null })

  const workers = [spawnWorker(database), spawnWorker(database)]
  try {
    // Whoever has it is killed amid it, and the other takes it over.
    let killed = 0
    while (killed < 2) {
      let holder: ChildProcess | undefined
      await until(`a living process has done ten rows (killed so far: ${killed})`, async () => {
        for (const worker of workers) if ((await countedBy(database, worker.pid)) >= 10) holder = worker
        return holder !== undefined
      })
      holder!.kill('SIGKILL')
      await once(holder!, 'exit')
      workers.splice(workers.indexOf(holder!), 1)
      killed += 1
    }
    const [row] = await database.query<{ state: string; done: number }>('select state, done from jobs where id = $1', [
      id,
    ])
    assert.equal(row!.state, 'running', 'nobody has finished it')
    assert.ok(row!.done >= 20 && row!.done < ROWS, `${row!.done} rows were done`)

    await using third = testJobs(database)
    registerCounting(third, database)
    await third.start()
    await until('the job is done', async () => (await jobs.find(id, ADMIN)).state === 'done')
    const counted = await database.query<{ n: number }>('select n from counted order by n')
    assert.deepEqual(
      counted.map(({ n }) => n),
      Array.from({ length: ROWS }, (_, i) => i + 1),
      'every row once',
    )
    assert.deepEqual((await jobs.find(id, ADMIN)).progress, { done: ROWS, total: ROWS })
    const processes = await database.query('select distinct pid from counted')
    assert.equal(processes.length, 3)
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
  }
})

const ADMIN = { userId: 'usr_admin', isAdmin: true } as const
