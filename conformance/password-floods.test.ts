import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { after, before, test } from 'node:test'
import { Client } from 'pg'
import { type Api, apiOf, signInAsAdmin } from './api.ts'
import { type Postgres, startPostgres } from './engines/postgres.ts'
import { startSystem, type System } from './system.ts'

const PASSWORD = 'correct horse battery staple'
const WRONG = 'wrong horse battery staple'
const GUESSES = 10_000

let postgres: Postgres
let system: System
let admin: Api
/** Of the tests' clients, at many addresses behind one proxy. */
const proxy = new Agent({ keepAlive: true, maxSockets: 128 })

before(async () => {
  postgres = await startPostgres()
  system = await startSystem({ env: { DATABASE_URL: postgres.url(), SKYCRATE_TRUST_PROXY: 'true' } })
  admin = await signInAsAdmin(system)
})
after(async () => {
  proxy.destroy()
  await system?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

async function count(table: 'limit_buckets' | 'audit_events' | 'sessions'): Promise<number> {
  const client = new Client({ connectionString: postgres.url() })
  await client.connect()
  const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${table}`)
  await client.end()
  return rows[0]!.n
}

async function createPerson(name: string): Promise<string> {
  const email = `${name}@example.com`
  const created = await admin.post('/users', { email, password: PASSWORD })
  assert.equal(created.status, 201, created.text)
  return email
}

async function signIn(email: string, password: string, address: string): Promise<number> {
  const headers = { 'x-forwarded-for': address }
  const { status } = await apiOf(system.url, undefined).post(
    '/auth/login',
    { email, password },
    { agent: proxy, headers },
  )
  return status
}

/** How often each status came. A password is checked where the answer is 401, and only there. */
async function tally(answers: readonly Promise<number>[]): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>()
  for (const status of await Promise.all(answers)) counts.set(status, (counts.get(status) ?? 0) + 1)
  return counts
}

interface Rows {
  readonly limits: number
  readonly events: number
}
const rows = async (): Promise<Rows> => ({ limits: await count('limit_buckets'), events: await count('audit_events') })

test('10,000 wrong passwords from one address: few are checked, little is stored, the owner is let in', async () => {
  const [email, other] = [await createPerson('ada'), await createPerson('bo')]
  const home = '192.0.2.1'
  assert.equal(await signIn(email, PASSWORD, home), 200)
  const before = await rows()
  const attacker = '198.51.100.1'
  const counts = await tally(Array.from({ length: GUESSES }, () => signIn(email, WRONG, attacker)))
  // Ten, and one more each minute that the machine takes.
  const checked = counts.get(401) ?? 0
  assert.ok(checked >= 10 && checked <= 15, `${checked} were checked`)
  assert.equal(counts.get(429), GUESSES - checked)
  const later = await rows()
  assert.ok(later.limits - before.limits <= 10, JSON.stringify({ before, later }))
  assert.ok(later.events - before.events <= 50, JSON.stringify({ before, later }))
  // By the rules of the guard: not from there, and from everywhere else.
  assert.equal(await signIn(email, PASSWORD, attacker), 429)
  assert.equal(await signIn(email, PASSWORD, home), 200)
  assert.equal(await signIn(email, PASSWORD, '203.0.113.1'), 200)
  assert.equal(await signIn(other, PASSWORD, attacker), 200)
})

test('10,000 wrong passwords from 1,000 addresses: few are checked, the owner is let in at home, others everywhere', async () => {
  const [email, other] = [await createPerson('grace'), await createPerson('lin')]
  const home = '192.0.2.2'
  assert.equal(await signIn(email, PASSWORD, home), 200)
  const before = await rows()
  const addressOf = (i: number): string => `10.0.${Math.floor((i % 1000) / 250)}.${(i % 250) + 1}`
  const counts = await tally(Array.from({ length: GUESSES }, (_, i) => signIn(email, WRONG, addressOf(i))))
  // A hundred, and one more each 36 s.
  const checked = counts.get(401) ?? 0
  assert.ok(checked >= 100 && checked <= 110, `${checked} were checked`)
  assert.equal(counts.get(429), GUESSES - checked)
  const later = await rows()
  // A few for each address, however often it guesses.
  assert.ok(later.limits - before.limits <= 2_100, JSON.stringify({ before, later }))
  assert.ok(later.events - before.events <= 1_300, JSON.stringify({ before, later }))
  assert.equal(await signIn(email, PASSWORD, '203.0.113.2'), 429)
  assert.equal(await signIn(email, PASSWORD, home), 200)
  assert.equal(await signIn(other, PASSWORD, addressOf(0)), 200)
})

test('a flood of right passwords: a hundred get in, the rest is not even checked, and nobody else waits for it', async () => {
  const [email, other] = [await createPerson('kay'), await createPerson('max')]
  const before = await count('sessions')
  const flood = tally(Array.from({ length: 1_500 }, () => signIn(email, PASSWORD, '198.51.100.9')))
  // Meanwhile, somebody elsewhere.
  assert.equal(await signIn(other, PASSWORD, '192.0.2.3'), 200)
  const counts = await flood
  const entered = counts.get(200) ?? 0
  assert.ok(entered >= 16 && entered <= 200, `${entered} got in`)
  assert.equal(counts.get(429), 1_500 - entered)
  assert.ok((await count('sessions')) - before <= 51, 'fifty of one, and one of the other')
})
