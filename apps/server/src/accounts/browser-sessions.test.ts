import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../errors/app-error.ts'
import { newBrowserToken } from './browser-token.ts'
import { endIdleSessions } from './prune-sessions.ts'
import { EMAIL, HOME, outcomeOf, PASSWORD, type TestAccounts, testAccounts } from './test-accounts.ts'

async function openSession({ accounts }: TestAccounts) {
  const { refresh_token: refreshToken } = await accounts.login(EMAIL, PASSWORD, HOME)
  return { refreshToken, ...(await accounts.browserSessions.carry(refreshToken)) }
}

/** Whose session it is, or why it is none. */
async function stateOf({ accounts }: TestAccounts, token: string): Promise<string> {
  const found = await accounts.browserSessions.find(token)
  return 'refused' in found ? found.refused : found.userId
}

const lastUse = async ({ database }: TestAccounts): Promise<number> => {
  const [row] = await database.query<{ at: Date }>('select max(last_used_at) as at from sessions')
  return row!.at.getTime()
}
const ageBy = ({ database }: TestAccounts, seconds: number): Promise<unknown> =>
  database.query(`update sessions set last_used_at = last_used_at - make_interval(secs => $1)`, [seconds])

test('a session that a browser holds is its own, and its refresh token is good no more', async () => {
  await using system = await testAccounts()
  const { token, refreshToken } = await openSession(system)
  assert.match(token, /^skyb_[\w-]{43}$/)
  assert.equal(await stateOf(system, token), system.userId)
  assert.equal(await outcomeOf(system.accounts.refresh(refreshToken, HOME)), 'invalid-token')
  assert.equal(await outcomeOf(system.accounts.browserSessions.carry(refreshToken)), 'invalid-token')
  const rows = await system.database.query<{ whole: string }>('select sessions::text as whole from sessions')
  assert.ok(!rows.some(({ whole }) => whole.includes(token)), 'only a hash is stored')
})

test('each sign-in has another token, and what was never given out is nobody', async () => {
  await using system = await testAccounts()
  const [one, other] = [await openSession(system), await openSession(system)]
  assert.notEqual(one.token, other.token)
  assert.equal(await stateOf(system, newBrowserToken()), 'no-such-session')
  for (const text of ['', 'x', one.refreshToken, `${one.token}x`])
    assert.equal(await stateOf(system, text), 'malformed')
})

test('a session that is not used for half an hour ends, and one in use does not', async () => {
  await using system = await testAccounts()
  const { token } = await openSession(system)
  for (let turn = 0; turn < 3; turn++) {
    await ageBy(system, 29 * 60)
    assert.equal(await stateOf(system, token), system.userId)
  }
  await ageBy(system, 30 * 60)
  assert.equal(await stateOf(system, token), 'idle')
  assert.equal(await stateOf(system, token), 'idle', 'asking does not bring it back')
})

test('its use is noted once a minute, and an answer is good until the next note', async () => {
  await using system = await testAccounts()
  const { token } = await openSession(system)
  const find = async (): Promise<number> => {
    const found = await system.accounts.browserSessions.find(token)
    return 'refused' in found ? 0 : found.goodForMs
  }
  await ageBy(system, 40)
  const before = await lastUse(system)
  assert.ok((await find()) <= 20_000, 'twenty seconds are left of the minute')
  assert.equal(await lastUse(system), before)
  await ageBy(system, 21)
  await find()
  assert.ok((await lastUse(system)) > before)
})

test('sessions without use are ended where others can see it, and those in use are not', async () => {
  await using system = await testAccounts()
  const [unused, used] = [await openSession(system), await openSession(system)]
  const tokens = await system.accounts.login(EMAIL, PASSWORD, HOME)
  await ageBy(system, 31 * 60)
  await system.database.query(`update sessions set last_used_at = now() where browser_hash = sha256($1)`, [used.token])
  await endIdleSessions(system.database, 30, 1)
  assert.equal(await stateOf(system, unused.token), 'session-ended')
  assert.equal(await stateOf(system, used.token), system.userId)
  assert.equal(await system.alive(tokens.access_token), 'accepted', 'refresh tokens have their own end')
})

test('a session ends by its day, however much it is used', async () => {
  await using system = await testAccounts()
  const { token, expiresAt } = await openSession(system)
  assert.ok(Math.abs(expiresAt.getTime() - Date.now() - 30 * 86_400_000) < 60_000)
  await system.database.query(`update sessions set expires_at = now()`)
  assert.equal(await stateOf(system, token), 'expired')
})

test('a sign-out ends this session and no other, is recorded, and does nothing where it cannot be', async () => {
  await using system = await testAccounts()
  const [here, elsewhere] = [await openSession(system), await openSession(system)]
  const original = system.beforeRecord
  system.beforeRecord = () => Promise.reject(new AppError('audit-unavailable'))
  assert.equal(await outcomeOf(system.accounts.browserSessions.end(here.token, HOME)), 'audit-unavailable')
  assert.equal(await stateOf(system, here.token), system.userId)
  system.beforeRecord = original
  const ended: string[] = []
  system.accounts.onSessionsEnded((userId) => void ended.push(userId))
  await system.accounts.browserSessions.end(here.token, HOME)
  await system.accounts.browserSessions.end(here.token, HOME)
  assert.deepEqual(ended, [system.userId])
  assert.equal(await stateOf(system, here.token), 'session-ended')
  assert.equal(await stateOf(system, elsewhere.token), system.userId)
  assert.deepEqual(
    (await system.events()).filter((event) => event.startsWith('auth.logout')),
    ['auth.logout allow session'],
  )
})

test('a changed password ends it', async () => {
  await using system = await testAccounts()
  const { token } = await openSession(system)
  await system.accounts.changePassword(system.userId, PASSWORD, 'staple my old battery', HOME)
  assert.equal(await stateOf(system, token), 'session-ended')
})
