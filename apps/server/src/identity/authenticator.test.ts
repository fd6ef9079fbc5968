import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { DEFAULT_ALGORITHMS } from '@skycrate/core/identity/issuer-settings'
import type { UserId } from '@skycrate/core/naming/id'
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import { pino } from 'pino'
import type { Accounts } from '../accounts/accounts.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit-event.ts'
import { testDatabase, type TestDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import { fixedIssuers } from '../issuers/fixed-issuers.ts'
import { callerOfUser } from '../users/groups-of-user.ts'
import { createAuthenticator } from './authenticator.ts'
import type { Presented } from './presented.ts'

const ORIGIN = { requestId: 'req_1', ip: '127.0.0.1', userAgent: null, door: 'rest' as const }

let server: Server
let issuer: string
let pair: Awaited<ReturnType<typeof generateKeyPair>>
let publicKey: JWK
let database: TestDatabase

before(async () => {
  pair = await generateKeyPair('ES256', { extractable: true })
  publicKey = { ...(await exportJWK(pair.publicKey)), kid: 'k' }
  server = createServer((request, response) => {
    const isDiscovery = request.url === '/.well-known/openid-configuration'
    response.end(JSON.stringify(isDiscovery ? { issuer, jwks_uri: `${issuer}keys` } : { keys: [publicKey] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  database = await testDatabase()
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await database[Symbol.asyncDispose]()
})

/** Without built-in accounts: the tokens here are all of an external issuer. */
const NO_ACCOUNTS = {
  verifier: { issuer: 'http://accounts.invalid', verify: () => Promise.reject(new Error('no token is of these')) },
  onSessionsEnded() {},
} as unknown as Accounts

/** Keeps events in memory; `before` runs until the event counts as durable. */
function auditOf(beforeDurable: () => Promise<void> = async () => {}): AuditLog & { readonly events: NewAuditEvent[] } {
  const events: NewAuditEvent[] = []
  return {
    events,
    async record(event) {
      await beforeDurable()
      events.push(event)
    },
  }
}

function authenticatorOf(
  audit: AuditLog = auditOf(),
  from = database as Parameters<typeof createAuthenticator>[0]['database'],
) {
  return createAuthenticator({
    database: from,
    audit,
    own: NO_ACCOUNTS,
    personalTokens: { verify: () => Promise.resolve({ refused: 'no-such-token' }) },
    freshness: { isFresh: () => true },
    issuers: fixedIssuers([
      {
        name: undefined,
        clientSecret: undefined,
        issuer,
        audience: ['https://api'],
        algorithms: DEFAULT_ALGORITHMS,
        claims: { groups: 'groups' },
        clockToleranceSeconds: 60,
        adminGroups: [],
      },
    ]),
    allowInsecureLoopback: true,
    logger: pino({ level: 'silent' }),
    now: Date.now,
  })
}

const headerOf = (authorization: string): Presented => ({ kind: 'bearer', key: authorization })

async function bearer(claims: JWTPayload): Promise<Presented> {
  const exp = Math.floor(Date.now() / 1000) + 600
  const token = await new SignJWT({ iss: issuer, aud: 'https://api', exp, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .sign(pair.privateKey)
  return headerOf(`Bearer ${token}`)
}

const codeIs = (code: string) => (error: unknown) => error instanceof AppError && error.code === code

test('a hundred first requests of one person at once make one user, recorded once', async () => {
  const audit = auditOf()
  await using authenticator = await authenticatorOf(audit)
  const headers = await Promise.all(Array.from({ length: 100 }, (_, i) => bearer({ sub: 'crowd', jti: `${i}` })))
  const all = await Promise.all(headers.map((header) => authenticator.authenticate(header, ORIGIN)))
  assert.equal(new Set(all.map(({ userId }) => userId)).size, 1)
  assert.deepEqual(
    audit.events.map(({ action, userId }) => [action, userId]),
    [['user.create', all[0]!.userId]],
  )
  assert.deepEqual(authenticator.peek(headers[7]), all[7])
})

test('nobody is made whose making could not be recorded', async () => {
  const header = await bearer({ sub: 'unrecorded' })
  {
    await using authenticator = await authenticatorOf(auditOf(() => Promise.reject(new AppError('audit-unavailable'))))
    await assert.rejects(authenticator.authenticate(header, ORIGIN), codeIs('audit-unavailable'))
  }
  assert.deepEqual(await database.query(`select 1 from identities where subject = 'unrecorded'`), [])
})

test('the same subject of two issuers, and two subjects that share an e-mail, are different people', async () => {
  await using authenticator = await authenticatorOf()
  const email = { email: 'same@example.com', email_verified: true }
  const one = await authenticator.authenticate(await bearer({ sub: 'one', ...email }), ORIGIN)
  const other = await authenticator.authenticate(await bearer({ sub: 'other', ...email }), ORIGIN)
  assert.notEqual(one.userId, other.userId)
  await database.query('insert into identities (issuer, subject, user_id) values ($1, $2, $3)', [
    'https://elsewhere.example/',
    'third',
    one.userId,
  ])
  const third = await authenticator.authenticate(await bearer({ sub: 'third', ...email }), ORIGIN)
  assert.notEqual(third.userId, one.userId)
})

test('an e-mail that the issuer calls unverified is not shown', async () => {
  await using authenticator = await authenticatorOf()
  for (const [said, email] of [
    [false, null],
    ['false', null],
    [true, 'ceo@example.com'],
    [undefined, 'ceo@example.com'],
  ]) {
    const claims = { sub: `said ${String(said)}`, email: 'ceo@example.com', email_verified: said }
    assert.equal((await authenticator.authenticate(await bearer(claims), ORIGIN)).email, email, String(said))
  }
})

test('what PostgreSQL cannot keep is refused in the subject and left out elsewhere', async () => {
  await using authenticator = await authenticatorOf()
  for (const sub of ['a\0b', '\ud800', 'x'.repeat(256)]) {
    await assert.rejects(authenticator.authenticate(await bearer({ sub }), ORIGIN), codeIs('invalid-token'))
  }
  const who = await authenticator.authenticate(await bearer({ sub: '"; --', email: 'a\0@b', name: '\udfff' }), ORIGIN)
  assert.deepEqual([who.email, who.name], [null, null])
})

test('a suspension is heard, and refuses tokens that were accepted before', async () => {
  await using authenticator = await authenticatorOf()
  const header = await bearer({ sub: 'suspended' })
  const { userId } = await authenticator.authenticate(header, ORIGIN)
  assert.ok(authenticator.peek(header))
  await database.query(`update users set state = 'suspended' where id = $1`, [userId])
  for (let i = 0; i < 500 && authenticator.peek(header); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(authenticator.peek(header), undefined)
  await assert.rejects(authenticator.authenticate(header, ORIGIN), codeIs('account-suspended'))
})

test('a token under verification while its user is suspended is not believed afterwards', async () => {
  const suspending: { userId?: UserId; isHeard: () => boolean } = { isHeard: () => true }
  // The user has been read as active; before the answer is used, the suspension commits and is heard.
  const late: TestDatabase = {
    ...database,
    async query<Row extends object>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]> {
      const rows = await database.query<Row>(text, values, name)
      if (name === 'user-by-identity' && rows.length > 0 && suspending.userId !== undefined) {
        await database.query(`update users set state = 'suspended' where id = $1`, [suspending.userId])
        for (let i = 0; i < 500 && !suspending.isHeard(); i++) await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return rows
    },
  }
  await using authenticator = await authenticatorOf(auditOf(), late)
  const first = await bearer({ sub: 'race', jti: '1' })
  const second = await bearer({ sub: 'race', jti: '2' })
  const who = await authenticator.authenticate(first, ORIGIN)
  suspending.isHeard = () => authenticator.peek(first) === undefined
  suspending.userId = who.userId
  await authenticator.authenticate(second, ORIGIN)
  assert.equal(authenticator.peek(second), undefined)
})

test('a header that is no bearer token is answered with what to send', async () => {
  await using authenticator = await authenticatorOf()
  await assert.rejects(authenticator.authenticate(undefined, ORIGIN), codeIs('unauthenticated'))
  const good = (await bearer({ sub: 'forms' })).key
  for (const header of [
    '',
    ' ',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    `${good} x`,
    `${good},`,
    'Bearer é',
    'Bearer skyr_x',
  ]) {
    await assert.rejects(authenticator.authenticate(headerOf(header), ORIGIN), codeIs('invalid-token'), header)
    assert.equal(authenticator.peek(headerOf(header)), undefined)
  }
  for (const header of [good.replace('Bearer', 'bearer'), good.replace(' ', '  ')]) {
    assert.ok(await authenticator.authenticate(headerOf(header), ORIGIN))
  }
})

test('an e-mail is shown with what the issuer says of it: verified, unsaid, or taken back', async () => {
  const of = async (claims: JWTPayload): Promise<(string | boolean | null)[]> => {
    await using authenticator = await authenticatorOf()
    const { email, emailVerified, verifiedEmail } = await authenticator.authenticate(await bearer(claims), ORIGIN)
    return [email, emailVerified, verifiedEmail]
  }
  const sub = 'mail'
  assert.deepEqual(await of({ sub, email: 'a@b.example' }), ['a@b.example', false, null])
  assert.deepEqual(await of({ sub, email: 'a@b.example', email_verified: true }), ['a@b.example', true, 'a@b.example'])
  assert.deepEqual(await of({ sub }), ['a@b.example', true, 'a@b.example'], 'an access token may leave it out')
  assert.deepEqual(await of({ sub, email: 'a@b.example' }), ['a@b.example', true, 'a@b.example'])
  assert.deepEqual(await of({ sub, email: 'c@b.example' }), ['c@b.example', false, null], 'another address')
  assert.deepEqual(await of({ sub, email: 'c@b.example', email_verified: false }), [null, false, null])
})

test('groups of a token are bound to its issuer, and remembered as of the last sign-in', async () => {
  await using authenticator = await authenticatorOf()
  const groupsOf = async (userId: UserId) => {
    const caller = await callerOfUser(database, userId)
    return 'guest' in caller ? [] : caller.groups
  }
  const who = await authenticator.authenticate(await bearer({ sub: 'member', groups: ['b', 'a'] }), ORIGIN)
  const both = ['a', 'b'].map((name) => ({ name, issuer }))
  assert.deepEqual(who.groups, both)
  assert.deepEqual(await groupsOf(who.userId), both)
  await authenticator.authenticate(await bearer({ sub: 'member', groups: ['c', 'b'] }), ORIGIN)
  assert.deepEqual(
    (await groupsOf(who.userId)).map(({ name }) => name),
    ['b', 'c'],
  )
  await authenticator.authenticate(await bearer({ sub: 'member' }), ORIGIN)
  assert.deepEqual(await groupsOf(who.userId), [])
})

test('a token whose groups would not all count is refused, with what to ask for', async () => {
  await using authenticator = await authenticatorOf()
  for (const [claims, advice] of [
    [{ groups: Array.from({ length: 1001 }, (_, i) => `g${i}`) }, /too many groups/],
    [{ groups: [{ id: 1 }] }, /cannot be read/],
    [{ _claim_names: { groups: 'src1' } }, /left the groups out/],
  ] as const) {
    await assert.rejects(
      authenticator.authenticate(await bearer({ sub: 'many', ...claims }), ORIGIN),
      (error: unknown) => codeIs('invalid-token')(error) && advice.test((error as AppError).message),
    )
  }
})

test('a token for another audience, and an ID token, are answered by what is wrong with them', async () => {
  await using authenticator = await authenticatorOf()
  for (const [claims, advice] of [
    [{ aud: 'another' }, /for another audience/],
    [{ aud: 'client', nonce: 'n' }, /is an ID token/],
    [{ aud: 'client', typ: 'ID' }, /is an ID token/],
  ] as const) {
    await assert.rejects(
      authenticator.authenticate(await bearer({ sub: 'x', ...claims }), ORIGIN),
      (error: unknown) => codeIs('invalid-token')(error) && advice.test((error as AppError).message),
    )
  }
})
