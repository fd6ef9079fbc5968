import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import {
  arriving,
  EMAIL,
  fromAddress,
  gate,
  HOME,
  outcomeOf,
  PASSWORD,
  somebodyWaits,
  tally,
  testAccounts,
} from './test-accounts.ts'

const WRONG = 'wrong horse battery'

test('a sign-in gives tokens that are accepted, and the e-mail may be spelled in any case', async () => {
  await using system = await testAccounts()
  const tokens = await system.accounts.login(EMAIL.toUpperCase(), PASSWORD, HOME)
  assert.equal(tokens.token_type, 'Bearer')
  assert.equal(tokens.expires_in, 1800)
  const verdict = await system.accounts.verifier.verify(tokens.access_token)
  assert.equal(verdict.outcome === 'accepted' && verdict.userId, system.userId)
  assert.deepEqual(await system.events(), ['auth.login allow session'])
  const [user] = await system.database.query('select last_sign_in_at is not null as noted from users')
  assert.deepEqual(user, { noted: true })
})

test('a wrong password and an unknown e-mail get the same answer, and the log tells them apart', async () => {
  await using system = await testAccounts()
  const problems: unknown[] = []
  for (const email of [EMAIL, 'nobody@example.org', 'no\0body@example.org']) {
    await assert.rejects(system.accounts.login(email, WRONG, HOME), (error: AppError) => {
      problems.push({ code: error.code, detail: error.detail, retryAfter: error.retryAfter, message: error.message })
      return true
    })
  }
  assert.deepEqual(problems[0], {
    code: 'invalid-credentials',
    detail: undefined,
    retryAfter: undefined,
    message: 'invalid-credentials',
  })
  assert.deepEqual(problems[1], problems[0])
  assert.deepEqual(problems[2], problems[0])
  assert.deepEqual(await system.events(), [
    'auth.login deny wrong-password',
    'auth.login deny unknown-email',
    'auth.login deny unknown-email',
  ])
  const denied = await system.database.query('select user_id from audit_events where outcome = $1 order by id', [
    'deny',
  ])
  assert.deepEqual(denied, [{ user_id: system.userId }, { user_id: null }, { user_id: null }])
})

for (const [what, password] of [
  ['allowed', PASSWORD],
  ['denied', WRONG],
] as const) {
  test(`a sign-in that is ${what} is not answered before it is recorded`, async () => {
    await using system = await testAccounts()
    system.beforeRecord = () => Promise.reject(new AppError('audit-unavailable'))
    assert.equal(await outcomeOf(system.accounts.login(EMAIL, password, HOME)), 'audit-unavailable')
    assert.deepEqual(await system.database.query('select id from sessions'), [])
  })
}

test('a suspended user learns of it with the right password alone', async () => {
  await using system = await testAccounts()
  await system.database.query(`update users set state = 'suspended'`)
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, WRONG, HOME)), 'invalid-credentials')
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, HOME)), 'account-suspended')
  assert.deepEqual(await system.events(), ['auth.login deny wrong-password', 'auth.login deny suspended'])
  assert.deepEqual(await system.database.query('select id from sessions'), [])
})

test('a sign-in whose password was changed after it was checked is refused', async () => {
  await using system = await testAccounts()
  const reached = gate()
  const held = gate()
  let isArmed = false
  const slow: Database = {
    ...system.database,
    async transaction(work) {
      if (isArmed) {
        isArmed = false
        reached.open()
        await held.opened
      }
      return system.database.transaction(work)
    },
  }
  const process = await system.open({ database: slow })
  isArmed = true
  const login = outcomeOf(process.login(EMAIL, PASSWORD, HOME))
  await arriving(reached.opened)
  await system.accounts.changePassword(system.userId, PASSWORD, 'another horse battery', HOME)
  held.open()
  assert.equal(await login, 'invalid-credentials')
  assert.equal((await system.events()).at(-1), 'auth.login deny wrong-password')
  assert.deepEqual(await system.database.query('select id from sessions'), [])
})

test('a change of the password waits for a sign-in under way, and ends its session too', async () => {
  await using system = await testAccounts()
  const reached = gate()
  const held = gate()
  system.beforeRecord = async ({ action }) => {
    if (action !== 'auth.login') return
    reached.open()
    await held.opened
  }
  const login = system.accounts.login(EMAIL, PASSWORD, HOME)
  await arriving(reached.opened)
  const change = system.accounts.changePassword(system.userId, PASSWORD, 'another horse battery', HOME)
  await somebodyWaits(system.database)
  held.open()
  const tokens = await login
  await change
  assert.equal(await system.alive(tokens.access_token), 'session-ended')
})

test('failures of one address do not keep the owner out, who is let in from elsewhere', async () => {
  await using system = await testAccounts()
  const stranger = fromAddress('198.51.100.1')
  const guesses = Array.from({ length: 20 }, () => system.accounts.login(EMAIL, WRONG, stranger))
  assert.deepEqual(await tally(guesses), { 'invalid-credentials': 10, 'too-many-requests': 10 })
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, stranger)), 'too-many-requests')
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, HOME)), 'ok')
})

test('during an attack from everywhere the owner is let in where they signed in before', async () => {
  await using system = await testAccounts()
  await system.accounts.login(EMAIL, PASSWORD, fromAddress('2001:db8::1'))
  for (const third of ['100', '101']) {
    await tally(
      Array.from({ length: 55 }, (_, i) => system.accounts.login(EMAIL, WRONG, fromAddress(`198.51.${third}.${i}`))),
    )
  }
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, HOME)), 'too-many-requests')
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, fromAddress('2001:db8::2'))), 'ok')
})

test('no spelling of an e-mail gets around the limit of its account', async () => {
  await using system = await testAccounts()
  await system.database.query(`update accounts set email = 'admin@example.org'`)
  for (let i = 0; i < 10; i++) await outcomeOf(system.accounts.login('admin@example.org', WRONG, HOME))
  // The last has İ, which JavaScript and PostgreSQL need not put into lower case alike.
  for (const email of ['ADMIN@example.org', 'Admin@EXAMPLE.org', 'adm\u0130n@example.org']) {
    const found = await system.database.query('select 1 from accounts where lower(email) = lower($1)', [email])
    const expected = found.length > 0 ? 'too-many-requests' : 'invalid-credentials'
    assert.equal(await outcomeOf(system.accounts.login(email, WRONG, HOME)), expected, email)
  }
})

test('the spellings of an e-mail without an account count as one as well', async () => {
  await using system = await testAccounts()
  for (let i = 0; i < 10; i++) await outcomeOf(system.accounts.login('nobody@example.org', WRONG, HOME))
  assert.equal(await outcomeOf(system.accounts.login('NOBODY@example.org', WRONG, HOME)), 'too-many-requests')
})

test('what nobody could check, because the database was away, does not count', async () => {
  await using system = await testAccounts()
  let isAway = false
  const away = (): Promise<never> => Promise.reject(new AppError('database-unavailable'))
  const process = await system.open({
    database: {
      ...system.database,
      query: (...query) => (isAway ? away() : system.database.query(...query)),
      transaction: (work) => (isAway ? away() : system.database.transaction(work)),
    },
  })
  isAway = true
  const tries = Array.from({ length: 15 }, () => process.login(EMAIL, PASSWORD, HOME))
  assert.deepEqual(await tally(tries), { 'database-unavailable': 15 })
  isAway = false
  assert.equal(await outcomeOf(process.login(EMAIL, PASSWORD, HOME)), 'ok')
})

test('a right password whose session could not be made does not count', async () => {
  await using system = await testAccounts()
  const original = system.beforeRecord
  system.beforeRecord = () => Promise.reject(new AppError('audit-unavailable'))
  for (let i = 0; i < 15; i++) {
    assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, HOME)), 'audit-unavailable')
  }
  system.beforeRecord = original
  assert.equal(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, HOME)), 'ok')
})

test('sign-ins in a loop with the right password are bounded, and the oldest sessions end', async () => {
  await using system = await testAccounts()
  const first = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const outcomes: string[] = []
  for (let i = 0; i < 110; i++) outcomes.push(await outcomeOf(system.accounts.login(EMAIL, PASSWORD, HOME)))
  assert.equal(outcomes.filter((outcome) => outcome === 'ok').length, 99)
  assert.equal(outcomes.at(-1), 'too-many-requests')
  const [left] = await system.database.query(
    `select (select count(*) from sessions)::int as sessions, (select count(*) from refresh_tokens)::int as tokens`,
  )
  assert.deepEqual(left, { sessions: 50, tokens: 50 })
  assert.equal(await system.alive(first.access_token), 'session-ended')
  assert.equal((await system.events()).at(-1), 'auth.login deny throttled')
})

test('two processes together give a guesser the attempts of one', async () => {
  await using system = await testAccounts()
  const other = await system.open()
  const stranger = fromAddress('198.51.100.1')
  const guesses = Array.from({ length: 30 }, (_, i) => (i % 2 ? other : system.accounts).login(EMAIL, WRONG, stranger))
  assert.deepEqual(await tally(guesses), { 'invalid-credentials': 10, 'too-many-requests': 20 })
})
