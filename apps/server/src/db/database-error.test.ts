import assert from 'node:assert/strict'
import test from 'node:test'
import { AppError } from '../errors/app-error.ts'
import { databaseError } from './database-error.ts'

const sqlError = (code: string): Error => Object.assign(new Error('refused'), { code, severity: 'FATAL' })
const systemError = (code: string): Error => Object.assign(new Error(code), { code, syscall: 'connect', errno: -1 })

const unavailable: readonly (readonly [string, Error])[] = [
  ['the server is stopping', sqlError('57P01')],
  ['the server crashed', sqlError('57P02')],
  ['the server is starting', sqlError('57P03')],
  ['a connection failure', sqlError('08006')],
  ['too many connections', sqlError('53300')],
  ['a full disk', sqlError('53100')],
  ['a statement that took too long', sqlError('57014')],
  ['a standby in place of the primary', sqlError('25006')],
  ['nobody listening', systemError('ECONNREFUSED')],
  ['no socket', systemError('ENOENT')],
  ['a name that does not resolve', systemError('ENOTFOUND')],
  ['a reset', systemError('ECONNRESET')],
  ['a connection that ended', new Error('Connection terminated unexpectedly')],
  ['no answer', new Error('Query read timeout')],
  ['no free connection', new Error('timeout exceeded when trying to connect')],
]

for (const [what, error] of unavailable) {
  test(`${what} is database-unavailable, to be tried again soon`, () => {
    const seen = databaseError(error)
    assert.ok(seen instanceof AppError)
    assert.equal(seen.code, 'database-unavailable')
    assert.equal(seen.cause, error)
    assert.ok((seen.retryAfter ?? 0) > 0)
  })
}

const others: readonly (readonly [string, unknown])[] = [
  ['a broken unique constraint', sqlError('23505')],
  ['a deadlock', sqlError('40P01')],
  ['a mistake in SQL', sqlError('42601')],
  ['a mistake in our code', new TypeError('x is not a function')],
  ['an error with a code of ours', Object.assign(new Error('ours'), { code: '57P01' })],
  ['what is no error', 'text'],
]

for (const [what, error] of others) {
  test(`${what} stays what it is`, () => assert.equal(databaseError(error), error))
}
