import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../src/db/database.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/db/embedded/start-embedded-postgres.ts'
import { openDatabase } from '../src/db/open.ts'
import { AppError } from '../src/errors/app-error.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }

function start(): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir: mkdtempSync(join(tmpdir(), 'skycrate-test-')), logger, throwaway: true })
}

function assertUnavailable(outcome: PromiseSettledResult<unknown>): void {
  assert.equal(outcome.status, 'rejected')
  const error: unknown = outcome.reason
  assert.ok(error instanceof AppError, `got ${String(error)}`)
  assert.equal(error.code, 'database-unavailable')
}

/** One query through each door, all of them in the server when it goes. */
function sleepEverywhere(database: Database): Promise<PromiseSettledResult<unknown>[]> {
  const text = 'select pg_sleep(60)'
  return Promise.allSettled([
    database.query(text),
    database.hot.query(text, [], 'sleep'),
    database.hot.query(text, [], 'sleep'),
    database.hot.query(text, [], 'sleep'),
    database.transaction((tx) => tx.query(text)),
    database.session((connection) => connection.query(text)),
  ])
}

async function untilSleeping(database: Database, count: number): Promise<void> {
  for (;;) {
    const [row] = await database.query<{ n: number }>(`select count(*) as n from pg_stat_activity
      where query like 'select pg_sleep(60)%' and state = 'active'`)
    if (row && row.n >= count) return
    await sleep(10)
  }
}

/** The way back takes no help: only asking again. */
async function untilAnswers(ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await ask()
      return
    } catch (error) {
      assert.ok(error instanceof AppError && error.code === 'database-unavailable', `got ${String(error)}`)
      await sleep(20)
    }
  }
}

const endings: readonly (readonly [string, NodeJS.Signals])[] = [
  ['is killed', 'SIGKILL'],
  ['is shut down', 'SIGINT'],
]

for (const [what, signal] of endings) {
  test(`when PostgreSQL ${what}, queries under way fail at once, and it all recovers by itself`, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'skycrate-test-'))
    await using cleanup = new AsyncDisposableStack()
    cleanup.defer(() => rm(dataDir, { recursive: true }))
    // Not a throwaway one, since that forgets commits when it is killed.
    const postgres = cleanup.use(await startEmbeddedPostgres({ dataDir, logger }))
    const database = cleanup.use(openDatabase({ connection: postgres.connection, logger }))
    await database.query('create table kept (n int)')
    const heard: string[] = []
    let gaps = 0
    const listening = await database.listen(
      'news',
      (payload) => heard.push(payload),
      () => (gaps += 1),
    )
    cleanup.use(listening)
    assert.deepEqual(await database.hot.query('select $1::int as n', [1], 'named'), [{ n: 1 }])
    assert.deepEqual(await database.query('select $1::int as n', [1], 'named'), [{ n: 1 }])

    const sleeping = sleepEverywhere(database)
    await untilSleeping(database, 5)
    assert.ok(postgres.pid)
    process.kill(postgres.pid, signal)
    for (const outcome of await sleeping) assertUnavailable(outcome)

    await untilAnswers(() => database.ping())
    await untilAnswers(() => database.query('insert into kept values (1)'))
    assert.deepEqual(await database.hot.query('select $1::int as n', [2], 'named'), [{ n: 2 }])
    assert.deepEqual(await database.query('select $1::int as n', [2], 'named'), [{ n: 2 }])
    assert.equal(await database.transaction(() => Promise.resolve(3)), 3)
    assert.equal(await database.session(() => Promise.resolve(4)), 4)
    while (gaps < 2) await sleep(10)
    await database.query(`select pg_notify('news', 'after')`)
    while (heard.length === 0) await sleep(10)
    assert.deepEqual(heard, ['after'])
  })
}

test('while PostgreSQL is away every door answers database-unavailable, and none hangs', async () => {
  await using postgres = await start()
  await using database = openDatabase({ connection: postgres.connection, logger })
  await database.ping()
  await database.query('select 1')
  await postgres.close()
  for (let round = 0; round < 3; round += 1) {
    const began = performance.now()
    for (const outcome of await sleepEverywhere(database)) assertUnavailable(outcome)
    assert.ok(performance.now() - began < 5_000)
  }
})

test('a server that freezes under a query is given up, and used again once it thaws', async () => {
  await using postgres = await start()
  // The server's own limit cannot end a statement of a frozen server; ours is two seconds above it.
  await using database = openDatabase({
    connection: postgres.connection,
    logger,
    statementTimeout: 100,
    connectTimeout: 500,
  })
  await database.ping()
  await database.query('select 1')
  const { pid } = postgres
  assert.ok(pid)
  const family = [pid, ...children(pid)]
  for (const member of family) process.kill(member, 'SIGSTOP')
  try {
    const outcomes = await Promise.allSettled([
      database.query('select 1'),
      database.hot.query('select 1', [], 'one'),
      database.hot.query('select 1', [], 'one'),
    ])
    for (const outcome of outcomes) assertUnavailable(outcome)
  } finally {
    for (const member of family) process.kill(member, 'SIGCONT')
  }
  await untilAnswers(() => database.ping())
  await untilAnswers(() => database.query('select 1'))
})

function children(pid: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child = 0, parent]) => (parent === pid ? [child] : []))
}
