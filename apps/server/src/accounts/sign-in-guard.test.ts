import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type TestDatabase, testDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import { createSignInGuard } from './sign-in-guard.ts'
import { outcomeOf } from './test-accounts.ts'

const MINUTE = 60_000

let database: TestDatabase
before(async () => void (database = await testDatabase()))
beforeEach(() => database.query('delete from limit_buckets'))
after(() => database[Symbol.asyncDispose]())

function open() {
  let time = 0
  const guard = createSignInGuard(database, () => time)
  const attempt = (account: string, ip: string, isRight: boolean, isFamiliar = false) =>
    guard.check({
      account,
      ip,
      isFamiliar: () => Promise.resolve(isFamiliar),
      verify: () => Promise.resolve(isRight),
    })
  return {
    guard,
    advance: (ms: number) => void (time += ms),
    wrong: (account: string, ip: string) => outcomeOf(attempt(account, ip, false)),
    right: (account: string, ip: string, isFamiliar?: boolean) => outcomeOf(attempt(account, ip, true, isFamiliar)),
  }
}

test('ten wrong passwords of one network on one account are checked, then one a minute', async () => {
  const { wrong, right, advance, guard } = open()
  for (let i = 0; i < 10; i++) assert.equal(await wrong('a', '192.0.2.1'), 'ok')
  const check = { account: 'a', ip: '192.0.2.1', isFamiliar: () => Promise.resolve(true) }
  await assert.rejects(
    guard.check({ ...check, verify: () => assert.fail('must not be checked') }),
    (error: AppError) => error.code === 'too-many-requests' && error.retryAfter === 60,
  )
  assert.equal(await right('a', '192.0.2.1'), 'too-many-requests')
  advance(MINUTE)
  assert.equal(await wrong('a', '192.0.2.1'), 'ok')
  assert.equal(await wrong('a', '192.0.2.1'), 'too-many-requests')
})

test('a stranger who fails on purpose keeps nobody else out', async () => {
  const { wrong, right } = open()
  for (let i = 0; i < 30; i++) await wrong('a', '198.51.100.1')
  assert.equal(await right('a', '192.0.2.1'), 'ok')
  assert.equal(await right('a', '198.51.100.1'), 'too-many-requests')
})

test('one network alone never exhausts an account for the others', async () => {
  const { wrong, right, advance } = open()
  for (let minute = 0; minute < 24 * 60; minute++) {
    for (let i = 0; i < 3; i++) await wrong('a', '198.51.100.1')
    advance(MINUTE)
  }
  assert.equal(await right('a', '192.0.2.1'), 'ok')
})

test('many networks together exhaust an account, save for those from which it was signed in to', async () => {
  const { wrong, right, advance } = open()
  const checked: string[] = []
  for (let i = 0; i < 150; i++) checked.push(await wrong('a', `198.51.100.${i}`))
  assert.equal(checked.filter((outcome) => outcome === 'ok').length, 100)
  assert.equal(await right('a', '192.0.2.1'), 'too-many-requests')
  assert.equal(await right('a', '192.0.2.1', true), 'ok')
  assert.equal(await right('b', '192.0.2.1'), 'ok')
  advance(MINUTE)
  assert.equal(await right('a', '192.0.2.1'), 'ok')
})

test('one password tried on everybody from one network is stopped', async () => {
  const { wrong, right } = open()
  for (let i = 0; i < 100; i++) assert.equal(await wrong(`account ${i}`, '198.51.100.1'), 'ok')
  assert.equal(await wrong('one more', '198.51.100.1'), 'too-many-requests')
  assert.equal(await right('one more', '192.0.2.1'), 'ok')
})

test('the addresses of one IPv6 network count as one', async () => {
  const { wrong } = open()
  for (let i = 0; i < 10; i++) assert.equal(await wrong('a', `2001:db8::${i}`), 'ok')
  assert.equal(await wrong('a', '2001:db8::ffff'), 'too-many-requests')
  assert.equal(await wrong('a', '2001:db8:0:1::1'), 'ok')
})

test('right passwords never count, and forget the wrong ones of their network on their account', async () => {
  const { wrong, right } = open()
  for (let i = 0; i < 300; i++) assert.equal(await right('a', '192.0.2.1'), 'ok')
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 9; i++) assert.equal(await wrong('a', '192.0.2.1'), 'ok')
    assert.equal(await right('a', '192.0.2.1'), 'ok')
  }
})

test('a right password of an account of one’s own gives no more attempts on those of others', async () => {
  const { wrong, right } = open()
  let checked = 0
  for (let i = 0; i < 120; i++) {
    await right('own', '198.51.100.1')
    if ((await wrong(`other ${i}`, '198.51.100.1')) === 'ok') checked++
  }
  assert.equal(checked, 100)
})

test('what could not be checked does not count', async () => {
  const { guard, wrong } = open()
  const away = (): Promise<never> => Promise.reject(new AppError('database-unavailable'))
  for (let i = 0; i < 300; i++) {
    const failed = guard.check({
      account: 'a',
      ip: '192.0.2.1',
      isFamiliar: away,
      verify: away,
    })
    assert.equal(await outcomeOf(failed), 'database-unavailable')
  }
  for (let i = 0; i < 10; i++) assert.equal(await wrong('a', '192.0.2.1'), 'ok')
})

test('of a burst of parallel attempts no more are checked than one after the other', async () => {
  const { wrong } = open()
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => wrong('a', '192.0.2.1')))
  assert.equal(outcomes.filter((outcome) => outcome === 'ok').length, 10)
})
