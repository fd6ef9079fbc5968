import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { type Api, apiOf, signInAsAdmin, type Tokens } from './api.ts'
import { upload } from './client-steps.ts'
import { type Answer, request } from './http.ts'
import { startSystem, type System } from './system.ts'

interface Operation {
  readonly operationId: string
  readonly security?: readonly object[]
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> }
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema: object }>> }>>
}
interface Document extends Record<string, unknown> {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

let system: System
let api: Api & { readonly tokens: Tokens }
let document: Document
let schemas: Ajv2020
/** The names of the operations that have answered with success. */
const covered = new Set<string>()

before(async () => {
  system = await startSystem()
  api = await signInAsAdmin(system)
  const answer = await request(`${system.url}/openapi.json`)
  assert.equal(answer.status, 200)
  assert.match(String(answer.headers['content-type']), /^application\/json/)
  document = answer.json<Document>()
  schemas = new Ajv2020({ strict: false, allErrors: true })
  ajvFormats.default(schemas)
  schemas.addSchema(document, 'openapi')
})
after(() => system?.[Symbol.asyncDispose]())

const operations = (): { method: string; path: string; operation: Operation }[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )

/** Checks an answer against what the document says of its operation and status; returns the operation's name. */
function assertDocumented(method: string, template: string, answer: Answer): string {
  const found = operations().find((each) => each.method === method && each.path === template)
  assert.ok(found, `${method} ${template} is not documented`)
  const { operationId, responses } = found.operation
  const response = responses[String(answer.status)]
  assert.ok(response, `${operationId} answers ${answer.status}, which is not documented: ${answer.text}`)
  const [[type, content] = []] = Object.entries(response.content ?? {})
  if (type === undefined || content === undefined) {
    assert.equal(answer.text, '', `${operationId} has no documented body`)
    return operationId
  }
  assert.ok(
    String(answer.headers['content-type']).startsWith(type),
    `${operationId}: ${answer.headers['content-type']}`,
  )
  const place = `#/paths/${pointer(template)}/${method.toLowerCase()}/responses/${answer.status}/content/${pointer(type)}/schema`
  const validate = schemas.getSchema(`openapi${place}`)
  assert.ok(validate, place)
  assert.ok(
    validate(type === 'application/json' || type === 'application/problem+json' ? answer.json() : answer.text),
    `${operationId} ${answer.status}: ${JSON.stringify(validate.errors)} in ${answer.text}`,
  )
  return operationId
}
const pointer = (text: string): string => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'))

test('the document is valid OpenAPI 3.1', async () => {
  assert.match(document.openapi, /^3\.1\./)
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  assert.ok(valid, JSON.stringify(errors))
  const names = operations().map(({ operation }) => operation.operationId)
  assert.equal(new Set(names).size, names.length, 'every operation has a name of its own')
})

test('every operation answers as documented', async () => {
  const base = '/api/v1'
  const call = async (method: string, template: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await (method === 'GET'
      ? api.get(path)
      : method === 'DELETE'
        ? api.delete(path)
        : method === 'PUT'
          ? api.put(path, body)
          : api.post(path, body))
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`)
    covered.add(assertDocumented(method, base + template, answer))
    return answer
  }
  await call('POST', '/auth/login', '/auth/login', system.admin)
  await call('GET', '/auth/me', '/auth/me')
  const { bucket } = (await call('GET', '/home', '/home')).json<{ bucket: string }>()
  await upload(api, bucket, 'a/b.txt', 'x')
  await upload(api, bucket, 'c.txt', 'x')
  for (const operation of ['get', 'put', 'head', 'delete']) {
    await call('POST', '/s3/presigned-url', '/s3/presigned-url', { bucket, key: 'c.txt', operation })
  }
  await call('GET', '/s3/buckets', '/s3/buckets')
  await call('GET', '/s3/list/{bucket}', `/s3/list/${bucket}?delimiter=/`)
  await call('GET', '/s3/list/{bucket}', `/s3/list/${bucket}?limit=1`)
  await call('DELETE', '/s3/object/{bucket}/{key}', `/s3/object/${bucket}/a/b.txt`)
  const permission = { principal: { kind: 'group', group: 'staff' }, bucket, prefix: 'a/', actions: ['read'] }
  const made = await call('POST', '/permissions', '/permissions', { ...permission, expiresAt: '2099-01-01T00:00:00Z' })
  await call('GET', '/permissions', '/permissions')
  await call('GET', '/permissions/my-permissions', '/permissions/my-permissions')
  const { id } = made.json<{ id: string }>()
  const again = { ...permission, expiresAt: '2099-01-01T00:00:00Z' }
  assert.equal((await call('POST', '/permissions', '/permissions', again)).status, 200)
  await call('GET', '/permissions/{id}', `/permissions/${id}`)
  await call('PUT', '/permissions/{id}', `/permissions/${id}`, { ...permission, prefix: 'b/' })
  await call('POST', '/permissions/preview', '/permissions/preview', { delete: { id } })
  await call('POST', '/permissions/who-can', '/permissions/who-can', { bucket, key: 'b/x', action: 'read' })
  await call('GET', '/permissions/export', '/permissions/export')
  const csv = { body: `kind,bucket,prefix,actions\neveryone,${bucket},b/,read\n`, type: 'text/csv' }
  const imported = await request(`${system.url}${base}/permissions/import?dryRun=true`, {
    method: 'POST',
    body: csv.body,
    headers: { 'content-type': csv.type, authorization: `Bearer ${api.token}` },
  })
  covered.add(assertDocumented('POST', `${base}/permissions/import`, imported))
  await call('DELETE', '/permissions/{id}', `/permissions/${id}`)
  for (const key of ['a/b.txt', 'elsewhere/b.txt']) {
    await call('POST', '/permissions/explain', '/permissions/explain', {
      bucket: 'skycrate-library',
      key,
      action: 'read',
    })
  }
  await call('POST', '/permissions/explain', '/permissions/explain', { bucket, key: 'a/b.txt', action: 'read' })
  const { jobs } = (await call('GET', '/jobs', '/jobs?limit=1')).json<{ jobs: { id: string }[] }>()
  await call('GET', '/jobs/{id}', `/jobs/${jobs[0]!.id}`)
  await call('DELETE', '/jobs/{id}', `/jobs/${jobs[0]!.id}`)
  await call('GET', '/audit/logs', '/audit/logs')
  await call('GET', '/audit/my-activity', '/audit/my-activity?limit=1')
  const refreshed = await call('POST', '/auth/refresh', '/auth/refresh', { refresh_token: api.tokens.refresh_token })
  await call('POST', '/auth/logout', '/auth/logout', { refresh_token: refreshed.json<Tokens>().refresh_token })
})

test('every operation refuses as documented: without a sign-in, and with rubbish', async () => {
  const { token } = await signInAsAdmin(system)
  for (const { method, path, operation } of operations()) {
    const concrete = path.replace('{bucket}', 'no-bucket').replace('{key}', 'x').replace('{id}', 'prm_x')
    const anonymous = await request(system.url + concrete, { method })
    const needsSignIn = operation.security?.length !== 0
    if (needsSignIn) assert.equal(anonymous.status, 401, `${method} ${path}`)
    assertDocumented(method, path, anonymous)
    if (method !== 'POST') continue
    const rubbish = await request(system.url + concrete, {
      method,
      body: '{"rubbish": true}',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    })
    const takesJson = operation.requestBody?.content['application/json'] !== undefined
    assert.equal(rubbish.status, operation.requestBody && !takesJson ? 415 : 400, `${method} ${path}`)
    assertDocumented(method, path, rubbish)
  }
})

test('the pages beside the API are there', async () => {
  for (const path of ['/docs', '/healthz', '/readyz', '/openapi.json', '/']) {
    const answer = await request(system.url + path, { headers: { accept: 'text/html' } })
    assert.ok([200, 301, 302, 303, 307, 308].includes(answer.status), `${path}: ${answer.status}`)
  }
  const health = await request(`${system.url}/healthz`)
  assert.equal(health.status, 200)
})

test('a new password ends the sessions of the old one', async () => {
  const again = await signInAsAdmin(system)
  const change = { currentPassword: system.admin.password, newPassword: 'a longer, other passphrase' }
  const changed = await again.post('/auth/change-password', change)
  assert.equal(changed.status, 204, changed.text)
  covered.add(assertDocumented('POST', '/api/v1/auth/change-password', changed))
  const stale = await apiOf(system.url, undefined).post('/auth/refresh', { refresh_token: again.tokens.refresh_token })
  assert.equal(stale.status, 401)
  assert.equal((await again.get('/auth/me')).status, 401)
  const login = { email: system.admin.email, password: change.newPassword }
  assert.equal((await apiOf(system.url, undefined).post('/auth/login', login)).status, 200)
})

test('every operation of the document was tried', () => {
  const all = operations().map(({ operation }) => operation.operationId)
  assert.deepEqual([...covered].toSorted(), all.toSorted())
})
