import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from 'pg'
import { type Api, apiOf, signInAsAdmin, type Tokens } from './api.ts'
import { download, home, upload } from './client-steps.ts'
import { startPostgres } from './engines/postgres.ts'
import { startS3Server } from './engines/s3-server.ts'
import { type Answer, request } from './http.ts'
import { poll } from './poll.ts'
import { signedHeaders } from './sigv4.ts'
import { startStoreGate } from './store-gate.ts'
import { startSystem, type System } from './system.ts'

const LIBRARY = 'company-library'
const PASSWORD = 'seven brave turnips'
const WITHIN_MS = 60_000

async function createUser(system: System, admin: Api, email: string): Promise<{ id: string; api: Api }> {
  const made = await admin.post('/users', { email, password: PASSWORD })
  assert.equal(made.status, 201, made.text)
  const { id } = made.json<{ id: string }>()
  const login = await apiOf(system.url, undefined).post('/auth/login', { email, password: PASSWORD })
  return { id, api: apiOf(system.url, login.json<Tokens>().access_token) }
}

test('kill -9 at every step of deleting a user: it goes on after the start, and nothing is left or lost', async () => {
  await using postgres = await startPostgres()
  await using s3 = await startS3Server()
  let stop: ((seen: { method: string; path: string }) => boolean) | undefined
  let reached = false
  await using gate = await startStoreGate(s3.url, async (seen) => {
    if (!stop?.(seen)) return
    reached = true
    await new Promise<never>(() => {})
  })
  await using system = await startSystem({
    env: {
      DATABASE_URL: postgres.url(),
      S3_ENDPOINT: gate.url,
      S3_PUBLIC_ENDPOINT: s3.url,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
      SKYCRATE_SECRET: 'the same at every start, and no default',
      SKYCRATE_LIBRARY_BUCKET: LIBRARY,
      SKYCRATE_PRODUCTION: 'false',
    },
  })
  await using connections = new AsyncDisposableStack()
  const sql = new Client({ connectionString: postgres.url() })
  connections.defer(() => sql.end())
  await sql.connect()
  const rows = async (text: string, ...values: unknown[]): Promise<unknown[]> => (await sql.query(text, values)).rows
  const atStore = (path: string, query: Record<string, string> = {}): Promise<Answer> => {
    const asked = { method: 'GET', origin: s3.url, path, query, keys: s3, region: 'us-east-1', at: new Date() }
    const names = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    return request(`${s3.url}${path}?${names.join('&')}`, { headers: signedHeaders(asked) })
  }
  const versionsOf = async (id: string): Promise<number> =>
    (await atStore(`/${LIBRARY}`, { prefix: `private/${id}/`, versions: '' })).text.split('<Key>').length - 1

  const admin = await signInAsAdmin(system)
  const [gone, kept] = [
    await createUser(system, admin, 'gone@example.org'),
    await createUser(system, admin, 'kept@example.org'),
  ]
  const group = await admin.post('/groups', { name: 'staff' })
  const homes: string[] = []
  for (const { id, api } of [gone, kept]) {
    const { bucket } = await home(api)
    homes.push(bucket)
    for (const text of ['one', 'two']) await upload(api, bucket, 'a/b.txt', text)
    await upload(api, LIBRARY, `private/${id}/c.txt`, 'mine')
    const member = `/groups/${group.json<{ id: string }>().id}/members/${id}`
    assert.equal((await admin.put(member, {})).status, 204)
    const permission = { principal: { kind: 'user', userId: id }, bucket: LIBRARY, prefix: 'x/', actions: ['read'] }
    assert.equal((await admin.post('/permissions', permission)).status, 201)
  }
  const [bucket = '', bucketKept = ''] = homes

  const stops: (typeof stop)[] = [
    ({ method, path }) => method === 'POST' && path.startsWith(`/${bucket}`) && path.includes('delete'),
    ({ method, path }) => method === 'DELETE' && path.startsWith(`/${bucket}`),
    ({ method, path }) => method === 'POST' && path.startsWith(`/${LIBRARY}`) && path.includes('delete'),
  ]
  stop = stops[0]
  const deletion = await admin.delete(`/users/${gone.id}?home=delete`)
  assert.equal(deletion.status, 202, deletion.text)
  for (const next of [...stops.slice(1), undefined]) {
    await poll('the job came to the next step', WITHIN_MS, () => reached)
    await system.kill9()
    assert.deepEqual(await rows('select state from users where id = $1', gone.id), [{ state: 'deleting' }])
    reached = false
    stop = next
    await system.restart()
    assert.ok([401, 403].includes((await gone.api.get('/auth/me')).status))
  }
  const { id: jobId } = deletion.json<{ id: string }>()
  const state = await poll('the job ended', WITHIN_MS, async () => {
    const job = (await admin.get(`/jobs/${jobId}`)).json<{ state: string }>()
    return job.state !== 'queued' && job.state !== 'running' && job.state
  })
  assert.equal(state, 'done')

  assert.equal((await atStore(`/${bucket}`)).status, 404)
  assert.equal(await versionsOf(gone.id), 0)
  assert.deepEqual(await rows('select state from buckets where name = $1', bucket), [{ state: 'deleted' }])
  assert.deepEqual(await rows('select state from users where id = $1', gone.id), [{ state: 'deleted' }])
  const tables = ['homes', 'sessions', 'credentials', 'accounts', 'identities', 'group_members']
  for (const table of tables)
    assert.deepEqual(await rows(`select 1 from ${table} where user_id = $1`, gone.id), [], table)
  assert.deepEqual(await rows('select 1 from permissions where principal = $1 or bucket = $2', gone.id, bucket), [])
  const ends = `select 1 from audit_events where action = 'user.delete' and target_user_id = $1
    and detail->'changed'->>'state' = 'deleted'`
  assert.equal((await rows(ends, gone.id)).length, 1, 'its end is in the log once')

  assert.equal((await download(kept.api, bucketKept, 'a/b.txt')).toString(), 'two')
  assert.equal((await download(kept.api, LIBRARY, `private/${kept.id}/c.txt`)).toString(), 'mine')
  assert.ok((await rows('select 1 from permissions where principal = $1', kept.id)).length >= 2)
})
