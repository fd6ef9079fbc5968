import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import type { NewToken } from '@skycrate/contract/tokens/schemas'
import { actionSet } from '@skycrate/core/access/operation'
import type { UserId } from '@skycrate/core/naming/id'
import type { NewAuditEvent } from '../audit/audit-event.ts'
import { testDatabase, type TestDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import { changeState } from '../users/change-state.ts'
import { insertUser } from '../users/insert-user.ts'
import { createPersonalTokens, MAX_TOKENS, type PersonalTokens } from './personal-tokens.ts'
import { pruneTokens } from './token-rows.ts'

const ORIGIN = { requestId: 'req_1', ip: '192.0.2.1', userAgent: null, door: 'rest' as const }
const DAY = 24 * 60 * 60_000

let database: TestDatabase
let tokens: PersonalTokens
let events: NewAuditEvent[]
let beforeRecord: () => Promise<void>
let alice: UserId

const open = (maxDays = 365): PersonalTokens =>
  createPersonalTokens({
    database,
    audit: {
      async record(event) {
        await beforeRecord()
        events.push(event)
      },
    },
    now: Date.now,
    maxDays,
    settled: () => Promise.resolve(),
  })

before(async () => void (database = await testDatabase()))
after(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  events = []
  beforeRecord = () => Promise.resolve()
  tokens = open()
  alice = await newUser()
})

const newUser = (isAdmin = false): Promise<UserId> =>
  insertUser(database, { email: null, name: 'Alice', isAdmin, state: 'active', hasAccount: false }, Date.now())

const wish = (more: Partial<NewToken> = {}): NewToken => ({
  name: 'Backup',
  scopes: [{ bucket: 'files', prefix: 'a/', actions: ['read', 'list'] }],
  expiresAt: new Date(Date.now() + 30 * DAY).toISOString(),
  ...more,
})

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => 'ok',
    (reason: unknown) => reason,
  )
  if (!(error instanceof AppError)) return String(error)
  return [error.code, ...(error.errors ?? []).map(({ path }) => path)].join(' ')
}

const verdictOf = async (token: string): Promise<string> => {
  const verdict = await tokens.verifier.verify(token)
  return 'refused' in verdict ? verdict.refused : verdict.tokenId
}

test('a token is shown once, stands for its user and scope, and is in the log without its secret', async () => {
  const { token, id, scopes } = await tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)
  assert.match(token, /^skyp_[\w-]{43}$/)
  const verdict = await tokens.verifier.verify(token)
  assert.ok(!('refused' in verdict))
  assert.deepEqual([verdict.userId, verdict.tokenId, verdict.isAdmin], [alice, id, false])
  assert.deepEqual(verdict.scope.places, [
    { store: 'default', bucket: 'files', prefix: 'a/', actions: actionSet(['read', 'list']) },
  ])
  assert.deepEqual((await tokens.list(alice)).tokens[0]!.scopes, scopes)
  assert.deepEqual(
    events.map(({ action, userId, targetUserId }) => [action, userId, targetUserId]),
    [['token.create', alice, alice]],
  )
  assert.equal(JSON.stringify([events, await tokens.list(alice)]).includes(token.slice(5)), false)
})

test('what the database holds signs nobody in', async () => {
  const { token } = await tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)
  const [row] = await database.query<{ hash: Buffer; text: string }>(
    'select hash, access_tokens::text as text from access_tokens where user_id = $1',
    [alice],
  )
  assert.equal(row!.text.includes(token.slice(5)), false)
  for (const encoding of ['hex', 'base64url', 'latin1'] as const) {
    const text = row!.hash.toString(encoding)
    for (const tried of [text, `skyp_${text}`, `skyp_${text.slice(0, 43)}`]) {
      assert.equal(await verdictOf(tried), 'no-such-token')
    }
  }
  assert.deepEqual(row!.hash, createHash('sha256').update(token).digest())
})

test('a deleted token is refused, is in the log, and tells its user to every process', async () => {
  const { token, id } = await tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)
  const heard = Promise.withResolvers<string>()
  await using _listener = await database.listen('skycrate_users', heard.resolve, () => {})
  await tokens.delete(id, alice, ORIGIN)
  assert.equal(await heard.promise, alice)
  assert.equal(await verdictOf(token), 'no-such-token')
  assert.equal(events.at(-1)?.action, 'token.delete')
  assert.equal(await refusalOf(tokens.delete(id, alice, ORIGIN)), 'not-found')
})

test("somebody else's token is not found; an administrator sees and deletes it, and the log says who did", async () => {
  const { token, id } = await tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)
  const other = await newUser(true)
  assert.equal(await refusalOf(tokens.delete(id, other, ORIGIN)), 'not-found')
  assert.equal(await verdictOf(token), id)
  assert.deepEqual(
    (await tokens.listOf(alice)).tokens.map((each) => each.id),
    [id],
  )
  for (const unknown of ['usr_01kaj7x2v9c4t0m8q3n5p6r7s8', 'x']) {
    assert.equal(await refusalOf(tokens.listOf(unknown)), 'not-found')
  }
  await tokens.deleteOf(alice, id, { userId: other, origin: ORIGIN })
  assert.equal(await verdictOf(token), 'no-such-token')
  const { userId, targetUserId } = events.at(-1)!
  assert.deepEqual([userId, targetUserId], [other, alice])
})

test('neither a creation nor a deletion that cannot be recorded has happened', async () => {
  const { id } = await tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)
  beforeRecord = () => Promise.reject(new AppError('audit-unavailable'))
  assert.equal(
    await refusalOf(tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)),
    'audit-unavailable',
  )
  assert.equal(await refusalOf(tokens.delete(id, alice, ORIGIN)), 'audit-unavailable')
  assert.equal((await tokens.list(alice)).tokens.length, 1)
})

test('an expired token is told as such, and pruned a month later', async () => {
  const { token, id } = await tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)
  await database.query(`update access_tokens set expires_at = now() - interval '1 second' where id = $1`, [id])
  assert.equal(await verdictOf(token), 'expired')
  await pruneTokens(database)
  assert.equal((await tokens.list(alice)).tokens.length, 1)
  await database.query(`update access_tokens set expires_at = now() - interval '31 days' where id = $1`, [id])
  await pruneTokens(database)
  assert.equal((await tokens.list(alice)).tokens.length, 0)
})

test('its use is noted once a minute', async () => {
  const { token, id } = await tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)
  const versionOf = async (): Promise<string> => {
    const [row] = await database.query<{ xmin: string }>('select xmin::text from access_tokens where id = $1', [id])
    return row!.xmin
  }
  await tokens.verifier.verify(token)
  const first = await versionOf()
  assert.notEqual((await tokens.list(alice)).tokens[0]!.lastUsedAt, null)
  for (let i = 0; i < 5; i++) await tokens.verifier.verify(token)
  assert.equal(await versionOf(), first)
  await database.query(`update access_tokens set last_used_at = now() - interval '61 seconds' where id = $1`, [id])
  const stale = await versionOf()
  await tokens.verifier.verify(token)
  assert.notEqual(await versionOf(), stale)
})

test('a user has so many tokens at most, however many ask at once', async () => {
  await database.query(
    `insert into access_tokens (id, hash, user_id, name, places, is_admin, expires_at)
     select 'tok_' || n, sha256(n::text::bytea), $1, 'x', '[]', false, now() + interval '1 day' from generate_series(1, $2::int) n`,
    [alice, MAX_TOKENS - 2],
  )
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, () =>
      refusalOf(tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)),
    ),
  )
  assert.deepEqual(outcomes.toSorted(), ['conflict', 'conflict', 'conflict', 'conflict', 'ok', 'ok'])
})

test('only an administrator makes a token for administration; it is one as long as they are', async () => {
  const admin = await newUser(true)
  assert.equal(
    await refusalOf(tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish({ admin: true }), ORIGIN)),
    'forbidden',
  )
  const { admin: isAdmin } = await tokens.create(
    { userId: admin, amr: ['pwd'], personal: true },
    wish({ admin: true, scopes: [] }),
    ORIGIN,
  )
  assert.equal(isAdmin, true)
})

test('a suspension ends them: they do not come back with its end', async () => {
  const { token } = await tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)
  const other = await newUser()
  const kept = await tokens.create({ userId: other, amr: ['pwd'], personal: true }, wish(), ORIGIN)
  const user = { id: alice, isAdmin: false }
  await database.transaction((tx) => changeState(tx, { ...user, state: 'active' }, 'suspended'))
  await database.transaction((tx) => changeState(tx, { ...user, state: 'suspended' }, 'active'))
  assert.deepEqual(await tokens.verifier.verify(token), { refused: 'no-such-token' })
  assert.ok('tokenId' in (await tokens.verifier.verify(kept.token)))
})

test('a suspended user makes none', async () => {
  await database.query(`update users set state = 'suspended' where id = $1`, [alice])
  assert.equal(
    await refusalOf(tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)),
    'account-suspended',
  )
})

const soon = (ms: number): string => new Date(Date.now() + ms).toISOString()
const MISTAKES: readonly (readonly [string, () => Partial<NewToken>, string])[] = [
  ['no scope', () => ({ scopes: [] }), '/scopes'],
  ['a blank name', () => ({ name: '  ' }), '/name'],
  ['half a surrogate pair', () => ({ name: '\ud800' }), '/name'],
  ['no end soon enough', () => ({ expiresAt: soon(366 * DAY) }), '/expiresAt'],
  ['an end in the past', () => ({ expiresAt: soon(-1) }), '/expiresAt'],
  ['an end at once', () => ({ expiresAt: soon(5000) }), '/expiresAt'],
  [
    'a prefix that is no folder',
    () => ({ scopes: [{ bucket: 'files', prefix: 'a', actions: ['read'] }] }),
    '/scopes/0/prefix',
  ],
  [
    'a prefix with dot segments',
    () => ({ scopes: [{ bucket: 'files', prefix: 'a/../', actions: ['read'] }] }),
    '/scopes/0/prefix',
  ],
  ['a prefix without a bucket', () => ({ scopes: [{ prefix: 'a/', actions: ['read'] }] }), '/scopes/0/bucket'],
  ['no bucket name', () => ({ scopes: [{ bucket: 'UPPER', actions: ['read'] }] }), '/scopes/0/bucket'],
]
for (const [what, more, path] of MISTAKES) {
  test(`${what} is a mistake with its place`, async () => {
    assert.equal(
      await refusalOf(tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(more()), ORIGIN)),
      `invalid-request ${path}`,
    )
    assert.equal((await tokens.list(alice)).tokens.length, 0)
  })
}

test('where the operator turned tokens off, none is made and none counts', async () => {
  const { token } = await tokens.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)
  const off = open(0)
  assert.equal(
    await refusalOf(off.create({ userId: alice, amr: ['pwd'], personal: true }, wish(), ORIGIN)),
    'forbidden',
  )
  assert.deepEqual(await off.verifier.verify(token), { refused: 'no-such-token' })
})

for (const text of ['', 'junk', 'skyp_', `skyp_${'a'.repeat(43)}`, `skyp_${'a'.repeat(42)}\0`]) {
  test(`${JSON.stringify(text)} is no token`, async () => assert.equal(await verdictOf(text), 'no-such-token'))
}
