import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { UserChange } from '@skycrate/contract/users/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import { hash as bcrypt } from 'bcryptjs'
import { pino } from 'pino'
import { createAuditLog } from '../audit/audit-writer.ts'
import { readAuditEvents } from '../audit/audit-reader.ts'
import type { Database } from '../db/database.ts'
import { readsOf } from '../db/reads.ts'
import { EMAIL, HOME, outcomeOf, PASSWORD, tally, testAccounts, tokensOf } from '../accounts/test-accounts.ts'
import { AppError } from '../errors/app-error.ts'
import type { HomeChoice } from '../homes/end-home.ts'
import { createJobs } from '../jobs/jobs.ts'
import { preconditionOf } from '../precondition.ts'
import { deleteDueUsers } from './delete-due-users.ts'
import { DELETE_USER, deleteUserJob } from './delete-user-job.ts'
import { findOrCreateUser, type Identity } from './find-or-create-user.ts'
import { createGroups } from './groups.ts'
import { createUsers } from './users.ts'

const ISSUER = 'https://issuer.example/'
const GOOD = 'seven brave turnips'
const any = preconditionOf(undefined)

/** Users and groups beside one built-in administrator, who asks. */
async function testUsers() {
  await using stack = new AsyncDisposableStack()
  const system = stack.use(await testAccounts())
  const { database, accounts, now } = system
  const logger = pino({ level: 'silent' })
  const audit = createAuditLog({ sql: database.hot, logger, now })
  const jobs = createJobs({ database, logger, now, pollMs: 20 })
  const endings: (readonly [UserId, HomeChoice])[] = []
  const homes = {
    endHome: async (userId: UserId, choice: HomeChoice) => {
      endings.push([userId, choice])
      await database.query('delete from homes where user_id = $1', [userId])
    },
  }
  let commitsToFail = 1
  /** The process that commits a deletion is gone before it did; the job tries again. */
  const dying: Database = {
    ...database,
    transaction: (work) =>
      database.transaction(async (tx) => {
        const result = await work(tx)
        const deleted = await tx.query(`select 1 from users where state = 'deleted'`)
        if (deleted.length > 0 && commitsToFail-- > 0) throw new Error('killed before the commit')
        return result
      }),
  }
  jobs.register(DELETE_USER, deleteUserJob({ database: dying, audit, homes, now }), { cancellable: false })
  const settled = () => Promise.resolve()
  const users = createUsers({
    reads: readsOf(database),
    database,
    audit,
    jobs,
    passwords: accounts.passwords,
    links: accounts.links,
    isIssuer: (issuer) => issuer === ISSUER,
    now,
    settled,
  })
  const groups = createGroups({ database, audit, now, settled })
  const by = { userId: system.userId, origin: HOME }
  const comes = (identity: Partial<Identity>) =>
    findOrCreateUser(
      { database, audit, now },
      { issuer: ISSUER, subject: 's', email: null, emailVerified: null, name: null, groups: [], ...identity },
      HOME,
    )
  const everything = stack.move()
  return {
    ...system,
    audit,
    jobs,
    users,
    groups,
    by,
    comes,
    endings,
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

const pathsOf = async (work: Promise<unknown>): Promise<string[]> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof AppError, String(error))
  return [error.code, ...(error.errors ?? []).map(({ path }) => path)]
}

test('a user with a password signs in, and one who is suspended does not, with any spelling of the e-mail', async () => {
  await using system = await testUsers()
  const { users, accounts, by } = system
  const ada = await users.create({ email: ' Bo@Example.org ', password: GOOD, name: 'Bo' }, by)
  assert.deepEqual([ada.email, ada.state, ada.emailVerified, ada.hasPassword], ['Bo@Example.org', 'active', true, true])
  const tokens = tokensOf(await accounts.login('  bo@example.org ', GOOD, HOME))
  const change: UserChange = { name: 'Bo', isAdmin: false, state: 'suspended', groups: [] }
  await users.update(ada.id, change, any, by)
  assert.equal(await system.alive(tokens.access_token), 'session-ended')
  assert.equal(await outcomeOf(accounts.login('bo@example.org', GOOD, HOME)), 'account-suspended')
  assert.equal(await outcomeOf(accounts.refresh(tokens.refresh_token, HOME)), 'invalid-token')
  await users.update(ada.id, { ...change, state: 'active' }, any, by)
  assert.equal(await outcomeOf(accounts.login('bo@example.org', GOOD, HOME)), 'ok')
})

test('an invitation is good once, sets the password, and a newer one replaces it', async () => {
  await using system = await testUsers()
  const { users, accounts, by } = system
  const invited = await users.create({ email: 'cy@example.org', invite: true }, by)
  assert.equal(invited.state, 'invited')
  assert.match(invited.invitation!.link, /^http:\/\/localhost:8080\/invitation#skyi_[\w-]{43}$/)
  assert.equal(await outcomeOf(accounts.login('cy@example.org', GOOD, HOME)), 'invalid-credentials')
  const first = invited.invitation!.token
  const { token } = await users.resetPassword(invited.id, by)
  const use = (code: string, password = GOOD) =>
    accounts.links.use('invitation', { token: code, password, name: 'Cy' }, HOME)
  assert.equal(await outcomeOf(use(first)), 'invalid-token')
  assert.deepEqual(await pathsOf(use(token, 'password1234567')), ['invalid-request', '/password'])
  assert.deepEqual(await tally(Array.from({ length: 5 }, () => use(token))), { ok: 1, 'invalid-token': 4 })
  assert.equal(await outcomeOf(accounts.login('cy@example.org', GOOD, HOME)), 'ok')
  const after = await users.find(invited.id)
  assert.deepEqual([after.state, after.name], ['active', 'Cy'])
  const stored = await system.database.query(`select 1 from one_time_codes where encode(hash, 'escape') like '%skyi_%'`)
  assert.deepEqual(stored, [])
})

test('a reset link ends the sessions, and is no invitation', async () => {
  await using system = await testUsers()
  const { users, accounts, by, userId } = system
  const tokens = tokensOf(await accounts.login(EMAIL, PASSWORD, HOME))
  const { link, token } = await users.resetPassword(userId, by)
  assert.match(link, /\/reset-password#skyi_/)
  assert.equal(await outcomeOf(accounts.links.use('invitation', { token, password: GOOD }, HOME)), 'invalid-token')
  await accounts.links.use('reset-password', { token, password: GOOD }, HOME)
  assert.equal(await system.alive(tokens.access_token), 'session-ended')
  assert.equal(await outcomeOf(accounts.login(EMAIL, PASSWORD, HOME)), 'invalid-credentials')
  assert.equal(await outcomeOf(accounts.login(EMAIL, GOOD, HOME)), 'ok')
})

test('what could not be a user is refused with every mistake, and an e-mail is had once', async () => {
  await using system = await testUsers()
  const { users, by } = system
  for (const [body, paths] of [
    [{ email: 'x', password: 'short' }, ['/email', '/password']],
    [{ email: 'a@b\u200b.example', invite: true }, ['/email']],
    [{ email: 'a@b.example' }, ['']],
    [{ email: 'a@b.example', invite: true, password: GOOD }, ['']],
    [{ invite: true }, ['/email']],
    [{ email: 'a@b.example', invite: true, groups: ['none'] }, ['/groups/0']],
    [{ identity: { subject: 's' } }, ['/identity/issuer']],
    [{ email: 'a@b.example', identity: { issuer: 'https://other.example/' } }, ['/identity/issuer']],
  ] as const) {
    assert.deepEqual(
      await pathsOf(users.create(body as never, by)),
      ['invalid-request', ...paths],
      JSON.stringify(body),
    )
  }
  assert.deepEqual(await pathsOf(users.create({ email: EMAIL.toUpperCase(), password: GOOD }, by)), ['conflict'])
})

test('of two administrators who take each other away at once, one stays', async () => {
  for (let round = 0; round < 5; round++) {
    await using system = await testUsers()
    const { users, by, userId } = system
    const other = await users.create({ email: 'other@example.org', password: GOOD, isAdmin: true }, by)
    const demoted: UserChange = { name: null, isAdmin: false, state: 'active', groups: [] }
    const works = [
      [() => users.update(userId, demoted, any, by), () => users.update(other.id, demoted, any, by)],
      [
        () => users.update(userId, { ...demoted, isAdmin: true, state: 'suspended' }, any, by),
        () => users.delete(other.id, {}, any, by),
      ],
    ][round % 2]!
    assert.deepEqual(await tally(works.map((work) => work())), { ok: 1, 'last-administrator': 1 })
  }
})

test('of two edits of what was read once, the second is told', async () => {
  await using system = await testUsers()
  const { users, by, userId } = system
  const { updatedAt } = await users.find(userId)
  const change: UserChange = { name: 'One', isAdmin: true, state: 'active', groups: [] }
  const asRead = preconditionOf(`"${updatedAt}"`)
  await users.update(userId, change, asRead, by)
  assert.equal(await outcomeOf(users.update(userId, { ...change, name: 'Two' }, asRead, by)), 'precondition-failed')
  assert.equal((await users.find(userId)).name, 'One')
})

test('deleting a user ends everything they have, and the log still names them', async () => {
  await using system = await testUsers()
  const { users, groups, by, database, jobs } = system
  const group = await groups.create({ name: 'editors' }, by)
  const gone = await users.create({ email: 'gone@example.org', password: GOOD, groups: ['editors'] }, by)
  await database.query(
    `insert into permissions (id, principal_kind, principal, bucket, prefix, can_read, can_write, can_delete, can_list)
     values ('prm_1', 'user', $1, 'b', '', true, false, false, false)`,
    [gone.id],
  )
  await database.query(
    `insert into homes (user_id, layout, bucket, region, state) values ($1, 'bucket-per-user', 'h', 'r', 'ready')`,
    [gone.id],
  )
  assert.deepEqual(await pathsOf(users.delete(gone.id, {}, any, by)), ['invalid-request', '/home'])
  assert.deepEqual(await pathsOf(users.delete(gone.id, { home: 'hand-to', handTo: gone.id }, any, by)), [
    'invalid-request',
    '/handTo',
  ])
  const job = await users.delete(gone.id, { home: 'hand-to', handTo: by.userId }, any, by)
  assert.equal((await users.find(gone.id)).state, 'deleting')
  assert.equal(await outcomeOf(system.accounts.login('gone@example.org', GOOD, HOME)), 'account-suspended')
  await jobs.start()
  for (let i = 0; i < 500 && (await jobs.find(job.id, { ...by, isAdmin: true })).state !== 'done'; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await jobs[Symbol.asyncDispose]()
  const ending = [gone.id, { contents: 'hand-over', to: by.userId }] as const
  assert.deepEqual(system.endings, [ending, ending], 'it was tried twice')
  assert.equal(await outcomeOf(users.find(gone.id)), 'not-found')
  for (const table of ['permissions', 'identities', 'accounts', 'credentials', 'sessions', 'group_members']) {
    const column = table === 'permissions' ? 'principal' : 'user_id'
    assert.deepEqual(await database.query(`select 1 from ${table} where ${column} = $1`, [gone.id]), [], table)
  }
  assert.equal((await groups.find(group.id)).memberCount, 0)
  const { events } = await readAuditEvents(database, { limit: 20 })
  const named = events.filter((event) => event.targetUserId === gone.id).map(({ action }) => action)
  assert.deepEqual(named.slice(0, 3), ['user.delete', 'permission.delete', 'user.delete'])
  assert.deepEqual(await database.query('select email, state from users where id = $1', [gone.id]), [
    { email: 'gone@example.org', state: 'deleted' },
  ])
  // The address is free again.
  await users.create({ email: 'gone@example.org', password: GOOD }, by)
})

test('a user who was prepared for a verified e-mail address takes hold when it comes, and once', async () => {
  await using system = await testUsers()
  const { users, groups, by, comes } = system
  await groups.create({ name: 'editors' }, by)
  const wish = { email: 'Prep@Example.org', identity: { issuer: ISSUER }, groups: ['editors'] }
  const prepared = await users.create(wish, by)
  assert.deepEqual([prepared.state, prepared.prepared], ['invited', { issuer: ISSUER }])
  const email = 'prep@example.org'
  assert.notEqual((await comes({ subject: 'unsaid', email, emailVerified: null })).id, prepared.id)
  assert.notEqual((await comes({ subject: 'denied', email: null, emailVerified: false })).id, prepared.id)
  const elsewhere = { issuer: 'https://other.example/', subject: 'x', email, emailVerified: true }
  assert.notEqual((await comes(elsewhere)).id, prepared.id)
  assert.notEqual(
    (await comes({ subject: 'kelvin', email: 'prep@e\u212ample.org', emailVerified: true })).id,
    prepared.id,
  )
  const both = await Promise.all(['one', 'two'].map((subject) => comes({ subject, email, emailVerified: true })))
  assert.equal(both.filter(({ id }) => id === prepared.id).length, 1)
  const after = await users.find(prepared.id)
  assert.deepEqual([after.state, after.groups, after.prepared], ['active', ['editors'], undefined])
})

test('a user who was prepared for an issuer and subject is that identity, whatever its e-mail', async () => {
  await using system = await testUsers()
  const { users, by, comes } = system
  const prepared = await users.create({ identity: { issuer: ISSUER, subject: 'exact' } }, by)
  assert.equal((await comes({ subject: 'exact' })).id, prepared.id)
  assert.equal((await users.find(prepared.id)).state, 'active')
  assert.deepEqual(await pathsOf(users.create({ identity: { issuer: ISSUER, subject: 'exact' } }, by)), ['conflict'])
})

test("a name that somebody chose stays, whatever the issuer's is", async () => {
  await using system = await testUsers()
  const { users, comes } = system
  const { id } = await comes({ subject: 'n', name: 'From the issuer' })
  await users.rename('Chosen', { userId: id, origin: HOME })
  assert.equal((await comes({ subject: 'n', name: 'From the issuer' })).name, 'Chosen')
})

test('users are found by how e-mail, name, last name, domain or id begin, page by page and each once', async () => {
  await using system = await testUsers()
  const { users, database } = system
  await database.query(
    `insert into users (id, email, name, state)
     select 'usr_' || lpad(n::text, 26, '0'), 'ada' || n || '@ada.example', 'Ada Adams', case when n % 5 = 0 then 'suspended' else 'active' end
     from generate_series(1, 25) n`,
  )
  await database.query(`insert into users (id, email, name, state) values
    ('usr_00000000000000000000000090', 'z@z.example', 'Grace Hopper', 'active'),
    ('usr_00000000000000000000000091', '100%@z.example', 'a_b', 'active'),
    ('usr_00000000000000000000000092', 'gone@z.example', 'Grace Gone', 'deleted')`)
  const id = (n: number): string => `usr_${String(n).padStart(26, '0')}`
  const all = async (query: object): Promise<string[]> => {
    const found: string[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof users.list>> = await users.list({
        limit: 4,
        ...query,
        ...(cursor && { cursor }),
      })
      found.push(...page.users.map((user) => user.id))
      cursor = page.nextCursor
    } while (cursor !== null)
    return found
  }
  const ada = await all({ search: 'ADA' })
  // The administrator is an Ada too.
  assert.deepEqual([ada.length, new Set(ada).size], [26, 26])
  assert.deepEqual(await all({ search: 'hop' }), [id(90)])
  assert.deepEqual(await all({ search: 'grace' }), [id(90)])
  assert.deepEqual((await all({ search: 'z.ex' })).toSorted(), [id(90), id(91)])
  assert.deepEqual(await all({ search: 'usr_0000000000000000000000009' }), [id(90), id(91)])
  for (const nothing of ['%', '_', 'a_%', "' or true --", '\u{10ffff}'])
    assert.deepEqual(await all({ search: nothing }), [], nothing)
  assert.deepEqual(await all({ search: '100%' }), [id(91)])
  assert.equal((await all({ state: 'suspended' })).length, 5)
  assert.equal((await all({ state: 'suspended', search: 'adams' })).length, 5)
  assert.equal((await all({ state: 'active', search: 'adams' })).length, 20)
  assert.equal((await all({})).length, 28)
  for (const cursor of [
    'x',
    'usr_',
    Buffer.from('[9,"",""]').toString('base64url'),
    Buffer.from('["a"]').toString('base64url'),
  ]) {
    assert.equal(await outcomeOf(users.list({ search: 'a', cursor })), 'invalid-cursor', cursor)
  }
})

test('groups have members and permissions, are renamed with them, and end with them', async () => {
  await using system = await testUsers()
  const { users, groups, by, database } = system
  const group = await groups.create({ name: ' editors ', description: 'd' }, by)
  assert.deepEqual([group.name, group.issuer, group.members], ['editors', null, []])
  assert.deepEqual(await pathsOf(groups.create({ name: 'editors' }, by)), ['conflict'])
  assert.deepEqual(await pathsOf(groups.create({ name: group.id }, by)), ['invalid-request', '/name'])
  const ada = await users.create({ email: 'm@example.org', password: GOOD }, by)
  for (let i = 0; i < 2; i++) await groups.addMember(group.id, ada.id, by)
  assert.deepEqual(
    (await groups.find(group.id)).members.map(({ id }) => id),
    [ada.id],
  )
  assert.deepEqual((await users.find(ada.id)).groups, ['editors'])
  await database.query(
    `insert into permissions (id, principal_kind, principal, bucket, prefix, can_read, can_write, can_delete, can_list)
     values ('prm_1', 'group', 'editors', 'b', '', true, false, false, false)`,
  )
  await groups.update(group.id, { name: 'crew' }, any, by)
  assert.deepEqual(await database.query('select principal from permissions'), [{ principal: 'crew' }])
  await groups.deleteMember(group.id, ada.id, by)
  assert.equal((await groups.find(group.id)).memberCount, 0)
  await groups.delete(group.id, any, by)
  assert.deepEqual(await database.query('select 1 from permissions'), [])
  const { events } = await readAuditEvents(database, { limit: 20 })
  assert.deepEqual(
    events.map(({ action }) => action).filter((action) => !action.startsWith('user.')),
    ['group.delete', 'permission.delete', 'group.delete-member', 'group.update', 'group.add-member', 'group.create'],
  )
})

test("an issuer's group can be described, and neither renamed nor filled by hand", async () => {
  await using system = await testUsers()
  const { groups, by, comes, userId } = system
  await comes({ subject: 'g', groups: ['staff'] })
  const [staff] = (await groups.list({ search: 'sta' })).groups
  assert.deepEqual([staff!.issuer, staff!.memberCount], [ISSUER, 1])
  await groups.update(staff!.id, { name: 'staff', description: 'From HR' }, any, by)
  assert.deepEqual(await pathsOf(groups.update(staff!.id, { name: 'boss' }, any, by)), ['conflict'])
  assert.deepEqual(await pathsOf(groups.addMember(staff!.id, userId, by)), ['conflict'])
  // An own group of the same name is another one.
  await groups.create({ name: 'staff' }, by)
  assert.equal((await groups.list({ search: 'staff' })).groups.length, 2)
})

test('people delete their own account with their password; signing in keeps it, and after the days of grace it is gone', async () => {
  await using system = await testUsers()
  const { users, accounts, by, database } = system
  const made = await users.create({ email: 'eve@example.org', password: GOOD }, by)
  const id = made.id as UserId
  const tokens = await accounts.login('eve@example.org', GOOD, HOME)
  const due = () => deleteDueUsers({ database, users, logger: pino({ level: 'silent' }) }, 'job_1')
  const stateOf = async () =>
    (
      await database.query<{ state: string; due: boolean }>(
        'select state, delete_at is not null as due from users where id = $1',
        [id],
      )
    )[0]
  assert.equal(await outcomeOf(accounts.deleteOwn(id, 'wrong horse battery', HOME)), 'invalid-credentials')
  assert.deepEqual(await stateOf(), { state: 'active', due: false })
  await accounts.deleteOwn(id, GOOD, HOME)
  assert.equal(await system.alive(tokens.access_token), 'session-ended')
  assert.match((await system.mails()).find(({ to }) => to === 'eve@example.org')!.text, /To keep it, sign in before/)
  await due()
  assert.deepEqual(await stateOf(), { state: 'active', due: true }, 'the days of grace are not over')
  await accounts.login('eve@example.org', GOOD, HOME)
  assert.deepEqual(await stateOf(), { state: 'active', due: false })

  await accounts.deleteOwn(id, GOOD, HOME)
  await database.query(`update users set delete_at = now() - interval '1 second' where id = $1`, [id])
  await Promise.all([due(), due()])
  assert.equal((await stateOf())!.state, 'deleting')
  assert.equal(await outcomeOf(accounts.login('eve@example.org', GOOD, HOME)), 'account-suspended')
  await system.jobs.start()
  await ended(system.jobs)
  assert.equal((await stateOf())!.state, 'deleted')
  assert.equal(await outcomeOf(accounts.deleteOwn(by.userId, PASSWORD, HOME)), 'last-administrator')
})

test('a user of another system comes with the bcrypt hash of their password', async () => {
  await using system = await testUsers()
  const { users, accounts, by } = system
  const passwordHash = await bcrypt(GOOD, 4)
  const made = await users.create({ email: 'fay@example.org', passwordHash }, by)
  assert.equal(made.state, 'active')
  assert.equal(await outcomeOf(accounts.login('fay@example.org', GOOD, HOME)), 'ok')
  const both = users.create({ email: 'gus@example.org', passwordHash, password: GOOD }, by)
  assert.equal(await outcomeOf(both), 'invalid-request')
})

test('a file brings the users of another system, with their hashes: all of them, or none', async () => {
  await using system = await testUsers()
  const { users, accounts, groups, database, by } = system
  await groups.create({ name: 'staff' }, by)
  const passwordHash = await bcrypt(GOOD, 4)
  const count = async (): Promise<number> => (await database.query('select 1 from users')).length
  const before = await count()
  const csv = (...lines: string[]): Buffer => Buffer.from(['email,passwordHash,name,groups', ...lines].join('\r\n'))
  const wrong = csv(
    `fay@example.org,${passwordHash},Fay,staff`,
    `FAY@example.org,${passwordHash},,`,
    `${EMAIL},${passwordHash},,`,
    'gus@example.org,plain,,nobody',
    `no address,${passwordHash},,`,
    `hal@example.org,${passwordHash},,nobody`,
    'one cell',
  )
  const report = await users.import(wrong, true, by)
  assert.deepEqual(
    report.mistakes.map(({ line, column }) => [line, column]),
    [
      [3, 'email'],
      [4, 'email'],
      [5, 'passwordHash'],
      [6, 'email'],
      [7, 'groups'],
      [8, null],
    ],
  )
  assert.equal(report.created, 0)
  assert.equal(await outcomeOf(users.import(wrong, false, by)), 'invalid-request')
  assert.equal(await count(), before)
  for (const [file, message] of [
    ['', /empty/],
    ['email,name\n', /missing/],
    ['email,passwordHash,isAdmin\n', /not known/],
    [csv(...Array.from({ length: 2001 }, (_, i) => `u${i}@example.org,${passwordHash},,`)).toString(), /at most 2000/],
  ] as const) {
    const { mistakes } = await users.import(Buffer.from(file), true, by)
    assert.match(mistakes.map((each) => each.message).join(), message)
  }

  const right = csv(
    `fay@example.org,${passwordHash},"Fay, the first",staff|staff`,
    `gus@example.org,${passwordHash.replace('$2b$', '$2y$')},,`,
  )
  assert.equal((await users.import(right, true, by)).created, 2)
  assert.equal(await count(), before)
  assert.deepEqual(await users.import(right, false, by), { dryRun: false, lines: 2, created: 2, mistakes: [] })
  for (const email of ['fay@example.org', 'gus@example.org']) {
    assert.equal(await outcomeOf(accounts.login(email, GOOD, HOME)), 'ok', email)
  }
  const [fay] = (await users.list({ search: 'fay@' })).users
  assert.deepEqual([fay!.name, fay!.groups, fay!.isAdmin, fay!.state], ['Fay, the first', ['staff'], false, 'active'])
  const created = await database.query(
    `select 1 from audit_events where action = 'user.create' and target_user_id = $1 and user_id = $2`,
    [fay!.id, by.userId],
  )
  assert.equal(created.length, 1)
  assert.equal(await outcomeOf(users.import(right, false, by)), 'invalid-request', 'they are there')
})

/** Resolves once no job is left. */
async function ended(jobs: { list: Awaited<ReturnType<typeof testUsers>>['jobs']['list'] }): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const { jobs: found } = await jobs.list({ limit: 100 }, { userId: 'usr_x' as UserId, isAdmin: true })
    const open = found.filter(({ kind, state }) => kind === DELETE_USER && state !== 'done')
    if (open.length === 0) return
    await sleep(20)
  }
  throw new Error('the deletion did not end')
}
