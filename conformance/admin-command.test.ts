import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, signInAsAdmin } from './api.ts'
import { startDaemon } from './daemon.ts'
import { startPostgres } from './engines/postgres.ts'
import { startSystem, type System } from './system.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ADMIN = join(ROOT, 'scripts/admin.ts')
const PASSWORD = 'correct horse battery staple'
const NEXT_PASSWORD = 'a staple that is another'

interface User {
  readonly id: string
  readonly email: string
}

interface Event {
  readonly action: string
  readonly userId: string | null
  readonly userAgent: string | null
  readonly door: string
}

let system: System
let admin: Api
let ada: User
let bob: User

before(async () => {
  system = await startSystem()
  admin = await signInAsAdmin(system)
  ada = await createUser('ada@skycrate.test')
  bob = await createUser('bob@skycrate.test')
})
after(async () => system?.[Symbol.asyncDispose]())

async function createUser(email: string): Promise<User> {
  const made = await admin.post('/users', { email, name: `The \u001b[31m${email}`, password: PASSWORD })
  assert.equal(made.status, 201, made.text)
  return made.json<User>()
}

/** Runs the command with the server's settings, until it ends. */
async function run(
  args: readonly string[],
  dataDir = system.dataDir,
  script: { readonly path: string; readonly env?: Readonly<Record<string, string>> } = { path: ADMIN },
): Promise<{ code: number | null; output: string }> {
  const { PATH = '', HOME = tmpdir() } = process.env
  const env = { PATH, HOME, TMPDIR: tmpdir(), SKYCRATE_DATA: dataDir, SKYCRATE_PUBLIC_URL: system.url, ...script.env }
  const daemon = await startDaemon(process.execPath, [script.path, ...args], { env, cwd: tmpdir() })
  const { code } = await daemon.exited
  return { code, output: daemon.output() }
}

async function runs(...args: string[]): Promise<string> {
  const { code, output } = await run(args)
  assert.equal(code, 0, output)
  return output
}

async function fails(code: number, message: RegExp, ...args: string[]): Promise<void> {
  const ended = await run(args)
  assert.equal(ended.code, code, ended.output)
  assert.match(ended.output, message)
}

const signIn = (email: string, password: string) =>
  apiOf(system.url, undefined).post('/auth/login', { email, password })

async function apiFor(email: string, password: string): Promise<Api> {
  const answer = await signIn(email, password)
  assert.equal(answer.status, 200, answer.text)
  return apiOf(system.url, answer.json<{ access_token: string }>().access_token)
}

async function useLink(output: string, page: 'invitation' | 'reset-password', path: string): Promise<void> {
  const token = new RegExp(`^  ${system.url}/${page}#(skyi_\\S+)$`, 'm').exec(output)?.[1]
  assert.ok(token, output)
  const used = await apiOf(system.url, undefined).post(path, { token, password: NEXT_PASSWORD })
  assert.equal(used.status, 200, used.text)
}

test('a running system hears at once of what the command changes', async () => {
  const asAda = await apiFor(ada.email, PASSWORD)
  assert.equal((await asAda.get('/users')).status, 403)
  await runs('promote', 'ADA@skycrate.test')
  assert.equal((await asAda.get('/users')).status, 200)
  await runs('demote', ada.id)
  assert.equal((await asAda.get('/users')).status, 403)
  await runs('suspend', ada.email)
  assert.equal((await asAda.get('/auth/me')).status, 401, 'the session has ended')
  assert.equal((await signIn(ada.email, PASSWORD)).status, 403)
  await runs('activate', ada.email)
  await apiFor(ada.email, PASSWORD)
})

test('a link that the command prints sets a password, once', async () => {
  await useLink(await runs('reset-password', bob.email), 'reset-password', '/auth/reset-password')
  await apiFor(bob.email, NEXT_PASSWORD)
  assert.equal((await signIn(bob.email, PASSWORD)).status, 401)
  const created = await runs('create', 'carol@skycrate.test', '--admin')
  await useLink(created, 'invitation', '/auth/accept-invitation')
  const asCarol = await apiFor('carol@skycrate.test', NEXT_PASSWORD)
  assert.equal((await asCarol.get('/users')).status, 200)
  await runs('demote', 'carol@skycrate.test')
})

test('the last administrator stays one, and a stopped system has a way back in', async () => {
  const { email } = system.admin
  await fails(1, /Make another user an administrator first/, 'demote', email)
  await fails(1, /Make another user an administrator first/, 'suspend', email)
  await system.stop()
  await fails(1, /Make another user an administrator first/, 'suspend', email)
  assert.match(await runs('suspend', ada.email), /is suspended now/)
  assert.match(await runs('promote', ada.id), /is an administrator now[^]*npm run admin -- activate/)
  await runs('activate', ada.id)
  const reset = await runs('reset-password', ada.id)
  await system.restart()
  await useLink(reset, 'reset-password', '/auth/reset-password')
  admin = await apiFor(ada.email, NEXT_PASSWORD)
  assert.equal((await admin.get('/users')).status, 200)
  await runs('suspend', email)
  await fails(1, /Make another user an administrator first/, 'demote', ada.id)
})

test('the list has every user, and writes nothing that a terminal obeys', async () => {
  const all = await runs('list')
  for (const email of [system.admin.email, ada.email, bob.email, 'carol@skycrate.test']) assert.ok(all.includes(email))
  assert.ok(!all.includes('\u001b'), all)
  const found = (await runs('list', '--search', 'bob')).trimEnd().split('\n')
  assert.equal(found.length, 2)
  assert.ok(found.at(-1)?.startsWith(`${bob.id}  ${bob.email}`), found.join())
})

test('what cannot be done is said plainly, and changes nothing', async () => {
  const changesBefore = (await auditEvents(admin, '/audit/logs')).filter(isChange).length
  await fails(1, /There is no user nobody@skycrate\.test/, 'promote', 'nobody@skycrate.test')
  await fails(1, /There is no user usr_/, 'suspend', `usr_${'0'.repeat(26)}`)
  await fails(1, /There is a user with this e-mail address already/, 'create', 'BOB@skycrate.test')
  await fails(1, /is no e-mail address/, 'create', 'bob')
  // Somebody who is waited for at an issuer has the same address: an id alone tells the two apart.
  const twin = await admin.post('/users', { email: bob.email, identity: {} })
  assert.equal(twin.status, 201, twin.text)
  await fails(1, new RegExp(`2 users have the e-mail address[^]*${bob.id}`), 'promote', bob.email)
  const wrong = ['', 'promote', 'promote a b', 'delete a', 'list a', 'promote a --admin', 'list --all']
  for (const line of wrong) {
    await fails(64, /Usage: npm run admin/, ...line.split(' ').filter((word) => word !== ''))
  }
  const changesAfter = (await auditEvents(admin, '/audit/logs')).filter(isChange).length
  assert.equal(changesAfter, changesBefore + 1, 'the twin alone')
})

test('a folder without a database is named, and nothing is created in it', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'skycrate-empty-'))
  const { code, output } = await run(['list'], join(empty, 'data'))
  await rm(empty, { recursive: true })
  assert.equal(code, 1)
  assert.match(output, /There is no database in the data folder .*empty.*data\. Set SKYCRATE_DATA/)
})

const isChange = ({ action }: { action: string }): boolean => action.startsWith('user.')

test('each change is in the audit log, as that of no user but of the machine', async () => {
  const answer = await admin.get('/audit/logs?limit=1000')
  const { events } = answer.json<{ events: Event[] }>()
  const own = events.filter(({ userAgent }) => userAgent?.startsWith('npm run admin, by the system account '))
  const counts = new Map<string, number>()
  for (const { action, door, userId } of own) {
    assert.deepEqual([door, userId], ['process', null])
    counts.set(action, (counts.get(action) ?? 0) + 1)
  }
  assert.deepEqual(Object.fromEntries(counts), {
    'user.suspend': 3,
    'user.update': 6,
    'user.reset-password': 2,
    'user.invite': 1,
  })
})

// The last one: it moves the system.
test('the database moves to another PostgreSQL, and people sign in there as before', async () => {
  await using postgres = await startPostgres()
  const copy = () =>
    run([], system.dataDir, {
      path: join(ROOT, 'scripts/copy-database.ts'),
      env: { TARGET_DATABASE_URL: postgres.url() },
    })
  const refused = await copy()
  assert.deepEqual([refused.code, refused.output.trim()], [1, 'A SkyCrate uses this database: stop it first.'])
  await system.stop()
  const copied = await copy()
  assert.equal(copied.code, 0, copied.output)
  assert.match(copied.output, /^users +[0-9]+$/m)
  const { secret } = JSON.parse(await readFile(join(system.dataDir, 'secrets.json'), 'utf8')) as { secret: string }
  const env = { DATABASE_URL: postgres.url(), SKYCRATE_SECRET: secret }
  await using moved = await startSystem({ env, dataDir: system.dataDir })
  const signedIn = await apiOf(moved.url, undefined).post('/auth/login', { email: bob.email, password: NEXT_PASSWORD })
  assert.equal(signedIn.status, 200, signedIn.text)
  const again = await copy()
  assert.deepEqual([again.code, again.output.trim()], [1, 'A SkyCrate uses the other database: stop it first.'])
})
