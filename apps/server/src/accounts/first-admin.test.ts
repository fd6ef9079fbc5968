import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../db/open.ts'
import {
  arriving,
  gate,
  HOME,
  outcomeOf,
  PASSWORD,
  somebodyWaits,
  type TestAccounts,
  testAccounts,
} from './test-accounts.ts'

const ADMIN = { email: 'admin@example.org', password: undefined }
const QUIET = { debug() {}, info() {}, warn() {}, error() {} }

/** As before the first start. */
async function withoutUsers(): Promise<TestAccounts> {
  const system = await testAccounts()
  await system.database.query('delete from users')
  await system.database.query('delete from audit_events')
  return system
}

test('the first administrator gets a made-up password that signs in, and it is in the log', async () => {
  await using system = await withoutUsers()
  const { email, created, password } = await system.accounts.ensureFirstAdmin(ADMIN)
  assert.deepEqual({ email, created }, { email: ADMIN.email, created: true })
  assert.match(password!, /^[\w-]{20}$/)
  assert.equal(await outcomeOf(system.accounts.login(email, password!, HOME)), 'ok')
  const rows = await system.database.query(
    `select u.is_admin, u.state, i.issuer, i.subject = u.id as is_own from users u join identities i on i.user_id = u.id`,
  )
  assert.deepEqual(rows, [{ is_admin: true, state: 'active', issuer: 'urn:skycrate:accounts', is_own: true }])
  const made = await system.database.query(`select detail, door, reason from audit_events where action = 'user.create'`)
  assert.deepEqual(made, [
    { detail: { email: ADMIN.email, changed: { isAdmin: true } }, door: 'process', reason: null },
  ])
})

test('a password that was given is taken and not told', async () => {
  await using system = await withoutUsers()
  const admin = await system.accounts.ensureFirstAdmin({ ...ADMIN, password: PASSWORD })
  assert.deepEqual(admin, { email: ADMIN.email, created: true })
  assert.equal(await outcomeOf(system.accounts.login(ADMIN.email, PASSWORD, HOME)), 'ok')
})

test('a later start changes nothing, whatever it is given', async () => {
  await using system = await withoutUsers()
  const { password } = await system.accounts.ensureFirstAdmin(ADMIN)
  const again = await system.accounts.ensureFirstAdmin({
    email: 'other@example.org',
    password: 'another horse battery',
  })
  assert.deepEqual(again, { email: ADMIN.email, created: false })
  assert.equal(await outcomeOf(system.accounts.login(ADMIN.email, password!, HOME)), 'ok')
  assert.deepEqual(await system.database.query('select count(*)::int as users from users'), [{ users: 1 }])
})

test('several processes that start at once make one, and one of them knows its password', async () => {
  await using system = await withoutUsers()
  await using databases = new AsyncDisposableStack()
  const starts = await Promise.all(
    Array.from({ length: 4 }, () => {
      const database = databases.use(openDatabase({ connection: system.database.connection, logger: QUIET }))
      return system.open({ database })
    }),
  )
  const reached = gate()
  const held = gate()
  system.beforeRecord = async () => {
    reached.open()
    await held.opened
  }
  // The first is held where it has made the administrator but not yet committed it.
  const first = starts[0]!.ensureFirstAdmin(ADMIN)
  await arriving(reached.opened)
  const others = starts.slice(1).map((accounts) => accounts.ensureFirstAdmin(ADMIN))
  await somebodyWaits(system.database)
  held.open()
  const admins = await Promise.all([first, ...others])
  const creators = admins.filter(({ created }) => created)
  assert.equal(creators.length, 1)
  assert.deepEqual(
    admins.filter(({ created }) => !created),
    Array(3).fill({ email: ADMIN.email, created: false }),
  )
  assert.equal(await outcomeOf(system.accounts.login(ADMIN.email, creators[0]!.password!, HOME)), 'ok')
  assert.deepEqual(await system.database.query('select count(*)::int as users from users'), [{ users: 1 }])
})

test('an account of that e-mail that is no administrator stops the start with a clear error', async () => {
  await using system = await testAccounts()
  await system.database.query(`update users set is_admin = false`)
  await system.database.query(`update accounts set email = 'ADMIN@example.org'`)
  await assert.rejects(system.accounts.ensureFirstAdmin(ADMIN), /is no administrator; set SKYCRATE_ADMIN_EMAIL/)
})

test('an administrator without an account here does not count', async () => {
  await using system = await testAccounts()
  await system.database.query('delete from accounts')
  assert.equal((await system.accounts.ensureFirstAdmin(ADMIN)).created, true)
})
