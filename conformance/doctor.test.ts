import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Api, apiOf, auditEvents, signInAsAdmin } from './api.ts'
import { startDaemon } from './daemon.ts'
import { freePort } from './free-port.ts'
import { askStore, storeRootKeys } from './store-root.ts'
import { startMailServer } from './mail-server.ts'
import { poll } from './poll.ts'
import { startSystem, type System } from './system.ts'

const DOCTOR = join(fileURLToPath(new URL('..', import.meta.url)), 'scripts/doctor.ts')
const LIBRARY = 'skycrate-library'

interface Report {
  readonly healthy: boolean
  readonly findings: readonly {
    readonly id: string
    readonly outcome: string
    readonly detail: string
    readonly mend: string | null
  }[]
}

let system: System
let admin: Api

before(async () => {
  system = await startSystem()
  admin = await signInAsAdmin(system)
})
after(async () => system?.[Symbol.asyncDispose]())

/** The settings with which the embedded system runs. */
const embedded = (): Record<string, string> => ({
  SKYCRATE_DATA: system.dataDir,
  SKYCRATE_HTTP_PORT: new URL(system.url).port,
  SKYCRATE_S3_PORT: new URL(system.s3Url).port,
})

/** Runs `npm run doctor`, and nothing of our own settings reaches it. */
async function run(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; out: string }> {
  const { PATH = '', HOME = tmpdir() } = process.env
  const daemon = await startDaemon(process.execPath, [DOCTOR, ...args], {
    env: { PATH, HOME, TMPDIR: tmpdir(), ...env },
    cwd: tmpdir(),
  })
  const { code } = await daemon.exited
  return { code, out: daemon.output() }
}

async function reportOf(env: Record<string, string>, code: number): Promise<Report> {
  const ended = await run(['--json'], env)
  assert.equal(ended.code, code, ended.out)
  return JSON.parse(ended.out) as Report
}

const notGood = ({ findings }: Report): string[] =>
  findings.filter(({ outcome }) => outcome === 'bad').map(({ id }) => id)

function finding(report: Report, id: string): Report['findings'][number] {
  const found = report.findings.find((each) => each.id === id)
  assert.ok(found, `${id} among ${report.findings.map((each) => each.id).join(', ')}`)
  return found
}

/** Buckets and, of the library, every version: what the doctor must leave as it was. */
async function contents(): Promise<string> {
  const buckets = await askStore(system, 'GET', '/')
  const versions = await askStore(system, 'GET', `/${LIBRARY}`, { versions: '' })
  return [...`${buckets.text}${versions.text}`.matchAll(/<(Name|Key|VersionId)>([^<]*)</g)].map(([all]) => all).join('')
}

test('a healthy system is told to be so, and nothing of the checks is left', async () => {
  await askStore(system, 'PUT', `/${LIBRARY}/kept.txt`, {}, 'kept')
  const before = await contents()
  const answer = await admin.get('/doctor')
  assert.equal(answer.status, 200, answer.text)
  const report = answer.json<Report>()
  assert.deepEqual(notGood(report), [])
  assert.equal(report.healthy, true)
  const checked = report.findings.filter(({ outcome }) => outcome === 'good').map(({ id }) => id)
  for (const id of [
    'database.migrations',
    'database.clock',
    'store.put',
    'store.if-none-match',
    'store.multipart',
    'store.versioning',
    'store.get',
    'store.cors',
    'store.library-cors',
    'store.credentials-vended',
    'store.clean-up',
    'addresses.public-url',
  ]) {
    assert.ok(checked.includes(id), id)
  }
  const { code, out } = await run([], embedded())
  assert.equal(code, 0, out)
  assert.match(out, /Nothing is wrong/)
  assert.equal(await contents(), before)
  const recorded = (await auditEvents(admin, '/audit/logs')).filter(({ action }) => action === 'doctor.run')
  assert.equal(recorded.length, 1)
})

test('administrators alone may ask', async () => {
  const made = await admin.post('/users', { email: 'ada@skycrate.test', password: 'three wooden lanterns' })
  assert.equal(made.status, 201, made.text)
  const login = await apiOf(system.url, undefined).post('/auth/login', {
    email: 'ada@skycrate.test',
    password: 'three wooden lanterns',
  })
  const ada = apiOf(system.url, login.json<{ access_token: string }>().access_token)
  assert.equal((await ada.get('/doctor')).status, 403)
  assert.equal((await apiOf(system.url, undefined).get('/doctor')).status, 401)
})

test('a bucket that shuts out the pages of the web app is found', async () => {
  const cors = await askStore(system, 'GET', `/${LIBRARY}`, { cors: '' })
  assert.equal((await askStore(system, 'DELETE', `/${LIBRARY}`, { cors: '' })).status, 204)
  const report = (await admin.get('/doctor')).json<Report>()
  assert.deepEqual(notGood(report), ['store.library-cors'])
  assert.match(finding(report, 'store.library-cors').detail, /127\.0\.0\.1/)
  assert.match(finding(report, 'store.library-cors').mend ?? '', /CORS configuration/)
  const put = await askStore(system, 'PUT', `/${LIBRARY}`, { cors: '' }, cors.text)
  assert.equal(put.status, 200, put.text)
})

test('the other buckets of the list are looked at, and what is wrong with each is told', async () => {
  const add = async (name: string, mode: string): Promise<void> => {
    const made = await admin.post('/buckets', { name, mode })
    assert.ok(made.status === 200 || made.status === 201, made.text)
    await poll(`${name} is ready`, 60_000, async () => {
      return (await admin.get(`/buckets/default/${name}`)).json<{ state: string }>().state === 'ready'
    })
  }
  await add('team-made', 'create')
  for (const name of ['team-plain', 'team-gone']) {
    assert.equal((await askStore(system, 'PUT', `/${name}`)).status, 200)
    await add(name, 'register')
  }
  const well = (await admin.get('/doctor')).json<Report>()
  assert.deepEqual(notGood(well), [])
  assert.match(finding(well, 'store.bucket-team-made').detail, /as SkyCrate sets it/)
  assert.equal(finding(well, 'store.bucket-team-made-cors').outcome, 'good')
  // Whether pages are to use it, its owner knows.
  assert.equal(finding(well, 'store.bucket-team-plain-cors').outcome, 'warning')

  assert.equal((await askStore(system, 'DELETE', '/team-made', { cors: '' })).status, 204)
  const off = '<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>'
  assert.equal((await askStore(system, 'PUT', '/team-made', { versioning: '' }, off)).status, 200)
  assert.equal((await askStore(system, 'DELETE', '/team-gone')).status, 204)
  const sick = await reportOf(embedded(), 1)
  assert.deepEqual(notGood(sick), ['store.bucket-team-gone', 'store.bucket-team-made-cors'])
  assert.match(finding(sick, 'store.bucket-team-gone').detail, /not at the store/)
  assert.match(finding(sick, 'store.bucket-team-made').detail, /It is not versioned/)
  for (const name of ['team-made', 'team-plain', 'team-gone']) {
    const gone = await admin.delete(`/buckets/default/${name}?confirm=${name}`)
    assert.ok(gone.status < 300, gone.text)
  }
  await poll('the list is as it was', 60_000, async () =>
    (await admin.get('/doctor')).json<Report>().findings.every(({ id }) => !id.includes('bucket-team')),
  )
})

test('an issuer that cannot be reached is found, from the database too', async () => {
  const issuer = `http://127.0.0.1:${await freePort()}/`
  const made = await admin.post('/issuers', { name: 'Partners', issuer, audience: 'https://api.example.test' })
  assert.equal(made.status, 201, made.text)
  const report = (await admin.get('/doctor')).json<Report>()
  assert.deepEqual(notGood(report), ['issuers.1'])
  assert.match(finding(report, 'issuers.1').detail, /ECONNREFUSED/)
  await admin.delete(`/issuers/${made.json<{ id: string }>().id}`)
})

test('a wrong secret, a database that is gone and a mail server that refuses are each told with what to do', async () => {
  const { accessKeyId } = await storeRootKeys(system)
  const [nowhere, silent] = [await freePort(), await freePort()]
  const external = {
    DATABASE_URL: `postgresql://skycrate:secret-of-the-database@127.0.0.1:${nowhere}/skycrate`,
    S3_ENDPOINT: system.s3Url,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: 'not the secret of the store',
    SKYCRATE_SECRET: 'pJ5vT0rCzqk1y8m4W2n9Qd7bXs3LhGfE',
    SKYCRATE_PRODUCTION: 'false',
    SKYCRATE_PUBLIC_URL: `http://localhost:${new URL(system.url).port}`,
    SKYCRATE_SMTP_URL: `smtp://127.0.0.1:${silent}`,
    SKYCRATE_ISSUERS: JSON.stringify([{ issuer: `http://127.0.0.1:${nowhere}/`, audience: 'a' }]),
  }
  const sick = await reportOf(external, 1)
  assert.deepEqual(notGood(sick), ['database.reach', 'store.credentials', 'issuers.1', 'mail.smtp'])
  assert.match(finding(sick, 'database.reach').detail, /ECONNREFUSED/)
  assert.match(finding(sick, 'store.credentials').mend ?? '', /S3_SECRET_ACCESS_KEY/)
  assert.match(finding(sick, 'mail.smtp').detail, /ECONNREFUSED/)
  assert.doesNotMatch(JSON.stringify(sick), /secret-of-the-database|not the secret of the store/)

  await using mail = await startMailServer()
  const { s3SecretAccessKey } = await storeRootKeys(system).then((keys) => ({
    s3SecretAccessKey: keys.secretAccessKey,
  }))
  const better = await reportOf(
    { ...external, S3_SECRET_ACCESS_KEY: s3SecretAccessKey, SKYCRATE_ISSUERS: '[]', SKYCRATE_SMTP_URL: mail.url },
    1,
  )
  assert.deepEqual(notGood(better), ['database.reach'])
  // The embedded store is another's here, and no role is named.
  assert.equal(finding(better, 'store.credentials-vended').outcome, 'warning')
  assert.equal(mail.mails.length, 0)
})

test('wrong settings and a wrong command line end with their own messages, and --iam asks nobody', async () => {
  const wrong = await reportOf({ SKYCRATE_HTTP_PORT: 'eighty', SKYCRATE_GUESTS: 'perhaps' }, 1)
  assert.deepEqual(notGood(wrong), ['configuration.1', 'configuration.2'])
  assert.match(wrong.findings[0]!.detail, /SKYCRATE_HTTP_PORT must be a whole number/)
  assert.equal((await run(['--heal'], {})).code, 64)
  const { code, out } = await run(['--iam'], {
    DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
    S3_ENDPOINT: 'https://s3.eu-central-1.amazonaws.com',
    S3_REGION: 'eu-central-1',
    S3_ROLE_ARN: 'arn:aws:iam::123456789012:role/skycrate-users',
    SKYCRATE_LIBRARY_BUCKET: 'the-library',
    SKYCRATE_SECRET: 'pJ5vT0rCzqk1y8m4W2n9Qd7bXs3LhGfE',
    SKYCRATE_PUBLIC_URL: 'https://files.example.com',
  })
  assert.equal(code, 0, out)
  const { Statement } = JSON.parse(out) as { Statement: { Sid: string; Action: string[]; Resource: string[] }[] }
  const bySid = Object.fromEntries(Statement.map((each) => [each.Sid, each]))
  assert.deepEqual(bySid['Buckets']!.Resource, ['arn:aws:s3:::the-library'])
  assert.deepEqual(bySid['VendCredentials']!.Resource, ['arn:aws:iam::123456789012:role/skycrate-users'])
  assert.ok(bySid['Objects']!.Action.includes('s3:GetObject'))
  assert.ok(Statement.every(({ Action }) => Action.every((action) => !action.includes('*'))))
})

test('the doctor examines a system that is stopped', async () => {
  await system.stop()
  const { findings, healthy } = await reportOf(embedded(), 0)
  assert.equal(healthy, true)
  assert.equal(finding({ findings, healthy }, 'addresses.public-url').outcome, 'warning')
  assert.equal(finding({ findings, healthy }, 'store.clean-up').outcome, 'good')
  await system.restart()
  admin = await signInAsAdmin(system)
  assert.equal((await admin.get('/doctor')).json<Report>().healthy, true)
})
