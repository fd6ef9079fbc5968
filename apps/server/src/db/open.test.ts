import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import test from 'node:test'
import { AppError } from '../errors/app-error.ts'
import { sqlStateOf } from './database-error.ts'
import { openDatabase } from './open.ts'
import { testDatabase } from './test-database.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }

function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'database-unavailable' && (error.retryAfter ?? 0) > 0
}

test('values arrive as the types that are promised, whatever the server’s settings', async () => {
  await using database = await testDatabase()
  await database.query(`alter database ${database.connection.database} set "TimeZone" to 'Asia/Tokyo'`)
  await database.query(`alter database ${database.connection.database} set "DateStyle" to 'German'`)
  await using other = openDatabase({ connection: database.connection, logger })
  for (const sql of [other, other.hot]) {
    const [row] = await sql.query(`select 9007199254740991::int8 as big, 1.10::numeric as exact,
      '2026-11-21T10:00:00.123Z'::timestamptz as at, '2026-11-21'::date as day, '2026-11-21 10:00'::timestamp as local,
      '{"a": 1}'::jsonb as json, '\\x00ff'::bytea as bytes, count(*) as n, to_char(now(), 'OF') as zone from users`)
    assert.deepEqual(row, {
      big: 9007199254740991,
      exact: '1.10',
      at: new Date('2026-11-21T10:00:00.123Z'),
      day: '2026-11-21',
      local: '2026-11-21 10:00:00',
      json: { a: 1 },
      bytes: Buffer.from([0, 255]),
      n: 0,
      zone: '+00',
    })
  }
  await assert.rejects(database.query('select 9007199254740992::int8 as beyond'), RangeError)
  assert.deepEqual(await database.query('select 1 as fine'), [{ fine: 1 }])
})

test('several statements in one text give the rows of the last', async () => {
  await using database = await testDatabase()
  assert.deepEqual(await database.query('select 1 as a; select 2 as b'), [{ b: 2 }])
})

test('what PostgreSQL refuses keeps its SQLSTATE, and the connection goes on', async () => {
  await using database = await testDatabase()
  await database.query(`insert into facts (name, value) values ('once', '1')`)
  for (const sql of [database, database.hot]) {
    await assert.rejects(
      sql.query('insert into facts (name, value) values ($1, $2)', ['once', '2'], 'insert-fact'),
      (error) => sqlStateOf(error) === '23505',
    )
    assert.deepEqual(await sql.query('select value from facts where name = $1', ['once'], 'fact'), [{ value: 1 }])
  }
})

test('hot queries run side by side and each gets its own answer, whatever happens to the others', async () => {
  await using database = await testDatabase()
  const answers = await Promise.allSettled(
    Array.from({ length: 400 }, (_, number) =>
      database.hot.query('select 100 / ($1::int % 10) as quotient, $1::int as number', [number], 'quotient'),
    ),
  )
  answers.forEach((answer, number) => {
    if (number % 10 === 0) assert.equal(answer.status, 'rejected')
    else assert.deepEqual('value' in answer && answer.value, [{ quotient: Math.trunc(100 / (number % 10)), number }])
  })
})

test('a prepared statement outlives a change of its table', async () => {
  await using database = await testDatabase()
  for (const sql of [database, database.hot]) {
    const read = (): Promise<unknown[]> => sql.query('select * from facts', [], 'all-facts')
    await Promise.all(Array.from({ length: 8 }, read))
    await database.query('alter table facts add column extra int')
    for (const rows of await Promise.all(Array.from({ length: 8 }, read))) assert.deepEqual(rows, [])
    await database.query('alter table facts drop column extra')
  }
})

test('a transaction is committed when its work resolves', async () => {
  await using database = await testDatabase()
  const result = await database.transaction(async (tx) => {
    await tx.query(`insert into facts (name, value) values ('a', '1')`)
    assert.deepEqual(await database.query('select name from facts'), [])
    return 7
  })
  assert.equal(result, 7)
  assert.deepEqual(await database.query('select name from facts'), [{ name: 'a' }])
})

test('a transaction is rolled back when its work rejects, with that same error', async () => {
  await using database = await testDatabase()
  const reason = new AppError('not-found')
  const work = database.transaction(async (tx) => {
    await tx.query(`insert into facts (name, value) values ('a', '1')`)
    throw reason
  })
  await assert.rejects(work, (error) => error === reason)
  assert.deepEqual(await database.query('select name from facts'), [])
})

test('a commit that PostgreSQL turns into a rollback is an error', async () => {
  await using database = await testDatabase()
  const swallowed = database.transaction(async (tx) => {
    await tx.query(`insert into facts (name, value) values ('a', '1')`)
    await tx.query('select 1 / 0').catch(() => {})
  })
  await assert.rejects(swallowed, /nothing was committed/)
  const deferred = database.transaction(async (tx) => {
    await tx.query('create table parents (id int primary key)')
    await tx.query('create table children (parent int references parents initially deferred)')
    await tx.query('insert into children values (1)')
  })
  await assert.rejects(deferred, (error) => sqlStateOf(error) === '23503')
  assert.deepEqual(await database.query('select name from facts'), [])
})

test('a query after the end of its transaction is refused, so that it cannot land in another', async () => {
  await using database = await testDatabase()
  const tx = await database.transaction((tx_) => Promise.resolve(tx_))
  await assert.rejects(tx.query('select 1'), /transaction is over/)
})

test('a session leaves neither locks nor settings behind, and only so many are open at once', async () => {
  await using base = await testDatabase()
  await using database = openDatabase({ connection: base.connection, logger, maxSessions: 2 })
  let open = 0
  let most = 0
  const two = Promise.withResolvers<void>()
  await Promise.all(
    Array.from({ length: 6 }, (_, number) =>
      database.session(async (connection) => {
        open += 1
        most = Math.max(most, open)
        if (open === 2) two.resolve()
        await two.promise
        await connection.query('select pg_advisory_lock($1)', [number])
        await connection.query(`set statement_timeout = 1`)
        open -= 1
      }),
    ),
  )
  assert.equal(most, 2)
  await database.session(async (connection) => {
    const [row] = await connection.query(`select count(*) as locks from pg_locks
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`)
    assert.deepEqual(row, { locks: 0 })
  })
})

test('who waits too long for a session is told to come back, and requests go on meanwhile', async () => {
  await using base = await testDatabase()
  await using database = openDatabase({ connection: base.connection, logger, maxSessions: 1, sessionPatience: 20 })
  await database.session(async () => {
    await assert.rejects(
      database.session(() => Promise.resolve()),
      isUnavailable,
    )
    assert.deepEqual(await database.query('select 1 as one'), [{ one: 1 }])
  })
})

test('a statement that takes too long and a pool without a free connection are database-unavailable', async () => {
  await using base = await testDatabase()
  await using slow = openDatabase({ connection: base.connection, logger, statementTimeout: 500 })
  await assert.rejects(slow.query('select pg_sleep(10)'), isUnavailable)
  await assert.rejects(slow.hot.query('select pg_sleep(10)'), isUnavailable)
  assert.deepEqual(await slow.query('select 1 as one'), [{ one: 1 }])
  await using narrow = openDatabase({ connection: base.connection, logger, maxConnections: 1, connectTimeout: 1_500 })
  await narrow.transaction(() => assert.rejects(narrow.query('select 1'), isUnavailable))
  assert.deepEqual(await narrow.query('select 1 as one'), [{ one: 1 }])
})

test('notifications reach each listener of the channel, and every subscription starts with a gap', async () => {
  await using database = await testDatabase()
  const heard: string[] = []
  let gaps = 0
  const got = Promise.withResolvers<void>()
  const first = await database.listen(
    'Änderung "1"',
    (payload) => heard.push(`first ${payload}`),
    () => (gaps += 1),
  )
  await using _second = await database.listen(
    'Änderung "1"',
    (payload) => {
      heard.push(`second ${payload}`)
      if (payload === 'end') got.resolve()
    },
    () => (gaps += 1),
  )
  assert.equal(gaps, 2)
  await database.query('select pg_notify($1, $2)', ['other channel', 'x'])
  await database.query('select pg_notify($1, $2)', ['Änderung "1"', 'b'])
  // Both notifications of one connection come in order, so `end` tells that what came before has arrived.
  await first[Symbol.asyncDispose]()
  await database.query('select pg_notify($1, $2)', ['Änderung "1"', 'end'])
  await got.promise
  assert.ok(!heard.includes('first end'))
  assert.deepEqual(
    heard.filter((entry) => entry.startsWith('second')),
    ['second b', 'second end'],
  )
})

test('many who begin to listen at once take turns on the one connection, and each hears', async () => {
  await using database = await testDatabase()
  const warnings: string[] = []
  const warned = ({ message }: Error): void => void warnings.push(message)
  process.on('warning', warned)
  await using listeners = new AsyncDisposableStack()
  listeners.defer(() => void process.off('warning', warned))
  const channels = Array.from({ length: 8 }, (_, i) => `channel ${i}`)
  const heard = channels.map(() => Promise.withResolvers<string>())
  const begun = channels.map((channel, i) => database.listen(channel, heard[i]!.resolve, () => {}))
  for (const listening of await Promise.all(begun)) listeners.use(listening)
  for (const channel of channels) await database.query('select pg_notify($1, $2)', [channel, `to ${channel}`])
  assert.deepEqual(
    await Promise.all(heard.map(({ promise }) => promise)),
    channels.map((channel) => `to ${channel}`),
  )
  assert.deepEqual(warnings, [])
})

test('a database that is not there is database-unavailable on every door', async () => {
  await using database = openDatabase({
    connection: { connectionString: 'postgres://app:secret@127.0.0.1:1/app' },
    logger,
  })
  const doors: readonly (() => Promise<unknown>)[] = [
    () => database.query('select 1'),
    () => database.hot.query('select 1'),
    () => database.transaction((tx) => tx.query('select 1')),
    () => database.session((connection) => connection.query('select 1')),
    () =>
      database.listen(
        'channel',
        () => {},
        () => {},
      ),
    () => database.ping(),
  ]
  for (const door of doors) await assert.rejects(door, isUnavailable)
})

test('a server that accepts and never answers is given up', async () => {
  await using server = createServer((socket) => void socket.on('error', () => {}).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await using database = openDatabase({
    connection: { host: '127.0.0.1', port, user: 'app', database: 'app' },
    logger,
    connectTimeout: 100,
  })
  await Promise.all([
    assert.rejects(database.query('select 1'), isUnavailable),
    assert.rejects(database.hot.query('select 1'), isUnavailable),
    assert.rejects(
      database.session(() => Promise.resolve()),
      isUnavailable,
    ),
  ])
})

test('a closed database answers database-unavailable, and closing twice is closing once', async () => {
  await using base = await testDatabase()
  const database = openDatabase({ connection: base.connection, logger })
  await database.ping()
  const last = [database.query('select pg_sleep(0.05)'), database.hot.query('select pg_sleep(0.05)')]
  const closing = database[Symbol.asyncDispose]()
  await Promise.all([closing, database[Symbol.asyncDispose](), ...last])
  for (const sql of [database, database.hot]) await assert.rejects(sql.query('select 1'), isUnavailable)
})
