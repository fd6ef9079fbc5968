import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Accounts } from './accounts.ts'
import { EMAIL, fromAddress, HOME, outcomeOf, PASSWORD, type TestAccounts, testAccounts } from './test-accounts.ts'

const BO = 'bo@example.org'
const NEXT = 'seven brave turnips'
const OPEN = { mode: 'open', domains: [] } as const

/** The newest mail to somebody, and the code in it. */
async function mailTo(system: TestAccounts, to: string): Promise<{ text: string; code: string | undefined }> {
  const mail = (await system.mails()).find((each) => each.to === to)
  assert.ok(mail, `no mail to ${to}`)
  return { text: mail.text, code: /^\d{6}$/m.exec(mail.text)?.[0] }
}

const codeTo = async (system: TestAccounts, to: string): Promise<string> => (await mailTo(system, to)).code!

const otherThan = (code: string): string => (code === '000000' ? '000001' : '000000')

async function problemOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return 'ok'
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { code: error.code, detail: error.detail, errors: error.errors }
  }
}

test('a sign-up is confirmed by the code from the mail, and nobody is there before', async () => {
  await using system = await testAccounts()
  const accounts = await system.open({ signUp: OPEN })
  const { id } = await accounts.signUp.start({ email: 'Bo@Example.org', password: NEXT, name: 'Bo' }, HOME)
  assert.deepEqual(await system.database.query(`select 1 from users where email ilike $1`, [BO]), [])
  assert.equal(await outcomeOf(accounts.login(BO, NEXT, HOME)), 'invalid-credentials')
  const code = await codeTo(system, 'Bo@Example.org')
  assert.deepEqual(await accounts.signUp.confirm({ email: BO, code, id }, HOME), { email: 'Bo@Example.org' })
  assert.equal(await outcomeOf(accounts.signUp.confirm({ email: BO, code, id }, HOME)), 'invalid-mail-code')
  await accounts.login(BO, NEXT, HOME)
  const [user] = await system.database.query(
    `select name, is_admin, state, email_verified from users where email ilike $1`,
    [BO],
  )
  assert.deepEqual(user, { name: 'Bo', is_admin: false, state: 'active', email_verified: true })
})

test('only what the operator opened can be used to sign up', async () => {
  await using system = await testAccounts()
  const wish = { email: BO, password: NEXT }
  assert.equal(await outcomeOf(system.accounts.signUp.start(wish, HOME)), 'forbidden')
  assert.equal(await outcomeOf(system.accounts.signUp.resend(wish, HOME)), 'forbidden')
  const bounded = await system.open({ signUp: { mode: 'open', domains: ['example.com'] } })
  assert.equal(await outcomeOf(bounded.signUp.start(wish, HOME)), 'invalid-request')
  assert.equal(await outcomeOf(bounded.signUp.start({ ...wish, email: 'bo@EXAMPLE.com' }, HOME)), 'ok')
  for (const email of ['bo@sub.example.com', 'bo@notexample.com', 'bo@example.com,eve@evil.example']) {
    assert.equal(await outcomeOf(bounded.signUp.start({ ...wish, email }, HOME)), 'invalid-request', email)
  }
})

/** Notes the statements of everything that is asked of a database. */
function watched(database: Database): { readonly database: Database; readonly statements: string[] } {
  const statements: string[] = []
  const watch = (sql: Sql): Sql => ({
    ...sql,
    query: (text, ...rest) => {
      statements.push(text)
      return sql.query(text, ...rest)
    },
  })
  const own: Database = {
    ...database,
    ...watch(database),
    hot: watch(database.hot) as Database['hot'],
    transaction: (work) => database.transaction((tx) => work(watch(tx))),
  }
  return { database: own, statements }
}

/** Each form that takes an e-mail address. */
const FORMS: Readonly<Record<string, (accounts: Accounts, email: string) => Promise<unknown>>> = {
  'sign-up': (accounts, email) => accounts.signUp.start({ email, password: NEXT }, HOME),
  'another code': (accounts, email) => accounts.signUp.resend({ email }, HOME),
  confirmation: (accounts, email) => accounts.signUp.confirm({ email, code: '000000' }, HOME),
  'forgotten password': (accounts, email) => accounts.forgotPassword(email, HOME),
  'new password': (accounts, email) => accounts.resetPassword({ email, code: '000000', password: NEXT }, HOME),
  'sign-in': (accounts, email) => accounts.login(email, 'wrong horse battery', HOME),
}

for (const [form, submit] of Object.entries(FORMS)) {
  test(`${form}: whether there is an account changes neither the answer nor the statements that it takes`, async () => {
    await using system = await testAccounts()
    const { database, statements } = watched(system.database)
    const accounts = await system.open({ database, signUp: OPEN })
    const seen: { answer: unknown; statements: string[] }[] = []
    for (const email of [EMAIL, 'nobody@example.org']) {
      // Attempts that are under way, so that codes are compared.
      if (form === 'confirmation' || form === 'another code') {
        await accounts.signUp.start({ email, password: NEXT }, HOME)
      }
      if (form === 'new password') await accounts.forgotPassword(email, HOME)
      statements.length = 0
      const answer: unknown = await problemOf(submit(accounts, email))
      seen.push({ answer, statements: [...statements] })
    }
    const [known, unknown] = seen
    assert.ok(known!.statements.length > 2, 'the statements were seen')
    assert.deepEqual(unknown, known)
  })
}

test('who signs up with the address of an account gets no code, and its owner hears of it', async () => {
  await using system = await testAccounts()
  const accounts = await system.open({ signUp: OPEN })
  const { id } = await accounts.signUp.start({ email: EMAIL.toLowerCase(), password: NEXT }, HOME)
  const { text, code } = await mailTo(system, EMAIL.toLowerCase())
  assert.equal(code, undefined)
  assert.match(text, /has an account already/)
  assert.equal(
    await outcomeOf(accounts.signUp.confirm({ email: EMAIL, code: '000000', id }, HOME)),
    'invalid-mail-code',
  )
  assert.equal(await outcomeOf(accounts.login(EMAIL, PASSWORD, HOME)), 'ok')
})

test('five wrong codes end an attempt, and another code begins it anew', async () => {
  await using system = await testAccounts()
  const accounts = await system.open({ signUp: OPEN })
  const { id } = await accounts.signUp.start({ email: BO, password: NEXT }, HOME)
  const code = await codeTo(system, BO)
  for (let i = 0; i < 5; i++) {
    const wrong = accounts.signUp.confirm({ email: BO, code: otherThan(code), id }, HOME)
    assert.equal(await outcomeOf(wrong), 'invalid-mail-code')
  }
  assert.equal(await outcomeOf(accounts.signUp.confirm({ email: BO, code, id }, HOME)), 'invalid-mail-code')
  system.advance(1)
  await accounts.signUp.resend({ email: BO, id }, HOME)
  const next = await codeTo(system, BO)
  if (next !== code)
    assert.equal(await outcomeOf(accounts.signUp.confirm({ email: BO, code, id }, HOME)), 'invalid-mail-code')
  assert.equal(await outcomeOf(accounts.signUp.confirm({ email: BO, code: next, id }, HOME)), 'ok')
})

test('five tries hold for guesses that come at once, and 25 for an address whatever codes are sent', async () => {
  await using system = await testAccounts()
  const accounts = await system.open({ signUp: OPEN })
  const { id } = await accounts.signUp.start({ email: BO, password: NEXT }, HOME)
  const code = await codeTo(system, BO)
  const guess = (i: number) =>
    outcomeOf(accounts.signUp.confirm({ email: BO, code: otherThan(code), id }, fromAddress(`198.51.100.${i}`)))
  const outcomes = await Promise.all(Array.from({ length: 40 }, (_, i) => guess(i)))
  assert.equal(outcomes.filter((outcome) => outcome === 'invalid-mail-code').length, 25)
  const [row] = await system.database.query('select tries_left from mail_codes')
  assert.deepEqual(row, { tries_left: 0 })
})

test('a code that is older than ten minutes is none', async () => {
  await using system = await testAccounts()
  const accounts = await system.open({ signUp: OPEN })
  await accounts.signUp.start({ email: BO, password: NEXT }, HOME)
  const code = await codeTo(system, BO)
  const [row] = await system.database.query<{ minutes: number }>(
    `select extract(epoch from expires_at - created_at)::float8 / 60 as minutes from mail_codes`,
  )
  assert.ok(Math.abs(row!.minutes - 10) < 0.5)
  await system.database.query('update mail_codes set expires_at = now()')
  assert.equal(await outcomeOf(accounts.signUp.confirm({ email: BO, code }, HOME)), 'invalid-mail-code')
})

test('of two who sign up with one address, the code of one never confirms the password of the other', async () => {
  await using system = await testAccounts()
  const accounts = await system.open({ signUp: OPEN })
  const own = await accounts.signUp.start({ email: BO, password: NEXT }, HOME)
  const ownCode = await codeTo(system, BO)
  system.advance(1)
  await accounts.signUp.start({ email: BO, password: 'the password of a stranger' }, fromAddress('198.51.100.1'))
  const strangersCode = await codeTo(system, BO)
  // Even where the person types the code of the newer mail.
  if (strangersCode !== ownCode) {
    const mixed = accounts.signUp.confirm({ email: BO, code: strangersCode, id: own.id }, HOME)
    assert.equal(await outcomeOf(mixed), 'invalid-mail-code')
  }
  await accounts.signUp.confirm({ email: BO, code: ownCode, id: own.id }, HOME)
  assert.equal(await outcomeOf(accounts.login(BO, 'the password of a stranger', HOME)), 'invalid-credentials')
  assert.equal(await outcomeOf(accounts.login(BO, NEXT, HOME)), 'ok')
  assert.equal(await outcomeOf(accounts.signUp.confirm({ email: BO, code: strangersCode }, HOME)), 'invalid-mail-code')
})

test('an invited or prepared user is taken up with the mail alone, and under invitation nobody else', async () => {
  await using system = await testAccounts()
  const { database } = system
  const accounts = await system.open({ signUp: { mode: 'invitation', domains: [] } })
  await database.query(`insert into users (id, email, email_verified, email_issuer, state, is_admin) values
    ('usr_00000000000000000000000001', 'cy@example.org', true, 'urn:skycrate:accounts', 'invited', true),
    ('usr_00000000000000000000000002', 'di@example.org', true, 'urn:skycrate:accounts', 'invited', false)`)
  await database.query(`insert into identities (issuer, subject, user_id)
    values ('urn:skycrate:accounts', 'usr_00000000000000000000000001', 'usr_00000000000000000000000001')`)
  await database.query(
    `insert into accounts (user_id, email) values ('usr_00000000000000000000000001', 'cy@example.org')`,
  )
  await database.query(`insert into prepared_identities (user_id, email)
    values ('usr_00000000000000000000000002', 'di@example.org')`)
  for (const email of ['cy@example.org', 'di@example.org', BO]) {
    const { id } = await accounts.signUp.start({ email, password: NEXT }, HOME)
    assert.equal(await outcomeOf(accounts.signUp.confirm({ email, code: '000000', id }, HOME)), 'invalid-mail-code')
    assert.equal(await outcomeOf(accounts.login(email, NEXT, HOME)), 'invalid-credentials')
  }
  assert.deepEqual(
    (await system.mails()).map(({ to }) => String(to)).toSorted((a, b) => a.localeCompare(b)),
    ['cy@example.org', 'di@example.org'],
  )
  for (const email of ['cy@example.org', 'di@example.org']) {
    await accounts.signUp.confirm({ email, code: await codeTo(system, email) }, HOME)
    assert.equal(await outcomeOf(accounts.login(email, NEXT, HOME)), 'ok')
  }
  const users = await database.query(`select id, state from users where id like 'usr_000%' order by id`)
  assert.deepEqual(
    users.map((user) => user['state']),
    ['active', 'active'],
  )
})

test('mails to one address are bounded, whether it has an account or not, in all forms together', async () => {
  await using system = await testAccounts()
  const accounts = await system.open({ signUp: OPEN })
  for (const email of [EMAIL, BO]) {
    const outcomes: string[] = []
    for (let i = 0; i < 6; i++) {
      const origin = fromAddress(`198.51.100.${i}`)
      const wish = { email, password: NEXT }
      outcomes.push(
        await outcomeOf(i % 2 ? accounts.signUp.start(wish, origin) : accounts.forgotPassword(email, origin)),
      )
    }
    assert.deepEqual(outcomes, ['ok', 'ok', 'ok', 'ok', 'ok', 'too-many-requests'])
  }
  const stranger = fromAddress('203.0.113.1')
  const outcomes: string[] = []
  for (let i = 0; i < 21; i++) outcomes.push(await outcomeOf(accounts.forgotPassword(`x${i}@example.org`, stranger)))
  assert.equal(outcomes.filter((outcome) => outcome === 'ok').length, 20)
})

test('the database holds neither codes nor passwords', async () => {
  await using system = await testAccounts()
  const accounts = await system.open({ signUp: OPEN })
  await accounts.signUp.start({ email: BO, password: NEXT }, HOME)
  const code = await codeTo(system, BO)
  const found = await system.database.query(
    `select 1 from mail_codes c where position($1 in replace(c::text, encode(code_hash, 'hex'), '')) > 0 and c.id not like $2
     union all select 1 from mail_codes c where c::text like $3`,
    [code, `%${code}%`, `%${NEXT}%`],
  )
  assert.deepEqual(found, [])
})

test('a forgotten password is set anew by the code, and every session ends', async () => {
  await using system = await testAccounts()
  const { accounts } = system
  const tokens = await accounts.login(EMAIL, PASSWORD, HOME)
  await accounts.forgotPassword(EMAIL.toUpperCase(), HOME)
  // To the address as the account has it, whatever spelling was asked for.
  const code = await codeTo(system, EMAIL)
  assert.equal(
    await outcomeOf(accounts.resetPassword({ email: EMAIL, code, password: 'short-one' }, HOME)),
    'invalid-request',
  )
  await accounts.resetPassword({ email: EMAIL, code, password: NEXT }, HOME)
  assert.equal(await system.alive(tokens.access_token), 'session-ended')
  assert.equal(await outcomeOf(accounts.login(EMAIL, NEXT, HOME)), 'ok')
  const again = accounts.resetPassword({ email: EMAIL, code, password: 'another brave turnip' }, HOME)
  assert.equal(await outcomeOf(again), 'invalid-mail-code')
})

test('a suspended user gets no code', async () => {
  await using system = await testAccounts()
  await system.database.query(`update users set state = 'suspended'`)
  assert.equal(await outcomeOf(system.accounts.forgotPassword(EMAIL, HOME)), 'ok')
  assert.deepEqual(await system.mails(), [])
})
