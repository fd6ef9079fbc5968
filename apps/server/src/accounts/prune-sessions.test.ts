import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pruneSessions } from './prune-sessions.ts'
import { EMAIL, fromAddress, HOME, outcomeOf, PASSWORD, type TestAccounts, testAccounts } from './test-accounts.ts'

const countsOf = async ({ database }: TestAccounts): Promise<unknown> => {
  const [counts] = await database.query(
    `select (select count(*)::int from sessions) as sessions, (select count(*)::int from refresh_tokens) as tokens`,
  )
  return counts
}

/** Sessions with `tokens` refresh tokens each. */
async function addSessions({ database, userId }: TestAccounts, count: number, tokens: number, expires: string) {
  await database.query(
    `with made as (
       insert into sessions (id, user_id, address, expires_at)
       select 'ses_' || gen_random_uuid(), $1, '192.0.2.1', now() + $4::interval from generate_series(1, $2)
       returning id
     ) insert into refresh_tokens (hash, session_id)
       select sha256(gen_random_uuid()::text::bytea), id from made, generate_series(1, $3)`,
    [userId, count, tokens, expires],
  )
}

test('sessions that expired a day ago go, with their tokens; those that last and those just expired stay', async () => {
  await using system = await testAccounts()
  const { refresh_token: token } = await system.accounts.login(EMAIL, PASSWORD, HOME)
  await addSessions(system, 2, 3, '-23 hours')
  await addSessions(system, 5, 4, '-25 hours')
  await pruneSessions(system.database)
  assert.deepEqual(await countsOf(system), { sessions: 3, tokens: 7 })
  assert.equal(await outcomeOf(system.accounts.refresh(token, HOME)), 'ok')
})

test('more than a batch goes batch by batch', async () => {
  await using system = await testAccounts()
  await addSessions(system, 25, 3, '-2 days')
  const sizes: number[] = []
  const counted = {
    async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
      const rows = await system.database.query<Row>(text, values)
      sizes.push(rows.length)
      return rows
    },
  }
  await pruneSessions(counted, undefined, 10)
  assert.deepEqual(sizes, [10, 10, 10, 10, 10, 10, 10, 5, 10, 10, 5])
  assert.deepEqual(await countsOf(system), { sessions: 0, tokens: 0 })
})

test('several processes do it at once', async () => {
  await using system = await testAccounts()
  await addSessions(system, 60, 5, '-2 days')
  await Promise.all(Array.from({ length: 4 }, () => pruneSessions(system.database, undefined, 20)))
  await pruneSessions(system.database)
  assert.deepEqual(await countsOf(system), { sessions: 0, tokens: 0 })
})

test('a signal stops it between two batches', async () => {
  await using system = await testAccounts()
  await addSessions(system, 20, 1, '-2 days')
  await pruneSessions(system.database, AbortSignal.abort(), 10)
  assert.deepEqual(await countsOf(system), { sessions: 20, tokens: 20 })
})

test('who signed in from somewhere is still known there after the session has ended', async () => {
  await using system = await testAccounts()
  const away = fromAddress('203.0.113.7')
  const { refresh_token: token } = await system.accounts.login(EMAIL, PASSWORD, away)
  await system.accounts.logout(token, away)
  await pruneSessions(system.database)
  const rows = await system.database.query('select address from sessions')
  assert.deepEqual(rows, [{ address: '203.0.113.7' }])
})
