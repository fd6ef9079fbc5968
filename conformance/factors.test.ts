import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import { Client } from 'pg'
import { type Api, apiOf, auditEvents, type Problem, signInAsAdmin, type Tokens } from './api.ts'
import { type Postgres, startPostgres } from './engines/postgres.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { startSystem, type System } from './system.ts'

const AUDIENCE = 'https://api.example.test'
const PASSWORD = 'correct horse battery staple'

let postgres: Postgres
let issuer: PlainIssuer
let system: System
let admin: Api

before(async () => {
  postgres = await startPostgres()
  issuer = await startPlainIssuer('/')
  const issuers = [{ issuer: issuer.issuer, audience: AUDIENCE }]
  system = await startSystem({ env: { DATABASE_URL: postgres.url(), SKYCRATE_ISSUERS: JSON.stringify(issuers) } })
  admin = await signInAsAdmin(system)
})
after(async () => {
  await system?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

interface Person {
  readonly id: string
  readonly email: string
}

async function createPerson(groups: readonly string[] = []): Promise<Person> {
  const email = `p${randomBytes(4).toString('hex')}@example.com`
  const answer = await admin.post('/users', { email, password: PASSWORD, groups })
  assert.equal(answer.status, 201, answer.text)
  return answer.json<Person>()
}

async function createGroup(requiresSecondFactor: boolean): Promise<{ readonly id: string; readonly name: string }> {
  const name = `g${randomBytes(4).toString('hex')}`
  const answer = await admin.post('/groups', { name, requiresSecondFactor })
  assert.equal(answer.status, 201, answer.text)
  return answer.json()
}

interface Challenge {
  readonly challenge: string
  readonly challenge_token: string
  readonly methods: readonly string[]
}

const signIn = (email: string) => apiOf(system.url, undefined).post('/auth/login', { email, password: PASSWORD })

async function signedIn(email: string): Promise<Api> {
  const answer = await signIn(email)
  assert.equal(answer.status, 200, answer.text)
  return apiOf(system.url, answer.json<Tokens>().access_token)
}

const codeOf = (secret: string, steps = 0): string =>
  TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: Date.now() + steps * 30_000 })

/** @returns the secret; the code of this step is used up */
async function setUpTotp(api: Api): Promise<string> {
  const started = await api.post('/auth/factors/totp', {})
  assert.equal(started.status, 200, started.text)
  const { secret } = started.json<{ secret: string }>()
  const confirmed = await api.put('/auth/factors/totp', { code: codeOf(secret) })
  assert.equal(confirmed.status, 204, confirmed.text)
  return secret
}

const answerTo = async ({ challenge_token }: Challenge, answer: object) =>
  apiOf(system.url, undefined).post('/auth/challenge', { challenge_token, ...answer })

const codeOfProblem = (answer: { json<T>(): T; status: number }): string =>
  answer.status < 400 ? String(answer.status) : answer.json<Problem>().code

async function sql(text: string, values: unknown[] = []): Promise<void> {
  const client = new Client({ connectionString: postgres.url() })
  await client.connect()
  await client.query(text, values)
  await client.end()
}

test('a sign-in with an authenticator app, and one with a recovery code', async () => {
  const person = await createPerson()
  const api = await signedIn(person.email)
  const secret = await setUpTotp(api)
  const { recoveryCodes } = (await api.post('/auth/factors/recovery-codes', {})).json<{ recoveryCodes: string[] }>()
  assert.equal(recoveryCodes.length, 10)
  const factors = (await api.get('/auth/factors')).json<{ totp: object | null; recoveryCodes: { left: number } }>()
  assert.ok(factors.totp)
  assert.equal(factors.recoveryCodes.left, 10)

  const challenge = (await signIn(person.email)).json<Challenge>()
  assert.equal(challenge.challenge, 'totp')
  assert.deepEqual(challenge.methods, ['totp', 'recovery-code'])
  assert.equal(codeOfProblem(await answerTo(challenge, {})), 'invalid-request')
  assert.equal(codeOfProblem(await answerTo(challenge, { code: '000000', recoveryCode: 'x' })), 'invalid-request')
  assert.equal(codeOfProblem(await answerTo(challenge, { code: codeOf(secret, 9) })), 'invalid-code')
  const answer = await answerTo(challenge, { code: codeOf(secret, 1) })
  assert.equal(answer.status, 200, answer.text)
  assert.equal((await apiOf(system.url, answer.json<Tokens>().access_token).get('/auth/me')).status, 200)
  assert.equal(codeOfProblem(await answerTo(challenge, { code: codeOf(secret, 1) })), 'invalid-token')

  const other = (await signIn(person.email)).json<Challenge>()
  assert.equal((await answerTo(other, { recoveryCode: recoveryCodes[0] })).status, 200)
  const again = (await signIn(person.email)).json<Challenge>()
  assert.equal(codeOfProblem(await answerTo(again, { recoveryCode: recoveryCodes[0] })), 'invalid-code')
})

test('factors change only by who has just proven who they are, with the factor where there is one', async () => {
  const person = await createPerson()
  const before = await signedIn(person.email)
  const old = await signedIn(person.email)
  await sql(`update sessions set auth_time = now() - interval '11 minutes' where user_id = $1`, [person.id])
  const late = await signedIn(person.email)
  // What the server remembers of a token counts for a minute: it has not seen these.
  for (const [method, path] of [
    ['post', '/auth/factors/totp'],
    ['put', '/auth/factors/totp'],
    ['post', '/auth/factors/recovery-codes'],
    ['post', '/auth/factors/passkeys'],
  ] as const) {
    assert.equal(codeOfProblem(await before[method](path, { code: '123456' })), 'fresh-authentication-required', path)
  }
  assert.equal(codeOfProblem(await before.delete('/auth/factors/totp')), 'fresh-authentication-required')
  assert.equal(codeOfProblem(await before.delete('/auth/factors/passkeys/x')), 'fresh-authentication-required')

  const challenge = (await before.post('/auth/fresh-challenge', {})).json<Challenge>()
  assert.deepEqual([challenge.challenge, challenge.methods], ['password', ['password']])
  assert.equal(codeOfProblem(await answerTo(challenge, { password: 'wrong horse battery' })), 'invalid-credentials')
  const fresh = await answerTo(challenge, { password: PASSWORD })
  assert.equal(fresh.status, 200, fresh.text)
  assert.equal(codeOfProblem(await before.get('/auth/me')), 'invalid-token')
  await setUpTotp(apiOf(system.url, fresh.json<Tokens>().access_token))

  // Whoever knows the password alone does not change it where there is a second factor.
  const change = { currentPassword: PASSWORD, newPassword: 'another horse entirely' }
  assert.equal(codeOfProblem(await late.post('/auth/change-password', change)), 'fresh-authentication-required')

  // A session of the password alone is younger than ten minutes, and still must not delete the factor.
  assert.equal(codeOfProblem(await late.delete('/auth/factors/totp')), 'fresh-authentication-required')
  assert.deepEqual((await late.post('/auth/fresh-challenge', {})).json<Challenge>().methods, ['totp'])
  assert.equal((await old.get('/auth/me')).status, 200)
})

test('members of a group that requires a second factor can do nothing before they have one', async () => {
  const group = await createGroup(true)
  const person = await createPerson([group.name])
  const api = await signedIn(person.email)
  const elsewhere = await signedIn(person.email)
  for (const path of ['/home', '/locations', '/auth/sessions', '/permissions/my-permissions', '/s3/buckets']) {
    assert.equal(codeOfProblem(await api.get(path)), 'second-factor-required', path)
  }
  assert.equal(codeOfProblem(await api.put('/auth/me', { name: 'x' })), 'second-factor-required')
  assert.equal((await api.get('/auth/me')).status, 200)
  assert.equal((await api.get('/auth/factors')).json<{ required: boolean }>().required, true)

  await setUpTotp(api)
  assert.equal((await api.get('/home')).status, 200)
  assert.equal(codeOfProblem(await elsewhere.get('/home')), 'second-factor-required')
  const refusals = (await auditEvents(admin, '/audit/logs')).filter(({ reason }) => reason === 'second-factor-required')
  assert.ok(refusals.some(({ userId, action }) => userId === person.id && action === 'auth.challenge'))
})

test('the requirement applies at once, to members of a group and to those who join, and ends at once', async () => {
  const group = await createGroup(false)
  const person = await createPerson([group.name])
  const api = await signedIn(person.email)
  assert.equal((await api.get('/home')).status, 200)
  const wish = { name: group.name, requiresSecondFactor: true }
  assert.equal((await admin.put(`/groups/${group.id}`, wish)).status, 200)
  assert.equal(codeOfProblem(await api.get('/home')), 'second-factor-required')
  // Renaming alone keeps it.
  const renamed = await admin.put(`/groups/${group.id}`, { name: `${group.name}-2` })
  assert.equal(renamed.json<{ requiresSecondFactor: boolean }>().requiresSecondFactor, true)
  assert.equal((await admin.delete(`/groups/${group.id}/members/${person.id}`)).status, 204)
  assert.equal((await api.get('/home')).status, 200)
  assert.equal((await admin.put(`/groups/${group.id}/members/${person.id}`, {})).status, 204)
  assert.equal(codeOfProblem(await api.get('/home')), 'second-factor-required')
  assert.equal((await admin.delete(`/groups/${group.id}`)).status, 204)
  assert.equal((await api.get('/home')).status, 200)
})

test("an issuer's sign-in satisfies it where its amr says mfa", async () => {
  const group = await createGroup(true)
  const tokenOf = (amr: unknown): string =>
    issuer.token({ sub: 'ada', aud: AUDIENCE, ...(amr === undefined ? {} : { amr }) })
  const me = await apiOf(system.url, tokenOf(['pwd'])).get('/auth/me')
  const { id } = me.json<Person>()
  assert.equal((await admin.put(`/groups/${group.id}/members/${id}`, {})).status, 204)
  for (const [amr, expected] of [
    [undefined, 'second-factor-required'],
    [['pwd'], 'second-factor-required'],
    ['mfa', 'second-factor-required'],
    [[['mfa']], 'second-factor-required'],
    [['pwd', 'mfa'], '200'],
  ] as const) {
    const answer = await apiOf(system.url, tokenOf(amr)).get('/home')
    assert.equal(codeOfProblem(answer), expected, JSON.stringify(amr))
  }
  const api = apiOf(system.url, tokenOf(['pwd', 'mfa']))
  assert.equal(codeOfProblem(await api.post('/auth/factors/totp', {})), 'fresh-authentication-required')
})

test("an administrator resets a user's factors: the sessions end, and the password alone signs in", async () => {
  const person = await createPerson()
  const api = await signedIn(person.email)
  await setUpTotp(api)
  assert.equal(codeOfProblem(await api.delete(`/users/${person.id}/factors`)), 'forbidden')
  assert.equal((await admin.delete(`/users/${person.id}/factors`)).status, 204)
  const { code, detail } = (await api.get('/auth/me')).json<Problem>()
  assert.deepEqual([code, detail], ['invalid-token', 'The session of this token has ended. Sign in again.'])
  await signedIn(person.email)
  const [event] = (await auditEvents(admin, '/audit/logs')).filter(({ action }) => action === 'factor.reset')
  assert.equal((event as unknown as { targetUserId: string }).targetUserId, person.id)
  assert.equal(codeOfProblem(await admin.delete('/users/usr_01kaj7x2v9c4t0m8q3n5p6r7s8/factors')), 'not-found')
})
