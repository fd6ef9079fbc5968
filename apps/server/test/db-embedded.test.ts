import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/db/embedded/start-embedded-postgres.ts'
import { EmbeddedPostgresError } from '../src/db/embedded/embedded-postgres-error.ts'
import { openDatabase } from '../src/db/open.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const COMMIT_LOOP = fileURLToPath(new URL('db-commit-loop.ts', import.meta.url))
const isRoot = process.getuid?.() === 0
/** Whether an unprivileged user can pass to this checkout, as those who start it are. */
const othersReachUs =
  isRoot &&
  spawnSync('/bin/sh', ['-c', '[ -x "$1" ] && [ -r "$2" ]', 'sh', process.execPath, COMMIT_LOOP], {
    uid: 65_534,
    cwd: '/',
  }).status === 0
const namespaces = isRoot && spawnSync('unshare', ['--user', 'true'], { stdio: 'ignore' }).status === 0

interface Scratch extends AsyncDisposable {
  readonly dataDir: string
}

function scratch(parent = tmpdir()): Scratch {
  const directory = mkdtempSync(join(parent, 'skycrate-embedded-'))
  // mkdtemp keeps others out, and PostgreSQL runs as one of them when this is root.
  execFileSync('chmod', ['755', directory])
  return {
    dataDir: join(directory, 'data', 'postgres'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, maxRetries: 3 }),
  }
}

async function query(postgres: EmbeddedPostgres, text: string): Promise<Record<string, unknown>[]> {
  await using database = openDatabase({ connection: postgres.connection, logger })
  return database.query(text)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A zombie has ended; whoever inherited it has just not looked yet.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** Whether a process has the text in its command line. */
const isNamedByProcess = (text: string): boolean =>
  readdirSync('/proc').some((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text)
    } catch {
      return false
    }
  })

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10)
}

test('the first start makes a durable, private database; the next finds it as it was left', async () => {
  await using place = scratch()
  {
    await using postgres = await startEmbeddedPostgres({ dataDir: place.dataDir, logger })
    await query(postgres, `create table kept as select 'é' as text`)
    const settings = await query(
      postgres,
      `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes',
        'data_checksums', 'listen_addresses', 'server_encoding') order by name`,
    )
    assert.deepEqual(Object.fromEntries(settings.map(({ name, setting }) => [name, setting])), {
      data_checksums: 'on',
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      server_encoding: 'UTF8',
      synchronous_commit: 'on',
    })
    assert.deepEqual(await query(postgres, `select upper('é') as upper, 'B' < 'a' as bytewise`), [
      { upper: 'É', bytewise: true },
    ])
    const { mode } = statSync(postgres.connection.host)
    assert.equal(mode & 0o777, 0o700)
    assert.ok(Buffer.byteLength(join(postgres.connection.host, '.s.PGSQL.5432')) <= 103)
  }
  await using again = await startEmbeddedPostgres({ dataDir: place.dataDir, logger })
  assert.deepEqual(await query(again, 'select text from kept'), [{ text: 'é' }])
})

test('closing ends the server and leaves no socket', async () => {
  await using place = scratch()
  const postgres = await startEmbeddedPostgres({ dataDir: place.dataDir, logger })
  const { pid } = postgres
  assert.ok(pid && isAlive(pid))
  await Promise.all([postgres.close(), postgres.close()])
  assert.ok(!isAlive(pid))
  assert.ok(!existsSync(postgres.connection.host))
  assert.ok(!existsSync(join(place.dataDir, 'cluster', 'postmaster.pid')))
})

test('a second supervisor of the same data is refused, and the first goes on', async () => {
  await using place = scratch()
  await using postgres = await startEmbeddedPostgres({ dataDir: place.dataDir, logger })
  await assert.rejects(
    startEmbeddedPostgres({ dataDir: place.dataDir, logger }),
    (error) => error instanceof EmbeddedPostgresError && /another SkyCrate is running/.test(error.message),
  )
  const second = startCommitLoop(place.dataDir, 0)
  let complaint = ''
  second.child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  await second.ended
  assert.match(complaint, /another SkyCrate is running/)
  assert.deepEqual(await query(postgres, 'select 1 as one'), [{ one: 1 }])
})

test('a PostgreSQL that crashes is started again, on the same socket', async () => {
  await using place = scratch()
  const errors: unknown[] = []
  await using postgres = await startEmbeddedPostgres({
    dataDir: place.dataDir,
    logger: { ...logger, error: (...line: unknown[]) => errors.push(line.at(-1)) },
  })
  await query(postgres, 'create table kept (n int)')
  for (let round = 0; round < 2; round += 1) {
    const { pid } = postgres
    assert.ok(pid)
    process.kill(pid, 'SIGKILL')
    await until(() => postgres.pid !== undefined && postgres.pid !== pid)
    assert.deepEqual(await query(postgres, 'select n from kept'), [])
  }
  assert.deepEqual(errors, Array(2).fill('PostgreSQL ended by itself; restarting it'))
})

interface CommitLoop {
  readonly child: ChildProcess
  readonly acknowledged: number[]
  readonly ready: Promise<number>
  readonly ended: Promise<void>
}

function startCommitLoop(dataDir: string, first: number, options: SpawnOptions = {}): CommitLoop {
  const child = spawn(process.execPath, [COMMIT_LOOP, dataDir, String(first)], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const acknowledged: number[] = []
  const ready = Promise.withResolvers<number>()
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('ready ')) ready.resolve(Number(line.slice(6)))
    else acknowledged.push(Number(line))
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  void ended.then(() => ready.reject(new Error(`the commit loop ended early: ${complaint}`)))
  ready.promise.catch(() => {})
  return { child, acknowledged, ready: ready.promise, ended }
}

test('killed with -9 again and again, it starts again and has every commit that was acknowledged', async () => {
  await using place = scratch()
  const all: number[] = []
  for (let round = 0; round < 6; round += 1) {
    const loop = startCommitLoop(place.dataDir, round * 1_000_000)
    const postmaster = await loop.ready
    // On a busy machine the first commit takes its time.
    while (loop.acknowledged.length === 0) await sleep(5)
    await sleep(100 + round * 37)
    // By turns: SkyCrate alone, SkyCrate and then its orphan, both at once.
    loop.child.kill('SIGKILL')
    if (round % 3 === 1) await sleep(5)
    if (round % 3 !== 0) process.kill(postmaster, 'SIGKILL')
    await loop.ended
    assert.ok(loop.acknowledged.length > 0)
    all.push(...loop.acknowledged)
  }
  await using postgres = await startEmbeddedPostgres({ dataDir: place.dataDir, logger })
  const rows = await query(postgres, 'select n from acknowledged')
  const found = new Set(rows.map(({ n }) => n))
  assert.deepEqual(
    all.filter((n) => !found.has(n)),
    [],
  )
})

test('nothing outlives a SkyCrate that is killed with -9', async () => {
  await using place = scratch()
  const loop = startCommitLoop(place.dataDir, 0)
  const postmaster = await loop.ready
  loop.child.kill('SIGKILL')
  await until(() => !isAlive(postmaster))
  assert.ok(!existsSync(join(place.dataDir, 'cluster', 'postmaster.pid')))
  await (await startEmbeddedPostgres({ dataDir: place.dataDir, logger })).close()
})

test('an orphan that still runs is stopped before a new server starts', async () => {
  await using place = scratch()
  const loop = startCommitLoop(place.dataDir, 0)
  const postmaster = await loop.ready
  // A stopped watchdog can do nothing, as one that was killed along with SkyCrate.
  const watchdog = findWatchdog(postmaster)
  process.kill(watchdog, 'SIGSTOP')
  loop.child.kill('SIGKILL')
  await loop.ended
  try {
    assert.ok(isAlive(postmaster))
    const warnings: unknown[] = []
    await using postgres = await startEmbeddedPostgres({
      dataDir: place.dataDir,
      logger: { ...logger, warn: (...line: unknown[]) => warnings.push(line.at(-1)) },
    })
    assert.ok(!isAlive(postmaster))
    assert.notEqual(postgres.pid, postmaster)
    assert.ok(warnings.includes('stopping the PostgreSQL that an earlier SkyCrate left running'))
  } finally {
    process.kill(watchdog, 'SIGKILL')
  }
})

function findWatchdog(postmaster: number): number {
  const line = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .find((entry) => entry.endsWith(`skycrate-watchdog ${postmaster}`))
  const pid = Number(line?.trim().split(' ')[0])
  assert.ok(pid > 1)
  return pid
}

test('a postmaster.pid whose number belongs to a stranger by now stops nobody, least of all the stranger', async () => {
  await using place = scratch()
  await (await startEmbeddedPostgres({ dataDir: place.dataDir, logger })).close()
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
  try {
    const cluster = join(place.dataDir, 'cluster')
    writeFileSync(join(cluster, 'postmaster.pid'), `${stranger.pid}\n${cluster}\n0\n5432\n\n\n\nready\n`)
    await using postgres = await startEmbeddedPostgres({ dataDir: place.dataDir, logger })
    assert.deepEqual(await query(postgres, 'select 1 as one'), [{ one: 1 }])
    assert.equal(stranger.exitCode ?? stranger.signalCode, null)
  } finally {
    stranger.kill('SIGKILL')
  }
})

test('a first start that was cut short is begun anew', async () => {
  await using place = scratch()
  for (const delay of [150, 300, 450]) {
    const loop = startCommitLoop(place.dataDir, 0)
    await until(
      () => existsSync(place.dataDir) && readdirSync(place.dataDir).some((name) => name.startsWith('cluster')),
    )
    await sleep(delay)
    loop.child.kill('SIGKILL')
    await loop.ended
  }
  const starts = async (): Promise<void> => {
    await using postgres = await startEmbeddedPostgres({ dataDir: place.dataDir, logger })
    assert.deepEqual(await query(postgres, 'select 1 as one'), [{ one: 1 }])
  }
  await starts()
  // An initdb that outlived its SkyCrate may make its directory anew until it ends.
  await until(() => !isNamedByProcess(place.dataDir))
  await starts()
  assert.deepEqual(
    readdirSync(place.dataDir).filter((name) => name.includes('draft')),
    [],
  )
})

test('a directory in the place of the data that is not PostgreSQL’s is left alone, with a clear message', async () => {
  await using place = scratch()
  await mkdir(join(place.dataDir, 'cluster'), { recursive: true })
  writeFileSync(join(place.dataDir, 'cluster', 'letter.txt'), 'dear')
  await assert.rejects(
    startEmbeddedPostgres({ dataDir: place.dataDir, logger }),
    (error) => error instanceof EmbeddedPostgresError && /is not PostgreSQL's/.test(error.message),
  )
  assert.equal(readFileSync(join(place.dataDir, 'cluster', 'letter.txt'), 'utf8'), 'dear')
})

test('data of another major version ends the start with a message that says so', async () => {
  await using place = scratch()
  await (await startEmbeddedPostgres({ dataDir: place.dataDir, logger })).close()
  writeFileSync(join(place.dataDir, 'cluster', 'PG_VERSION'), '15\n')
  await assert.rejects(
    startEmbeddedPostgres({ dataDir: place.dataDir, logger }),
    (error) =>
      error instanceof EmbeddedPostgresError &&
      /did not start: .*incompatible with server.*15.*dump it/.test(error.message) &&
      !error.message.includes('\n'),
  )
})

test('a file in the place of the data directory ends the start with a message that says so', async () => {
  await using place = scratch()
  await mkdir(dirname(place.dataDir))
  writeFileSync(place.dataDir, 'dear')
  await assert.rejects(
    startEmbeddedPostgres({ dataDir: place.dataDir, logger }),
    (error) =>
      error instanceof EmbeddedPostgresError && /something that is no directory is in the way/.test(error.message),
  )
})

/** The user outside any namespace, as the kernel sees it. */
function userOf(pid: number | undefined): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

if (othersReachUs && namespaces) {
  test('root runs it under an id of its own, or in a user namespace where that cannot go, and the data follows', async () => {
    await using place = scratch()
    const parent = dirname(place.dataDir)
    const users: number[] = []
    await mkdir(parent)
    for (const mode of [0o755, 0o700, 0o755, 0o700]) {
      await chmod(parent, mode)
      await using postgres = await startEmbeddedPostgres({ dataDir: place.dataDir, logger })
      users.push(userOf(postgres.pid))
      await query(postgres, 'create table if not exists starts (at timestamptz)')
      await query(postgres, 'insert into starts values (now())')
      assert.deepEqual(await query(postgres, 'select count(*) as n from starts'), [{ n: users.length }])
    }
    const [own] = users
    assert.ok(own! >= 61_184 && own! <= 65_519, `it runs as ${own}`)
    assert.deepEqual(users, [own, 0, own, 0])
  })

  test('data that nobody owned passes to an id of its own', async () => {
    await using place = scratch()
    await (await startEmbeddedPostgres({ dataDir: place.dataDir, logger })).close()
    execFileSync('chown', ['-R', '65534:65534', place.dataDir])
    await using postgres = await startEmbeddedPostgres({ dataDir: place.dataDir, logger })
    assert.notEqual(userOf(postgres.pid), 65_534)
    assert.notEqual(statSync(join(place.dataDir, 'cluster/PG_VERSION')).uid, 65_534)
  })

  test('an orphan in a user namespace is found and stopped as well', async () => {
    await using place = scratch()
    await mkdir(dirname(place.dataDir), { mode: 0o700 })
    const loop = startCommitLoop(place.dataDir, 0)
    const postmaster = await loop.ready
    assert.equal(userOf(postmaster), 0)
    const watchdog = findWatchdog(postmaster)
    process.kill(watchdog, 'SIGKILL')
    loop.child.kill('SIGKILL')
    await loop.ended
    assert.ok(isAlive(postmaster))
    await using postgres = await startEmbeddedPostgres({ dataDir: place.dataDir, logger })
    assert.ok(!isAlive(postmaster))
    const rows = await query(postgres, 'select n from acknowledged')
    const found = new Set(rows.map(({ n }) => n))
    assert.deepEqual(
      loop.acknowledged.filter((n) => !found.has(n)),
      [],
    )
  })

  test('a user without a name can run it', async () => {
    await using place = scratch()
    await mkdir(dirname(place.dataDir))
    execFileSync('chown', ['54321:54321', dirname(place.dataDir)])
    const loop = startCommitLoop(place.dataDir, 0, { uid: 54_321, gid: 54_321 })
    const postmaster = await loop.ready
    assert.equal(userOf(postmaster), 54_321)
    await until(() => loop.acknowledged.length > 0)
    loop.child.kill('SIGKILL')
    await loop.ended
    await until(() => !isAlive(postmaster))
  })
}

if (othersReachUs) {
  test('root runs it as the ordinary user whose data it is', async () => {
    await using place = scratch()
    await (await startEmbeddedPostgres({ dataDir: place.dataDir, logger })).close()
    execFileSync('chown', ['-R', '12345:12345', place.dataDir])
    await using postgres = await startEmbeddedPostgres({ dataDir: place.dataDir, logger })
    assert.equal(userOf(postgres.pid), 12_345)
    assert.equal(statSync(join(place.dataDir, 'supervisor.lock')).uid, 12_345)
  })
}

if (isRoot) {
  test('where root has no unprivileged way, the message says what to do', async () => {
    await using place = scratch()
    await mkdir(dirname(place.dataDir), { mode: 0o700 })
    const loop = startCommitLoop(place.dataDir, 0, { env: { PATH: '/nowhere' } })
    await assert.rejects(loop.ready, /does not run as root, .* run SkyCrate as an ordinary user/)
    await loop.ended
  })
}
