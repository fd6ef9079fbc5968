import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../errors/app-error.ts'
import { newRefreshToken } from './refresh-token.ts'
import { arriving, EMAIL, HOME, outcomeOf, PASSWORD, testAccounts } from './test-accounts.ts'

test('a logout ends this session and no other', async () => {
  await using system = await testAccounts()
  const here = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const elsewhere = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const ended: string[] = []
  system.accounts.onSessionsEnded((userId) => void ended.push(userId))
  await system.accounts.logout(here.refresh_token, HOME)
  assert.deepEqual(ended, [system.userId])
  assert.equal(await system.alive(here.access_token), 'session-ended')
  assert.equal(await outcomeOf(system.accounts.refresh(here.refresh_token, HOME)), 'invalid-token')
  assert.equal(await system.alive(elsewhere.access_token), 'accepted')
  assert.equal(await outcomeOf(system.accounts.refresh(elsewhere.refresh_token, HOME)), 'ok')
  assert.equal((await system.events())[2], 'auth.logout allow session')
})

test('other processes hear of it', async () => {
  await using system = await testAccounts()
  const { refresh_token: token } = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const heard = Promise.withResolvers<string>()
  await using _listener = await system.database.listen('skycrate_users', heard.resolve, () => {})
  await system.accounts.logout(token, HOME)
  assert.equal(await arriving(heard.promise), system.userId)
})

test('a logout that cannot be recorded has not happened, and the next try does both', async () => {
  await using system = await testAccounts()
  const tokens = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const original = system.beforeRecord
  system.beforeRecord = () => Promise.reject(new AppError('audit-unavailable'))
  assert.equal(await outcomeOf(system.accounts.logout(tokens.refresh_token, HOME)), 'audit-unavailable')
  assert.equal(await system.alive(tokens.access_token), 'accepted')
  system.beforeRecord = original
  await system.accounts.logout(tokens.refresh_token, HOME)
  assert.equal(await system.alive(tokens.access_token), 'session-ended')
  assert.deepEqual(await system.events(), ['auth.login allow session', 'auth.logout allow session'])
})

test('several logouts at once are recorded as one', async () => {
  await using system = await testAccounts()
  const { refresh_token: token } = await system.accounts.login(EMAIL, PASSWORD, HOME)
  await Promise.all(Array.from({ length: 5 }, () => system.accounts.logout(token, HOME)))
  assert.deepEqual(await system.events(), ['auth.login allow session', 'auth.logout allow session'])
})

for (const token of ['junk', newRefreshToken()]) {
  test(`a token that is none (${token.slice(0, 5)}…) logs out of nothing, without a word`, async () => {
    await using system = await testAccounts()
    await system.accounts.logout(token, HOME)
    assert.deepEqual(await system.events(), [])
  })
}

test('an old token of the session logs out as well', async () => {
  await using system = await testAccounts()
  const first = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const { access_token: access } = await system.accounts.refresh(first.refresh_token, HOME)
  await system.accounts.logout(first.refresh_token, HOME)
  assert.equal(await system.alive(access), 'session-ended')
})
