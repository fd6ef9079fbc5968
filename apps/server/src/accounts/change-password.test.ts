import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../errors/app-error.ts'
import {
  arriving,
  EMAIL,
  fromAddress,
  HOME,
  outcomeOf,
  PASSWORD,
  tally,
  type TestAccounts,
  testAccounts,
} from './test-accounts.ts'

const NEXT = 'another horse battery'
const change = ({ accounts, userId }: TestAccounts, current: string, next = NEXT, from = HOME): Promise<string> =>
  outcomeOf(accounts.changePassword(userId, current, next, from))

test('the new password signs in, the old one does not, and every session has ended', async () => {
  await using system = await testAccounts()
  const sessions = [
    await system.accounts.login(EMAIL, PASSWORD, HOME),
    await system.accounts.login(EMAIL, PASSWORD, HOME),
  ]
  const ended: string[] = []
  system.accounts.onSessionsEnded((userId) => void ended.push(userId))
  assert.equal(await change(system, PASSWORD), 'ok')
  assert.deepEqual(ended, [system.userId])
  for (const { access_token: access, refresh_token: token } of sessions) {
    assert.equal(await system.alive(access), 'session-ended')
    assert.equal(await outcomeOf(system.accounts.refresh(token, HOME)), 'invalid-token')
  }
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, HOME)), 'invalid-credentials')
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, NEXT, HOME)), 'ok')
  assert.equal((await system.events())[2], 'auth.change-password allow')
})

test('other processes hear that the sessions ended', async () => {
  await using system = await testAccounts()
  const heard = Promise.withResolvers<string>()
  await using _listener = await system.database.listen('skycrate_users', heard.resolve, () => {})
  await change(system, PASSWORD)
  assert.equal(await arriving(heard.promise), system.userId)
})

test('a wrong current password changes nothing', async () => {
  await using system = await testAccounts()
  assert.equal(await change(system, 'wrong horse battery'), 'invalid-credentials')
  assert.deepEqual(await system.events(), ['auth.change-password deny wrong-password'])
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, HOME)), 'ok')
})

test('who has no account here cannot change its password', async () => {
  await using system = await testAccounts()
  await system.database.query('delete from accounts')
  assert.equal(await change(system, PASSWORD), 'invalid-credentials')
  assert.deepEqual(await system.events(), ['auth.change-password deny no-account'])
})

test('a change that cannot be recorded has not happened', async () => {
  await using system = await testAccounts()
  const tokens = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const original = system.beforeRecord
  system.beforeRecord = () => Promise.reject(new AppError('audit-unavailable'))
  assert.equal(await change(system, PASSWORD), 'audit-unavailable')
  system.beforeRecord = original
  assert.equal(await system.alive(tokens.access_token), 'accepted')
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, HOME)), 'ok')
})

test('a change that cannot be stored is not recorded as done', async () => {
  await using system = await testAccounts()
  await system.database.query(`alter table credentials add constraint frozen check (data = '{}') not valid`)
  await assert.rejects(system.accounts.changePassword(system.userId, PASSWORD, NEXT, HOME), /frozen/)
  assert.deepEqual(await system.events(), [])
})

test('of two changes at once one wins, and the other finds its password outdated', async () => {
  await using system = await testAccounts()
  const outcomes = await Promise.all([change(system, PASSWORD, `${NEXT} 1`), change(system, PASSWORD, `${NEXT} 2`)])
  assert.deepEqual(outcomes.toSorted(), ['invalid-credentials', 'ok'])
  const winner = `${NEXT} ${outcomes.indexOf('ok') + 1}`
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, winner, HOME)), 'ok')
})

test('a burst of guesses is counted before it is checked', async () => {
  await using system = await testAccounts()
  const guesses = Array.from({ length: 40 }, (_, i) =>
    system.accounts.changePassword(system.userId, `guess ${i}`, NEXT, HOME),
  )
  assert.deepEqual(await tally(guesses), { 'invalid-credentials': 10, 'too-many-requests': 30 })
  assert.equal(await change(system, PASSWORD), 'too-many-requests')
})

test('guesses here and at the sign-in count together', async () => {
  await using system = await testAccounts()
  for (let i = 0; i < 5; i++) await change(system, 'wrong horse battery')
  for (let i = 0; i < 5; i++) await outcomeOf(system.accounts.login(EMAIL, 'wrong horse battery', HOME))
  assert.equal(await change(system, PASSWORD), 'too-many-requests')
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, HOME)), 'too-many-requests')
})

test('sign-ins with the id of a user for an e-mail do not count for that user', async () => {
  await using system = await testAccounts()
  for (const name of [system.userId, `user:${system.userId}`]) {
    for (let i = 0; i < 12; i++) await outcomeOf(system.accounts.login(name, 'wrong horse battery', HOME))
  }
  assert.equal(await change(system, PASSWORD), 'ok')
})

test('an outage does not count as a guess', async () => {
  await using system = await testAccounts()
  const original = system.beforeRecord
  system.beforeRecord = () => Promise.reject(new AppError('audit-unavailable'))
  for (let i = 0; i < 12; i++) assert.equal(await change(system, PASSWORD), 'audit-unavailable')
  system.beforeRecord = original
  assert.equal(await change(system, PASSWORD, NEXT, fromAddress('192.0.2.1')), 'ok')
})
