import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { S3Client, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { type Api, apiOf, auditEvents, type Home, type Problem, signInAsAdmin } from './api.ts'
import { upload } from './client-steps.ts'
import { pathOf, readOpenApi, send } from './openapi-document.ts'
import { startSystem, type System } from './system.ts'

interface Token {
  readonly id: string
  readonly token: string
}
interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: string
  readonly endpoint: string
  readonly region: string
  readonly location: { readonly prefix: string; readonly actions: readonly string[] }
}

/** All that a token may ever be used for, whatever its scopes. */
const OPEN_TO_TOKENS = [
  'me',
  'home',
  'job',
  'presignedUrl',
  'presignedUrls',
  'presignedPost',
  'deliveryCookies',
  'createUpload',
  'uploadedParts',
  'abortUpload',
  'signParts',
  'completeUpload',
  'confirmUpload',
  'buckets',
  'listObjects',
  'deleteObject',
  'thumbnails',
  'search',
  'listVersions',
  'objectMetadata',
  'setTags',
  'listDeletions',
  'restoreObject',
  'locations',
  'createCredentials',
]

let system: System
let admin: Api
let ada: Api
let adaId: string
let bucket: string

const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString()

async function tokenOf(owner: Api, wish: object): Promise<Api & Token> {
  const answer = await owner.post('/auth/tokens', { name: 'Robot', expiresAt: inHours(24), ...wish })
  assert.equal(answer.status, 201, answer.text)
  const made = answer.json<Token>()
  return { ...apiOf(system.url, made.token), ...made }
}

async function newPerson(email: string): Promise<{ api: Api; id: string }> {
  const password = 'seven brave turnips'
  const made = await admin.post('/users', { email, password })
  assert.equal(made.status, 201, made.text)
  const login = await apiOf(system.url, undefined).post('/auth/login', { email, password })
  return {
    api: apiOf(system.url, login.json<{ access_token: string }>().access_token),
    id: made.json<{ id: string }>().id,
  }
}

const sign = async (api: Api, operation: string, key: string): Promise<number> =>
  (await api.post('/s3/presigned-url', { bucket, key, operation })).status

before(async () => {
  system = await startSystem()
  admin = await signInAsAdmin(system)
  ;({ api: ada, id: adaId } = await newPerson('ada@example.org'))
  bucket = (await ada.get('/home')).json<Home>().bucket
  for (const key of ['reports/1.txt', 'reports2/1.txt', 'other.txt']) await upload(ada, bucket, key, key)
})
after(() => system?.[Symbol.asyncDispose]())

test('a token does what its scope names within what its user may do, and nothing else', async () => {
  const robot = await tokenOf(ada, { scopes: [{ bucket, prefix: 'reports/', actions: ['read', 'list'] }] })
  assert.equal(await sign(robot, 'get', 'reports/1.txt'), 200)
  assert.equal((await robot.get(`/s3/list/${bucket}?prefix=reports/`)).status, 200)
  for (const [operation, key] of [
    ['put', 'reports/1.txt'],
    ['delete', 'reports/1.txt'],
    ['get', 'reports2/1.txt'],
    ['get', 'other.txt'],
    ['get', 'reports/../other.txt'],
  ] as const) {
    assert.ok([400, 403].includes(await sign(robot, operation, key)), `${operation} ${key}`)
  }
  assert.equal((await robot.get(`/s3/list/${bucket}`)).status, 403)
  assert.equal((await robot.delete(`/s3/object/${bucket}/reports/1.txt`)).status, 403)
  const batch = await robot.post('/s3/presigned-urls', {
    requests: ['reports/1.txt', 'other.txt'].map((key) => ({ bucket, key, operation: 'get' })),
  })
  const { results } = batch.json<{ results: { url?: string; problem?: Problem }[] }>()
  assert.deepEqual(
    results.map(({ problem }) => problem?.code),
    [undefined, 'forbidden'],
  )
  assert.equal((await robot.post('/s3/multipart', { bucket, key: 'reports/x', size: 1 })).status, 403)
})

test('an upload that its user began is not continued by a token that may not write there', async () => {
  const body = { bucket, key: 'parts.bin', size: 6_000_000 }
  const { uploadId } = (await ada.post('/s3/multipart', body)).json<{ uploadId: string }>()
  const robot = await tokenOf(ada, { scopes: [{ bucket, prefix: 'reports/', actions: ['read', 'write'] }] })
  const wish = { bucket, key: body.key, uploadId, partNumbers: [1] }
  assert.equal((await ada.post('/s3/multipart/parts', wish)).status, 200)
  assert.equal((await robot.post('/s3/multipart/parts', wish)).status, 403)
})

test('a scope beyond what the user has gives nothing: another home, another bucket, everything', async () => {
  const { api: eve } = await newPerson('eve@example.org')
  const robots = [
    await tokenOf(eve, { scopes: [{ bucket, actions: ['read', 'write', 'delete', 'list'] }] }),
    await tokenOf(eve, { scopes: [{ actions: ['read', 'write', 'delete', 'list'] }] }),
  ]
  for (const robot of robots) {
    assert.equal(await sign(robot, 'get', 'other.txt'), 403)
    assert.equal(await sign(robot, 'put', 'other.txt'), 403)
    assert.equal((await robot.post('/credentials', { bucket })).status, 403)
  }
})

test('locations and credentials are those of the scope, and end with the token', async () => {
  const expiresAt = inHours(0.5)
  const robot = await tokenOf(ada, { scopes: [{ bucket, prefix: 'reports/', actions: ['read'] }], expiresAt })
  const { locations } = (await robot.get('/locations')).json<{
    locations: { bucket: string; prefix: string; actions: string[]; expiresAt: string }[]
  }>()
  assert.deepEqual(locations, [{ store: 'default', bucket, prefix: 'reports/', actions: ['read'], expiresAt }])
  assert.equal((await robot.post('/credentials', { bucket, prefix: '' })).status, 403)
  assert.equal((await robot.post('/credentials', { bucket, prefix: 'reports/', actions: ['write'] })).status, 403)
  const given = (await robot.post('/credentials', { bucket, durationSeconds: 43_200 })).json<Credentials>()
  assert.deepEqual(given.location, { bucket, prefix: 'reports/', actions: ['read'] })
  assert.ok(Date.parse(given.expiration) <= Date.parse(expiresAt), given.expiration)
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken } = given
  const credentials = { accessKeyId, secretAccessKey, sessionToken }
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  const get = (Key: string) => s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
  assert.equal(await (await get('reports/1.txt')).Body?.transformToString(), 'reports/1.txt')
  await assert.rejects(get('reports2/1.txt'), { name: 'AccessDenied' })
  await assert.rejects(s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'reports/x', Body: '' })), {
    name: 'AccessDenied',
  })
})

test('credentials of STS for a token are those of its scope, and sign nothing at SkyCrate', async () => {
  const robot = await tokenOf(ada, { scopes: [{ bucket, prefix: 'reports/', actions: ['read'] }] })
  const config = { endpoint: `${system.url}/sts`, region: 'us-east-1' }
  const assume = (role: string) =>
    new STSClient(config).send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn: role, RoleSessionName: 'robot', WebIdentityToken: robot.token }),
    )
  const { Credentials: given } = await assume('arn:aws:iam::123456789012:role/any')
  const credentials = {
    accessKeyId: given!.AccessKeyId!,
    secretAccessKey: given!.SecretAccessKey!,
    sessionToken: given!.SessionToken!,
  }
  const s3 = new S3Client({ endpoint: system.s3Url, region: 'us-east-1', credentials, forcePathStyle: true })
  const get = (Key: string) => s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
  assert.equal(await (await get('reports/1.txt')).Body?.transformToString(), 'reports/1.txt')
  await assert.rejects(get('other.txt'), { name: 'AccessDenied' })
  await assert.rejects(new STSClient({ ...config, credentials }).send(new GetCallerIdentityCommand({})))
})

test('no route takes a token but those that decide on permissions; what was refused is in the log', async () => {
  const robot = await tokenOf(ada, { scopes: [{ actions: ['read', 'write', 'delete', 'list'] }] })
  const { operations } = await readOpenApi(system.url)
  const taken: string[] = []
  for (const operation of operations) {
    if (operation.security?.length === 0) continue
    const fields = {
      id: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
      userId: 'x',
      tokenId: 'x',
      secretId: 'x',
      store: 'default',
      name: 'x',
      bucket: 'x',
      key: 'x',
      kind: 'user',
    }
    const answer = await send(system.url, operation.method, pathOf(operation, fields), robot.token)
    if (answer.status === 403 && answer.json<Problem>().code === 'insufficient-scope') continue
    taken.push(operation.operationId)
  }
  assert.deepEqual(taken.toSorted(), OPEN_TO_TOKENS.toSorted())
  const events = await auditEvents(admin, '/audit/logs')
  const refusals = events.filter(({ action, outcome }) => action === 'token.use' && outcome === 'deny')
  assert.ok(refusals.length > 10, String(refusals.length))
})

test("an administrator's token is one for administration only with that scope, and only while they are one", async () => {
  const plain = await tokenOf(admin, { scopes: [{ actions: ['read'] }] })
  assert.equal((await plain.get('/users')).json<Problem>().code, 'insufficient-scope')
  assert.equal((await plain.get('/auth/me')).json<{ isAdmin: boolean }>().isAdmin, false)
  const refused = await ada.post('/auth/tokens', { name: 'x', scopes: [], admin: true, expiresAt: inHours(1) })
  assert.equal(refused.status, 403, refused.text)

  const { api: second, id } = await newPerson('second@example.org')
  const change = { name: null, groups: [], state: 'active' }
  assert.equal((await admin.put(`/users/${id}`, { ...change, isAdmin: true })).status, 200)
  const robot = await tokenOf(second, { scopes: [], admin: true })
  assert.equal((await robot.get('/users')).status, 200)
  for (const path of ['/auth/tokens', '/auth/sessions']) {
    assert.equal((await robot.get(path)).json<Problem>().code, 'insufficient-scope', path)
  }
  assert.equal((await admin.put(`/users/${id}`, { ...change, isAdmin: false })).status, 200)
  assert.equal((await robot.get('/users')).json<Problem>().code, 'insufficient-scope')
})

test('the log says which token did something, and who created and deleted it', async () => {
  const robot = await tokenOf(ada, { scopes: [{ bucket, actions: ['read'] }] })
  assert.equal(await sign(robot, 'get', 'other.txt'), 200)
  assert.equal((await admin.delete(`/users/${adaId}/tokens/${robot.id}`)).status, 204)
  assert.equal((await robot.get('/auth/me')).status, 401)
  const { events } = (await admin.get('/audit/logs?limit=200')).json<{
    events: { action: string; userId: string; targetUserId: string | null; detail: { tokenId?: string } | null }[]
  }>()
  const ofIt = events.filter(({ detail }) => detail?.tokenId === robot.id)
  assert.deepEqual(
    ofIt.map(({ action, userId }) => [action, userId === adaId]),
    [
      ['token.delete', false],
      ['object.get', true],
      ['token.create', true],
    ],
  )
  assert.equal(system.log().includes(robot.token), false)
})
