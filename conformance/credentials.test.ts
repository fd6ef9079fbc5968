import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { type Api, apiOf, auditEvents, type Problem, signInAsAdmin } from './api.ts'
import { home, upload } from './client-steps.ts'
import { type Answer, request } from './http.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { objectPath, signedHeaders } from './sigv4.ts'
import { startSystem, type System } from './system.ts'

// Temporary credentials, used at the store as any S3 client uses them: they reach what the permissions reach.

const LIBRARY = 'skycrate-library'

interface Vended {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: string
  readonly endpoint: string
  readonly region: string
  readonly location: { readonly bucket: string; readonly prefix: string; readonly actions: readonly string[] }
}

interface Person extends Api {
  readonly id: string
}

let issuer: PlainIssuer
let system: System
let admin: Api
let ada: Person
let bob: Person

async function signIn(subject: string): Promise<Person> {
  const api = apiOf(system.url, issuer.token({ sub: subject, aud: 'files' }))
  const me = await api.get('/auth/me')
  assert.equal(me.status, 200, me.text)
  return { ...api, id: me.json<{ id: string }>().id }
}

before(async () => {
  issuer = await startPlainIssuer('/')
  const issuers = [{ issuer: issuer.issuer, audience: 'files' }]
  system = await startSystem({ env: { SKYCRATE_ISSUERS: JSON.stringify(issuers) } })
  admin = await signInAsAdmin(system)
  ada = await signIn('u1')
  bob = await signIn('u12')
})
after(async () => {
  await system?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
})

async function vended(api: Api, wish: object): Promise<Vended> {
  const answer = await api.post('/credentials', wish)
  assert.equal(answer.status, 200, answer.text)
  return answer.json<Vended>()
}

async function refusal(api: Api, wish: object): Promise<Problem> {
  return (await api.post('/credentials', wish)).json<Problem>()
}

function s3(
  keys: Vended,
  method: string,
  bucket: string,
  key: string,
  body = '',
  query: Record<string, string> = {},
): Promise<Answer> {
  const path = key === '' ? `/${bucket}` : objectPath(bucket, key)
  const sign = { method, origin: keys.endpoint, path, query, keys, region: keys.region, at: new Date() }
  const text = new URLSearchParams(query).toString().replaceAll('+', '%20')
  return request(`${keys.endpoint}${path}${text === '' ? '' : `?${text}`}`, {
    method,
    headers: signedHeaders(sign, body),
    ...(body === '' ? {} : { body }),
  })
}

test('credentials for a folder allow what the permissions allow there, and nothing at a neighbour', async () => {
  const prefix = `private/${ada.id}/`
  const keys = await vended(ada, { bucket: LIBRARY, prefix })
  assert.deepEqual(keys.location, { bucket: LIBRARY, prefix, actions: ['read', 'write', 'delete', 'list'] })
  await upload(bob, LIBRARY, `private/${bob.id}/secret.txt`, "bob's")

  const statuses = async (key: string): Promise<number[]> => [
    (await s3(keys, 'PUT', LIBRARY, key, 'hello')).status,
    (await s3(keys, 'GET', LIBRARY, key)).status,
    (await s3(keys, 'DELETE', LIBRARY, key)).status,
  ]
  assert.deepEqual(await statuses(`${prefix}a/é &+.txt`), [200, 200, 204])
  // Names that begin alike, the neighbour's folder, and the levels above.
  for (const key of [
    `private/${ada.id}2/x`,
    `private/${ada.id}`,
    `private/${bob.id}/secret.txt`,
    'private/x',
    `public/x`,
  ]) {
    assert.deepEqual(await statuses(key), [403, 403, 403], key)
  }
  assert.equal((await s3(keys, 'GET', LIBRARY, '', '', { 'list-type': '2', prefix })).status, 200)
  for (const query of [
    { 'list-type': '2' },
    { 'list-type': '2', prefix: 'private/' },
    { 'list-type': '2', prefix: `private/${ada.id}` },
  ]) {
    assert.equal((await s3(keys, 'GET', LIBRARY, '', '', query as Record<string, string>)).status, 403)
  }
  const { bucket } = await home(ada)
  assert.equal((await s3(keys, 'GET', bucket, '', '', { 'list-type': '2' })).status, 403, 'another bucket of hers')
})

test('credentials for chosen actions allow only these', async () => {
  const { bucket } = await home(ada)
  await upload(ada, bucket, 'x.txt', 'hers')
  const keys = await vended(ada, { bucket, actions: ['read'] })
  assert.deepEqual(keys.location.actions, ['read'])
  assert.equal((await s3(keys, 'GET', bucket, 'x.txt')).text, 'hers')
  assert.equal((await s3(keys, 'PUT', bucket, 'x.txt', 'other')).status, 403)
  assert.equal((await s3(keys, 'DELETE', bucket, 'x.txt')).status, 403)
  assert.equal((await s3(keys, 'GET', bucket, '', '', { 'list-type': '2' })).status, 403)
})

test("a folder of somebody else's is refused, and the refusal is recorded", async () => {
  const prefix = `private/${bob.id}/`
  assert.equal((await refusal(ada, { bucket: LIBRARY, prefix })).code, 'forbidden')
  assert.equal((await refusal(ada, { bucket: LIBRARY, prefix: 'private/' })).code, 'forbidden')
  assert.equal((await refusal(ada, { bucket: LIBRARY, prefix: '' })).code, 'forbidden')
  assert.equal((await refusal(ada, { bucket: 'no-such-bucket' })).code, 'forbidden')
  assert.equal((await refusal(ada, { bucket: LIBRARY, prefix: 'private' })).code, 'invalid-request')
  assert.equal((await refusal(ada, { bucket: LIBRARY, prefix: `private/../${bob.id}/` })).code, 'invalid-request')
  const events = await auditEvents(admin, '/audit/logs')
  const refused = events.filter((event) => event.action === 'credentials.create' && event.outcome === 'deny')
  assert.ok(
    refused.some((event) => event.key === prefix && event.userId === ada.id && event.reason === 'no-permission'),
  )
})

test('what was given is recorded before it is released: to whom, where, which actions, until when', async () => {
  const keys = await vended(bob, { bucket: LIBRARY, prefix: `private/${bob.id}/`, actions: ['list', 'read'] })
  const events = await auditEvents(admin, '/audit/logs')
  const event = events.find((each) => each.action === 'credentials.create' && each.userId === bob.id)
  const { detail } = event as unknown as { detail: Record<string, unknown> }
  assert.equal(event?.outcome, 'allow')
  assert.equal(event?.key, `private/${bob.id}/`)
  assert.deepEqual(detail['actions'], ['list', 'read'])
  assert.equal(detail['accessKeyId'], keys.accessKeyId)
  assert.equal(detail['expiresAt'], keys.expiration)
})

test('without a folder, the only location is meant; several have to be told apart', async () => {
  const { bucket } = await home(bob)
  assert.equal((await vended(bob, { bucket })).location.prefix, '')
  const several = await refusal(bob, { bucket: LIBRARY })
  assert.equal(several.code, 'invalid-request')
  assert.equal(several.errors?.[0]?.path, '/prefix')
})

test('locations are what the permissions come to, page by page', async () => {
  const all: unknown[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const more = cursor === '' ? '' : `&cursor=${cursor}`
    const answer: Answer = await ada.get(`/locations?limit=1${more}`)
    assert.equal(answer.status, 200, answer.text)
    const page: { locations: unknown[]; nextCursor: string | null } = answer.json()
    assert.ok(page.locations.length <= 1)
    all.push(...page.locations)
    cursor = page.nextCursor
  }
  const whole = (await ada.get('/locations')).json<{ locations: { bucket: string; prefix: string }[] }>()
  assert.deepEqual(all, whole.locations)
  assert.ok(whole.locations.some((each) => each.bucket === LIBRARY && each.prefix === `private/${ada.id}/`))
  assert.ok(!whole.locations.some((each) => each.prefix === `private/${bob.id}/`))
  assert.equal((await ada.get('/locations?cursor=rubbish')).json<Problem>().code, 'invalid-cursor')
})

test('credentials never outlive a permission, and a deleted permission gives none', async () => {
  const { bucket } = await home(ada)
  const grant = async (minutes: number): Promise<string> => {
    const answer = await admin.post('/permissions', {
      principal: { kind: 'user', userId: bob.id },
      bucket,
      prefix: `shared-${minutes}/`,
      actions: ['read', 'list'],
      expiresAt: new Date(Date.now() + minutes * 60_000).toISOString(),
    })
    assert.equal(answer.status, 201, answer.text)
    return answer.json<{ id: string }>().id
  }
  await grant(10)
  assert.equal((await refusal(bob, { bucket, prefix: 'shared-10/' })).code, 'permission-expires-soon')
  const id = await grant(30)
  const wish = { bucket, prefix: 'shared-30/', durationSeconds: 43_200 }
  const { expiration } = await vended(bob, wish)
  assert.ok(Date.parse(expiration) <= Date.now() + 30 * 60_000)
  assert.equal((await admin.delete(`/permissions/${id}`)).status, 204)
  assert.equal((await refusal(bob, wish)).code, 'forbidden')
})

const skip = existsSync('/usr/bin/aws') ? false : 'the AWS command line: apt-get install awscli'

test('an unmodified awscli works in its own folder and is refused at a neighbour', { skip }, async () => {
  const prefix = `private/${ada.id}/`
  const keys = await vended(ada, { bucket: LIBRARY, prefix })
  const dir = await mkdtemp(join(tmpdir(), 'credentials-'))
  try {
    await writeFile(join(dir, 'file.txt'), 'from awscli')
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: dir,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_SESSION_TOKEN: keys.sessionToken,
      AWS_DEFAULT_REGION: keys.region,
      AWS_EC2_METADATA_DISABLED: 'true',
    }
    const aws = (...args: string[]): Promise<{ stdout: string }> =>
      promisify(execFile)('/usr/bin/aws', ['--endpoint-url', keys.endpoint, 's3', ...args], {
        env,
        cwd: dir,
        timeout: 60_000,
      })
    await aws('cp', 'file.txt', `s3://${LIBRARY}/${prefix}file.txt`)
    assert.match((await aws('ls', `s3://${LIBRARY}/${prefix}`)).stdout, /file\.txt/)
    await assert.rejects(aws('cp', 'file.txt', `s3://${LIBRARY}/private/${bob.id}/file.txt`), /AccessDenied/)
    await assert.rejects(aws('ls', `s3://${LIBRARY}/private/${bob.id}/`), /AccessDenied/)
  } finally {
    await rm(dir, { recursive: true })
  }
})
