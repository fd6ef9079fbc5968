import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import test from 'node:test'
import { testDatabase } from './test-database.ts'
import { DatabaseStartError, waitForDatabase } from './wait.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

function recorder(): { lines: string[]; logger: typeof quiet } {
  const lines: string[] = []
  return { lines, logger: { ...quiet, warn: (...line: unknown[]) => void lines.push(String(line.at(-1))) } }
}

async function listening(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => onConnection(socket.on('error', () => {}).resume()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function urlOf(server: Server): string {
  return `postgres://app:hunter2@127.0.0.1:${(server.address() as AddressInfo).port}/app?sslmode=disable`
}

/** An ErrorResponse of the wire protocol. */
function errorResponse(sqlState: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlState}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeUInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

test('a database that is there is waited for in silence', async () => {
  await using database = await testDatabase()
  const { lines, logger } = recorder()
  await waitForDatabase({ connection: database.connection, logger })
  assert.deepEqual(lines, [])
})

test('a database that stays away ends the start with one line that says where and why, and no password', async () => {
  const { lines, logger } = recorder()
  await assert.rejects(
    waitForDatabase({
      connection: { connectionString: 'postgres://app:hunter2@127.0.0.1:1/app' },
      logger,
      patience: 300,
    }),
    (error) =>
      error instanceof DatabaseStartError &&
      /^PostgreSQL at 127\.0\.0\.1:1\/app could not be reached within 0 s: .*ECONNREFUSED/.test(error.message) &&
      !/[\n]|hunter2/.test(error.message),
  )
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /^waiting for PostgreSQL at 127\.0\.0\.1:1\/app: .*ECONNREFUSED/)
  assert.doesNotMatch(lines[0] ?? '', /hunter2/)
})

test('a server that is still starting is waited for', async () => {
  let attempts = 0
  const stop = new AbortController()
  await using server = await listening((socket) => {
    attempts += 1
    if (attempts === 3) stop.abort(new Error('seen enough'))
    socket.end(errorResponse('57P03', 'the database system is starting up'))
  })
  const { lines, logger } = recorder()
  await assert.rejects(
    waitForDatabase({ connection: { connectionString: urlOf(server) }, logger, signal: stop.signal }),
    /seen enough/,
  )
  assert.match(lines[0] ?? '', /the database system is starting up$/)
})

test('a refused password is final at once', async () => {
  await using server = await listening((socket) => {
    socket.end(errorResponse('28P01', 'password authentication failed for user "app"'))
  })
  await assert.rejects(
    waitForDatabase({ connection: { connectionString: urlOf(server) }, logger: quiet }),
    (error) =>
      error instanceof DatabaseStartError &&
      /refuses to let us in: password authentication failed/.test(error.message) &&
      !error.message.includes('hunter2'),
  )
})

test('a URL that cannot be parsed is not quoted', async () => {
  const waiting = waitForDatabase({ connection: { connectionString: 'postgres://u:hunter2@[::1/x' }, logger: quiet })
  await assert.rejects(
    waiting,
    (error) =>
      error instanceof DatabaseStartError &&
      /is not valid/.test(error.message) &&
      !JSON.stringify(error).includes('hunter2'),
  )
})
