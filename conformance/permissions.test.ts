import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, type Problem, signInAsAdmin } from './api.ts'
import { home, vend } from './client-steps.ts'
import { startS3Server } from './engines/s3-server.ts'
import { type Answer, request } from './http.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { askStore } from './store-root.ts'
import { startSystem, type System } from './system.ts'

let issuer: PlainIssuer
let system: System
let admin: Api
let bucket: string

before(async () => {
  issuer = await startPlainIssuer('/')
  const issuers = JSON.stringify([{ issuer: issuer.issuer, audience: 'api', claims: { groups: 'groups' } }])
  system = await startSystem({ env: { SKYCRATE_ISSUERS: issuers } })
  admin = await signInAsAdmin(system)
  bucket = (await home(admin)).bucket
})
after(async () => {
  await system?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
})

const as = (claims: object): Api => apiOf(system.url, issuer.token({ aud: 'api', ...claims }))
const codeOf = (answer: Answer): [number, string] => [answer.status, answer.json<Problem>().code]
const wish = (more: object = {}): object => ({
  principal: { kind: 'everyone' },
  bucket,
  prefix: 'x/',
  actions: ['read', 'list'],
  ...more,
})

interface Permission {
  readonly id: string
  readonly prefix: string
  readonly updatedAt: string
}

async function grant(more: object = {}): Promise<Permission> {
  const answer = await admin.post('/permissions', wish(more))
  assert.equal(answer.status, 201, answer.text)
  return answer.json<Permission>()
}

test('a permission is created once, read, replaced by whoever knows its version, and deleted', async () => {
  const created = await admin.post('/permissions', wish())
  assert.equal(created.status, 201)
  const { id } = created.json<Permission>()
  const again = await admin.post('/permissions', wish())
  assert.deepEqual(
    [again.status, again.json<Permission>().id, again.headers['etag']],
    [200, id, created.headers['etag']],
  )
  const read = await admin.get(`/permissions/${id}`)
  assert.equal(read.headers['etag'], created.headers['etag'])
  const ifMatch = { headers: { 'if-match': String(read.headers['etag']) } }
  const replaced = await admin.put(`/permissions/${id}`, wish({ prefix: 'y/' }), ifMatch)
  assert.deepEqual([replaced.status, replaced.json<Permission>().prefix], [200, 'y/'])
  assert.notEqual(replaced.headers['etag'], read.headers['etag'])
  const stale = await admin.put(`/permissions/${id}`, wish({ prefix: 'z/' }), ifMatch)
  assert.deepEqual(codeOf(stale), [412, 'precondition-failed'])
  assert.deepEqual(codeOf(await admin.delete(`/permissions/${id}`, ifMatch)), [412, 'precondition-failed'])
  assert.equal((await admin.get(`/permissions/${id}`)).json<Permission>().prefix, 'y/')
  assert.equal((await admin.delete(`/permissions/${id}`)).status, 204)
  assert.deepEqual(codeOf(await admin.get(`/permissions/${id}`)), [404, 'not-found'])
})

test('a bucket that is missing is told to whom a permission names it, and to nobody else', async () => {
  assert.deepEqual(codeOf(await admin.post('/permissions', wish({ bucket: 'no-such-bucket' }))), [
    404,
    'bucket-missing',
  ])
  assert.equal((await askStore(system, 'PUT', '/short-lived')).status, 200)
  const holder = as({ sub: 'holder' })
  const other = as({ sub: 'other' })
  const userId = (await holder.get('/auth/me')).json<{ id: string }>().id
  await grant({ principal: { kind: 'user', userId }, bucket: 'short-lived', actions: ['read', 'list', 'write'] })
  assert.equal((await askStore(system, 'DELETE', '/short-lived')).status, 204)
  const ask = { bucket: 'short-lived', key: 'x/a', operation: 'get' }
  const otherForms = [
    ['/s3/presigned-post', { bucket: 'short-lived', key: 'x/a', maxSize: 10 }],
    ['/s3/multipart', { bucket: 'short-lived', key: 'x/a', size: 10 }],
    ['/credentials', { bucket: 'short-lived', prefix: 'x/', actions: ['read'] }],
  ] as const
  for (const gone of ['short-lived', 'never-there']) {
    for (const path of [`/s3/list/${gone}?prefix=x/`, `/s3/list/${gone}`]) {
      assert.deepEqual(codeOf(await other.get(path)), [403, 'forbidden'], path)
    }
    assert.deepEqual(codeOf(await other.post('/s3/presigned-url', { ...ask, bucket: gone })), [403, 'forbidden'])
  }
  assert.deepEqual(codeOf(await holder.get('/s3/list/short-lived?prefix=x/')), [404, 'bucket-missing'])
  assert.deepEqual(codeOf(await holder.get('/s3/list/short-lived')), [403, 'forbidden'])
  assert.deepEqual(codeOf(await holder.post('/s3/presigned-url', ask)), [404, 'bucket-missing'])
  for (const [path, body] of otherForms) {
    assert.deepEqual(codeOf(await holder.post(path, body)), [404, 'bucket-missing'], path)
    assert.deepEqual(codeOf(await other.post(path, body)), [403, 'forbidden'], path)
  }
  const explain = async (api: Api): Promise<unknown> => {
    const answer = await api.post('/permissions/explain', { bucket: 'short-lived', key: 'x/a', action: 'read' })
    const { outcome, reason } = answer.json<{ outcome: string; reason: string }>()
    return [outcome, reason]
  }
  assert.deepEqual(await explain(holder), ['deny', 'bucket-missing'])
  assert.deepEqual(await explain(other), ['deny', 'no-permission'])
  // As soon as it is there again, it is used.
  assert.equal((await askStore(system, 'PUT', '/short-lived')).status, 200)
  await vend(holder, ask)
  const errors = (await auditEvents(holder, '/audit/my-activity')).filter((event) => event.outcome === 'error')
  assert.deepEqual(new Set(errors.map((event) => event.reason)), new Set(['bucket-missing']))
})

test('while the store is down no permission is created, and the file of an import stays undone', async () => {
  const s3 = await startS3Server()
  await using down = await startSystem({
    env: { S3_ENDPOINT: s3.url, S3_ACCESS_KEY_ID: s3.accessKeyId, S3_SECRET_ACCESS_KEY: s3.secretAccessKey },
  })
  const there = await signInAsAdmin(down)
  const place = (await home(there)).bucket
  const before = (await there.get('/permissions?limit=1000')).text
  await s3[Symbol.asyncDispose]()
  const answer = await there.post('/permissions', wish({ bucket: place }))
  assert.deepEqual(codeOf(answer), [503, 'store-unavailable'])
  const file = `kind,bucket,prefix,actions\neveryone,${place},x/,read\n`
  assert.deepEqual(codeOf(await importCsv(there, down, file)), [503, 'store-unavailable'])
  assert.equal((await there.get('/permissions?limit=1000')).text, before)
})

function importCsv(api: Api, on: System, body: string, query = '', type = 'text/csv'): Promise<Answer> {
  return request(`${on.url}/api/v1/permissions/import${query}`, {
    method: 'POST',
    body,
    headers: { 'content-type': type, authorization: `Bearer ${api.token}` },
  })
}

test('a CSV file is checked, imported and exported', async () => {
  const lines = (...more: string[]): string => ['kind,bucket,prefix,actions', ...more].join('\r\n')
  const wrong = lines(
    `everyone,${bucket},csv-1/,read`,
    `everyone,${bucket},csv-2,read`,
    `everyone,${bucket},csv-3/,read`,
  )
  const checked = await importCsv(admin, system, wrong, '?dryRun=true')
  const { mistakes } = checked.json<{ mistakes: { line: number; column: string }[] }>()
  assert.deepEqual([checked.status, mistakes.map(({ line, column }) => [line, column])], [200, [[3, 'prefix']]])
  const refused = await importCsv(admin, system, wrong)
  assert.deepEqual(codeOf(refused), [400, 'invalid-request'])
  assert.deepEqual(
    refused.json<Problem>().errors?.map(({ path }) => path),
    ['/lines/3/prefix'],
  )
  const exported = async (): Promise<Answer> => admin.get(`/permissions/export?bucket=${bucket}&prefix=csv-`)
  assert.equal((await exported()).text.trimEnd().split('\r\n').length, 1, 'nothing was imported')
  const right = await importCsv(admin, system, wrong.replace('csv-2,', 'csv-2/,'), '', 'text/csv; charset=utf-8')
  assert.equal(right.json<{ created: number }>().created, 3)
  const file = await exported()
  assert.match(String(file.headers['content-type']), /^text\/csv; charset=utf-8/)
  assert.match(String(file.headers['content-disposition']), /^attachment; filename="permissions\.csv"/)
  assert.equal(file.text.trimEnd().split('\r\n').length, 4)
  const again = await importCsv(admin, system, file.text)
  assert.deepEqual([again.status, again.json<{ unchanged: number }>().unchanged], [200, 3])
  assert.deepEqual(codeOf(await importCsv(admin, system, '{}', '', 'application/json')), [
    415,
    'unsupported-media-type',
  ])
  assert.deepEqual(codeOf(await importCsv(admin, system, 'a'.repeat(65 * 1024 * 1024))), [413, 'payload-too-large'])
  const elsewhere = await request(`${system.url}/api/v1/permissions`, {
    method: 'POST',
    body: file.text,
    headers: { 'content-type': 'text/csv', authorization: `Bearer ${admin.token}` },
  })
  assert.deepEqual(codeOf(elsewhere), [415, 'unsupported-media-type'])
})

test("a verified e-mail address opens its own folder and nobody's else, however it is written", async () => {
  await grant({ prefix: 'mail/${user.email}/', actions: ['read'] })
  const read = async (claims: object, key: string): Promise<number> =>
    (await as(claims).post('/s3/presigned-url', { bucket, key, operation: 'get' })).status
  const mail = (sub: string, email: string, verified: boolean) => ({ sub, email, email_verified: verified })
  assert.equal(await read(mail('m1', 'Ann@Example.com', true), 'mail/ann@example.com/a'), 200)
  assert.equal(await read(mail('m2', 'ann@example.com', false), 'mail/ann@example.com/a'), 403)
  assert.equal(await read({ sub: 'm3' }, 'mail/ann@example.com/a'), 403)
  assert.equal(await read({ sub: 'm3' }, 'mail/${user.email}/a'), 403)
  const tricky = mail('m4', 'x/../ann@example.com', true)
  for (const key of ['mail/ann@example.com/a', 'mail/x/a', 'mail/x/../ann@example.com/a']) {
    assert.notEqual(await read(tricky, key), 200, key)
  }
  assert.equal(await read(tricky, 'mail/x=2f.=2e=2fann@example.com/a'), 200)
  assert.equal(await read(mail('m5', '\u212Aate@example.com', true), 'mail/kate@example.com/a'), 403)
})

test('who-can, preview and explain about somebody else are for administrators', async () => {
  const nobody = as({ sub: 'nobody' })
  const { id } = await grant({ prefix: 'asked/' })
  for (const [path, body] of [
    ['/permissions/who-can', { bucket, key: 'asked/x', action: 'read' }],
    ['/permissions/preview', { delete: { id } }],
    ['/permissions/explain', { bucket, key: 'asked/x', action: 'read', userId: 'usr_x' }],
  ] as const) {
    assert.deepEqual(codeOf(await nobody.post(path, body)), [403, 'forbidden'], path)
  }
  for (const path of ['/permissions', `/permissions/${id}`, '/permissions/export']) {
    assert.deepEqual(codeOf(await nobody.get(path)), [403, 'forbidden'], path)
  }
  const groups = { sub: 'member', groups: ['crew'] }
  const member = (await as(groups).get('/auth/me')).json<{ id: string }>().id
  await grant({ principal: { kind: 'group', group: 'crew', issuer: issuer.issuer }, prefix: 'crew/' })
  const asked = await admin.post('/permissions/explain', { bucket, key: 'crew/x', action: 'read', userId: member })
  assert.equal(asked.json<{ outcome: string }>().outcome, 'allow', 'groups of tokens count as of the last sign-in')
})
