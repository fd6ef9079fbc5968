import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import type { Database, Sql } from './database.ts'
import type { SocketConnection } from './database-connection.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/start-embedded-postgres.ts'
import { openDatabase } from './open.ts'
import { openReads, type Reads } from './reads.ts'

const quiet = pino({ level: 'silent' })
const MAX_LAG_MS = 2000

let folder: string
let primaryServer: EmbeddedPostgres
let replicaServer: EmbeddedPostgres
let primary: Database
/** Beside the one that is read: for what an operator does there. */
let replica: Database

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skycrate-replica-'))
  execFileSync('chmod', ['711', folder])
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  const settings = { wal_level: 'replica', max_wal_senders: '4', fsync: 'off' }
  const first = await startEmbeddedPostgres({ dataDir: one, logger: quiet, settings })
  await first.close()
  // What pg_basebackup would do, of a server that has stopped.
  execFileSync('cp', ['-a', one, two])
  const { uid, gid } = await stat(join(two, 'cluster'))
  await writeFile(join(two, 'cluster', 'standby.signal'), '')
  await chown(join(two, 'cluster', 'standby.signal'), uid, gid)
  primaryServer = await startEmbeddedPostgres({ dataDir: one, logger: quiet, settings })
  const primary_conninfo = `host=${primaryServer.connection.host} port=5432 user=${primaryServer.connection.user}`
  replicaServer = await startEmbeddedPostgres({
    dataDir: two,
    logger: quiet,
    settings: { ...settings, primary_conninfo },
  })
  primary = openDatabase({ connection: primaryServer.connection, logger: quiet })
  replica = openDatabase({ connection: replicaServer.connection, logger: quiet })
  await primary.query('create table things (n int)')
})
after(async () => {
  await primary?.[Symbol.asyncDispose]()
  await replica?.[Symbol.asyncDispose]()
  await replicaServer?.close()
  await primaryServer?.close()
  await rm(folder, { recursive: true, force: true })
})

const isReplica = async (sql: Sql): Promise<boolean> =>
  (await sql.query<{ is: boolean }>('select pg_is_in_recovery() as is'))[0]!.is

const newest = async (sql: Sql): Promise<{ n: number; onReplica: boolean }> =>
  (
    await sql.query<{ n: number; onReplica: boolean }>(
      'select coalesce(max(n), 0) as n, pg_is_in_recovery() as "onReplica" from things',
    )
  )[0]!

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; performance.now() < end; await sleep(50)) if (await ask()) return
  assert.fail(`${what}: not within 30 s`)
}

function open(
  connection: SocketConnection,
  maxLagMs = MAX_LAG_MS,
): { reads: Reads & AsyncDisposable; lines: string[] } {
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(line) })
  const reads = openReads({
    primary,
    replica: openDatabase({ connection, logger: quiet, connectTimeout: 2000 }),
    maxLagMs,
    logger,
  })
  return { reads, lines }
}

test('whoever has just written sees it, on the replica where that is as far', async () => {
  const { reads } = open(replicaServer.connection)
  await using _closing = reads
  await until('the replica is used', () => isReplica(reads.recent))
  let onReplica = 0
  for (let n = 1; n <= 100; n++) {
    await primary.query('insert into things values ($1)', [n])
    const seen = await newest(reads.current)
    assert.equal(seen.n, n)
    if (seen.onReplica) onReplica += 1
  }
  assert.ok(onReplica > 0, 'none was read on the replica')
  assert.equal(await reads.recent.transaction((tx) => isReplica(tx)), true)
  // A wrong question is the same error as without a replica.
  await assert.rejects(reads.recent.query('select nothing from nowhere'), { code: '42P01' })
})

test('a replica that stands still is not read for long, by those who have just written not at all, and is told once', async () => {
  const { reads, lines } = open(replicaServer.connection)
  await using _closing = reads
  await until('the replica is used', () => isReplica(reads.recent))
  await replica.query('select pg_wal_replay_pause()')
  try {
    await primary.query('insert into things values (1000)')
    assert.deepEqual(await newest(reads.current), { n: 1000, onReplica: false })
    const told = (): number => lines.filter((line) => line.includes('too far behind')).length
    await until('it is told', async () => told() > 0)
    await until('the primary is read', async () => !(await isReplica(reads.recent)))
    assert.equal((await newest(reads.recent)).n, 1000)
    assert.equal(told(), 1)
  } finally {
    await replica.query('select pg_wal_replay_resume()')
  }
  await until('the replica is used again', () => isReplica(reads.recent))
  assert.deepEqual(await newest(reads.recent), { n: 1000, onReplica: true })
})

test('what is no replica of this database is not read', async () => {
  const { reads, lines } = open(primaryServer.connection)
  await using _closing = reads
  await until('it is told', async () => lines.some((line) => line.includes('it is no replica')))
  assert.equal(await isReplica(reads.recent), false)
  const other = open({ ...replicaServer.connection, database: 'postgres' })
  await using _closingOther = other.reads
  await until('it is told', async () => other.lines.some((line) => line.includes('of another database')))
  assert.equal(await isReplica(other.reads.current), false)
})

test('a replica that goes away costs nothing but its use', async () => {
  const { reads, lines } = open(replicaServer.connection, 60_000)
  await using _closing = reads
  await until('the replica is used', () => isReplica(reads.recent))
  await replicaServer.close()
  for (let n = 0; n < 5; n++) {
    assert.deepEqual(await newest(reads.recent), { n: 1000, onReplica: false })
    assert.deepEqual(await newest(reads.current), { n: 1000, onReplica: false })
  }
  assert.equal(lines.filter((line) => line.includes('replica is away')).length, 1)
})
