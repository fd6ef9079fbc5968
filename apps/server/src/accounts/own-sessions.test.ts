import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import { decodeJwt } from 'jose'
import { AppError } from '../errors/app-error.ts'
import type { SessionOwner } from './own-sessions.ts'
import { EMAIL, fromAddress, HOME, outcomeOf, PASSWORD, type TestAccounts, testAccounts } from './test-accounts.ts'

const AWAY = { ...fromAddress('203.0.113.7'), userAgent: 'curl/8' }

const ownerOf = ({ userId }: TestAccounts, accessToken: string): SessionOwner => ({
  userId,
  sessionId: decodeJwt(accessToken)['sid'] as SessionId,
})

test('sessions are listed newest first, each with where it began, when it was used and which one asks', async () => {
  await using system = await testAccounts()
  const here = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const away = await system.accounts.login(EMAIL, PASSWORD, AWAY)
  const owner = ownerOf(system, here.access_token)
  await system.database.query(`update sessions set last_used_at = created_at - interval '1 hour'`)
  await system.accounts.refresh(away.refresh_token, AWAY)
  const { sessions } = await system.accounts.sessions.list(owner)
  assert.deepEqual(
    sessions.map(({ network, userAgent, current }) => [network, userAgent, current]),
    [
      ['203.0.113.7', 'curl/8', false],
      ['192.0.2.1', null, true],
    ],
  )
  assert.equal(sessions[1]!.id, owner.sessionId)
  assert.deepEqual(
    sessions.map(({ createdAt, lastUsedAt }) => lastUsedAt >= createdAt),
    [true, false],
    'a renewal is a use',
  )
  await system.accounts.logout(away.refresh_token, AWAY)
  assert.equal((await system.accounts.sessions.list(owner)).sessions.length, 1)
})

test('an ended session is refused at once, is in the log, and the others go on', async () => {
  await using system = await testAccounts()
  const here = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const away = await system.accounts.login(EMAIL, PASSWORD, AWAY)
  const ended: string[] = []
  system.accounts.onSessionsEnded((userId) => void ended.push(userId))
  const owner = ownerOf(system, here.access_token)
  await system.accounts.sessions.end(ownerOf(system, away.access_token).sessionId!, owner, HOME)
  assert.deepEqual(ended, [system.userId])
  assert.equal(await system.alive(away.access_token), 'session-ended')
  assert.equal(await outcomeOf(system.accounts.refresh(away.refresh_token, AWAY)), 'invalid-token')
  assert.equal(await system.alive(here.access_token), 'accepted')
  assert.equal((await system.events())[2], 'auth.end-session allow session')
})

test("somebody else's session, one that has ended and one that never was are the same: not found", async () => {
  await using system = await testAccounts()
  const here = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const owner = ownerOf(system, here.access_token)
  const stranger: SessionOwner = { userId: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8' as UserId, sessionId: null }
  const { sessions } = system.accounts
  assert.equal(await outcomeOf(sessions.end(owner.sessionId!, stranger, HOME)), 'not-found')
  assert.equal(await system.alive(here.access_token), 'accepted')
  await sessions.end(owner.sessionId!, owner, HOME)
  for (const id of [owner.sessionId!, 'ses_01kaj7x2v9c4t0m8q3n5p6r7s8', 'usr_1', '']) {
    assert.equal(await outcomeOf(sessions.end(id, owner, HOME)), 'not-found', id)
  }
})

test('all others end, each recorded; asked from elsewhere, all end', async () => {
  await using system = await testAccounts()
  const [one, two, here] = await Promise.all([0, 1, 2].map(() => system.accounts.login(EMAIL, PASSWORD, HOME)))
  const owner = ownerOf(system, here!.access_token)
  await system.accounts.sessions.endOthers(owner, HOME)
  assert.deepEqual(await Promise.all([one!, two!, here!].map((each) => system.alive(each.access_token))), [
    'session-ended',
    'session-ended',
    'accepted',
  ])
  assert.equal((await system.events()).filter((event) => event.startsWith('auth.end-session')).length, 2)
  await system.accounts.sessions.endOthers({ ...owner, sessionId: null }, HOME)
  assert.equal(await system.alive(here!.access_token), 'session-ended')
})

test('an end that cannot be recorded has not happened', async () => {
  await using system = await testAccounts()
  const here = await system.accounts.login(EMAIL, PASSWORD, HOME)
  system.beforeRecord = () => Promise.reject(new AppError('audit-unavailable'))
  const owner = ownerOf(system, here.access_token)
  assert.equal(await outcomeOf(system.accounts.sessions.end(owner.sessionId!, owner, HOME)), 'audit-unavailable')
  assert.equal(await system.alive(here.access_token), 'accepted')
})
