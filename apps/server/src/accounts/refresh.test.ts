import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../errors/app-error.ts'
import { newRefreshToken } from './refresh-token.ts'
import {
  EMAIL,
  fromAddress,
  HOME,
  outcomeOf,
  PASSWORD,
  tally,
  type TestAccounts,
  testAccounts,
} from './test-accounts.ts'

const login = ({ accounts }: TestAccounts) => accounts.login(EMAIL, PASSWORD, HOME)
const refresh = async ({ accounts }: TestAccounts, token: string): Promise<string> =>
  (await accounts.refresh(token, HOME)).refresh_token
/** As if the last use of every token were that many seconds longer ago. */
const age = ({ database }: TestAccounts, seconds: number): Promise<unknown> =>
  database.query(`update refresh_tokens set used_at = used_at - make_interval(secs => $1::int)`, [seconds])

test('each refresh gives the next token, and access tokens of the same session', async () => {
  await using system = await testAccounts()
  const first = await login(system)
  let tokens = first
  for (let i = 0; i < 3; i++) {
    await age(system, 3600)
    tokens = await system.accounts.refresh(tokens.refresh_token, HOME)
    assert.equal(await system.alive(tokens.access_token), 'accepted')
  }
  assert.deepEqual(await system.database.query('select count(*)::int as sessions from sessions'), [{ sessions: 1 }])
  assert.deepEqual((await system.events()).slice(1), Array(3).fill('auth.refresh allow session'))
})

test('a used token that comes back later ends its session, whoever comes', async () => {
  await using system = await testAccounts()
  const stolen = (await login(system)).refresh_token
  const owner = await system.accounts.refresh(stolen, HOME)
  await age(system, 61)
  const ended: string[] = []
  system.accounts.onSessionsEnded((userId) => void ended.push(userId))
  assert.equal(await outcomeOf(refresh(system, stolen)), 'invalid-token')
  assert.equal(await outcomeOf(refresh(system, owner.refresh_token)), 'invalid-token')
  assert.equal(await system.alive(owner.access_token), 'session-ended')
  assert.deepEqual(ended, [system.userId])
  assert.deepEqual((await system.events()).slice(2), ['auth.refresh deny reused', 'auth.refresh deny session-ended'])
})

test('two tabs that wake up together get the same token, and the session has one line of descent', async () => {
  await using system = await testAccounts()
  const { refresh_token: token } = await login(system)
  const tabs = await Promise.all(Array.from({ length: 6 }, () => refresh(system, token)))
  assert.equal(new Set(tabs).size, 1)
  assert.deepEqual(await system.database.query('select count(*)::int as tokens from refresh_tokens'), [{ tokens: 2 }])
  await age(system, 3600)
  assert.equal(await outcomeOf(refresh(system, tabs[0]!)), 'ok')
})

test('within the grace, a token whose successor was used already ends the session', async () => {
  await using system = await testAccounts()
  const { refresh_token: stolen } = await login(system)
  const owner = await refresh(system, await refresh(system, stolen))
  assert.equal(await outcomeOf(refresh(system, stolen)), 'invalid-token')
  assert.equal(await outcomeOf(refresh(system, owner)), 'invalid-token')
})

test('a thief within the grace and the owner cannot both go on', async () => {
  await using system = await testAccounts()
  const { refresh_token: token } = await login(system)
  const owner = await refresh(system, token)
  const thief = await refresh(system, token)
  await refresh(system, thief)
  await age(system, 3600)
  assert.equal(await outcomeOf(refresh(system, owner)), 'invalid-token')
  assert.equal((await system.events()).at(-1), 'auth.refresh deny reused')
})

test('another process gives the same successor', async () => {
  await using system = await testAccounts()
  const { refresh_token: token } = await login(system)
  const other = await system.open()
  assert.equal((await other.refresh(token, HOME)).refresh_token, await refresh(system, token))
})

test('a refresh that cannot be recorded leaves the token as good as before', async () => {
  await using system = await testAccounts()
  const { refresh_token: token } = await login(system)
  const original = system.beforeRecord
  system.beforeRecord = () => Promise.reject(new AppError('audit-unavailable'))
  assert.equal(await outcomeOf(refresh(system, token)), 'audit-unavailable')
  system.beforeRecord = original
  assert.deepEqual(await system.database.query('select used_at from refresh_tokens'), [{ used_at: null }])
  assert.equal(await outcomeOf(refresh(system, token)), 'ok')
})

test('reuse ends the session even while it cannot be recorded', async () => {
  await using system = await testAccounts()
  const { refresh_token: token } = await login(system)
  const { access_token: access } = await system.accounts.refresh(token, HOME)
  await age(system, 61)
  system.beforeRecord = () => Promise.reject(new AppError('audit-unavailable'))
  assert.equal(await outcomeOf(refresh(system, token)), 'audit-unavailable')
  assert.equal(await system.alive(access), 'session-ended')
})

for (const [what, sql, code, reason] of [
  ['has expired', `update sessions set expires_at = now()`, 'token-expired', 'expired'],
  ['has ended', `update sessions set revoked_at = now()`, 'invalid-token', 'session-ended'],
  ['is of a suspended user', `update users set state = 'suspended'`, 'account-suspended', 'suspended'],
] as const) {
  test(`a session that ${what} is not refreshed, and the log says whose it is`, async () => {
    await using system = await testAccounts()
    const { refresh_token: token } = await login(system)
    await system.database.query(sql)
    assert.equal(await outcomeOf(refresh(system, token)), code)
    const [event] = await system.database.query(`select user_id, reason from audit_events order by id desc limit 1`)
    assert.deepEqual(event, { user_id: system.userId, reason })
  })
}

test('a suspension that is lifted lets the token live on', async () => {
  await using system = await testAccounts()
  const { refresh_token: token } = await login(system)
  await system.database.query(`update users set state = 'suspended'`)
  await outcomeOf(refresh(system, token))
  await system.database.query(`update users set state = 'active'`)
  assert.equal(await outcomeOf(refresh(system, token)), 'ok')
})

test('unknown tokens are recorded up to the limit of their network, and refused beyond it', async () => {
  await using system = await testAccounts()
  const stranger = fromAddress('2001:db8::1')
  const { refresh_token: token } = await login(system)
  const junk = Array.from({ length: 150 }, () => system.accounts.refresh(newRefreshToken(), stranger))
  assert.deepEqual(await tally(junk), { 'invalid-token': 100, 'too-many-requests': 50 })
  assert.equal((await system.events()).filter((event) => event === 'auth.refresh deny unknown').length, 100)
  const neighbour = fromAddress('2001:db8::2')
  assert.equal(await outcomeOf(system.accounts.refresh(newRefreshToken(), neighbour)), 'too-many-requests')
  assert.equal(await outcomeOf(system.accounts.refresh(token, neighbour)), 'ok', 'a good token passes')
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, neighbour)), 'ok', 'a sign-in counts apart')
})

test('what is not shaped like a token costs neither a query nor a record', async () => {
  await using system = await testAccounts()
  const untouchable = (): never => assert.fail('the database must not be asked')
  let isArmed = false
  const guarded = { ...system.database }
  const process = await system.open({
    database: {
      ...guarded,
      hot: { query: (...query) => (isArmed ? untouchable() : system.database.hot.query(...query)) },
      query: (...query) => (isArmed ? untouchable() : system.database.query(...query)),
      transaction: (work) => (isArmed ? untouchable() : system.database.transaction(work)),
    },
  })
  isArmed = true
  const junk = Array.from({ length: 150 }, (_, i) => process.refresh(`junk ${i}`, HOME))
  assert.deepEqual(await tally(junk), { 'invalid-token': 150 })
  await process.logout('junk', HOME)
  assert.deepEqual(await system.events(), [])
})

test('neither refresh tokens nor their like can be read out of the database', async () => {
  await using system = await testAccounts()
  const first = await login(system)
  const second = await refresh(system, first.refresh_token)
  const tables = ['users', 'accounts', 'sessions', 'refresh_tokens', 'audit_events']
  const rows = await Promise.all(tables.map((table) => system.database.query(`select t::text as row from ${table} t`)))
  const dump = JSON.stringify(rows)
  for (const token of [first.refresh_token, second]) {
    const bytes = token.slice('skyr_'.length)
    for (const form of [bytes, Buffer.from(token).toString('hex'), Buffer.from(bytes, 'base64url').toString('hex')]) {
      assert.equal(dump.includes(form), false)
    }
  }
  assert.equal(dump.includes(first.access_token.split('.')[2]!), false)
  assert.equal(dump.includes(PASSWORD), false)
})
