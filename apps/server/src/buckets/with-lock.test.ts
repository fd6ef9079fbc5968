import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import { withLock } from './with-lock.ts'

const QUIET = { debug() {}, info() {}, warn() {}, error() {} }

test('while a store hangs, it is the store that is said to be unavailable, not the database', async () => {
  await using base = await testDatabase()
  await using database = openDatabase({
    connection: base.connection,
    logger: QUIET,
    maxSessions: 2,
    sessionPatience: 100,
  })
  const { promise: answer, resolve } = Promise.withResolvers<void>()
  const hanging = ['a', 'b'].map((name) => withLock(database, name, 1000, () => answer))
  await assert.rejects(
    withLock(database, 'c', 1000, async () => {}),
    (error) => error instanceof AppError && error.code === 'store-unavailable' && (error.retryAfter ?? 0) > 0,
  )
  resolve()
  await Promise.all(hanging)
  await withLock(database, 'c', 1000, async () => {})
})

test('a database that is away is still said to be', async () => {
  await using database = openDatabase({
    connection: { connectionString: 'postgresql://127.0.0.1:1/none' },
    logger: QUIET,
  })
  await assert.rejects(
    withLock(database, 'a', 1000, async () => {}),
    (error) => error instanceof AppError && error.code === 'database-unavailable',
  )
})
