import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Secret, TOTP } from 'otpauth'
import { type Api, apiOf, type Problem, signInAsAdmin, type Tokens, type Vended } from './api.ts'
import { upload, use } from './client-steps.ts'
import { request } from './http.ts'
import { type Call, type OpenApi, pathOf, readOpenApi, send } from './openapi-document.ts'
import { poll } from './poll.ts'
import { softwareAuthenticator } from './software-authenticator.ts'
import { startSystem, type System } from './system.ts'

const PASSWORD = 'seven brave turnips'
const LIBRARY = 'skycrate-library'
const WITHIN_MS = 60_000

let system: System
let api: Api & { readonly tokens: Tokens }
let openApi: OpenApi
let bucket: string

/** Asks as the administrator, and returns the JSON of the answer. */
async function call<T>(operationId: string, asked?: Call): Promise<T> {
  const answer = await openApi.call(api, operationId, asked)
  return (answer.text === '' ? undefined : answer.json<T>()) as T
}

const ended = (jobId: string): Promise<string> =>
  poll(`job ${jobId} ended`, WITHIN_MS, async () => {
    const { state } = await call<{ state: string }>('job', { params: { id: jobId } })
    return state !== 'queued' && state !== 'running' && state
  })

before(async () => {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  system = await startSystem({
    env: { SKYCRATE_SIGN_UP: 'open', SKYCRATE_CDN_KEYS: JSON.stringify([{ id: 'KEY', privateKey }]) },
  })
  api = await signInAsAdmin(system)
  openApi = await readOpenApi(system.url)
  bucket = (await call<{ bucket: string }>('home')).bucket
})
after(() => system?.[Symbol.asyncDispose]())

test('the document is valid OpenAPI 3.1', async () => {
  assert.match(openApi.document.openapi, /^3\.1\./)
  const { valid, errors } = await new Validator().validate(structuredClone(openApi.document))
  assert.ok(valid, JSON.stringify(errors))
  const names = openApi.operations.map(({ operationId }) => operationId)
  assert.equal(new Set(names).size, names.length, 'every operation has a name of its own')
})

test('versions, folders, copies and records of files answer as documented', async () => {
  await upload(api, bucket, 'ops/a.txt', 'x')
  await call('listVersions', { params: { bucket, key: 'ops/a.txt' } })
  await call('restoreObject', { body: { bucket, key: 'ops/a.txt' } })
  await call('createFolder', { body: { bucket, key: 'ops/empty/' } })
  const [from, to] = [
    { bucket, prefix: 'ops/' },
    { bucket, prefix: 'copied/' },
  ]
  assert.equal(await ended((await call<{ id: string }>('copyObjects', { body: { from, to } })).id), 'done')
  const moved = { from: to, to: { bucket, prefix: 'moved/' } }
  assert.equal(await ended((await call<{ id: string }>('moveObjects', { body: moved })).id), 'done')
  const prefixes = ['ops/', 'moved/']
  await call('deleteObjects', { body: { bucket, prefixes, countOnly: true } })
  const { deletedSince } = await call<{ deletedSince: string }>('deleteObjects', { body: { bucket, prefixes } })
  await call('listDeletions', { params: { bucket }, query: { prefix: 'ops/' } })
  const { id } = await call<{ id: string }>('restoreDeleted', { body: { bucket, prefixes, deletedSince } })
  assert.equal(await ended(id), 'done')

  for (const [create, list, remove, key] of [
    ['createFile', 'listFiles', 'deleteFile', 'ops/a.txt'],
    ['createImage', 'listImages', 'deleteImage', 'moved/a.txt'],
  ] as const) {
    const file = await call<{ id: string }>(create, { body: { bucket, key, filename: 'a.txt' } })
    await call(list, { query: { limit: '1' } })
    await call('file', { params: { id: file.id } })
    await call('updateFile', { params: { id: file.id }, body: { metadata: { album: 'x' } } })
    await call(remove, { params: { id: file.id } })
  }
})

test('links answer as documented', async () => {
  await upload(api, bucket, 'shared/a.txt', 'x')
  const file = await call<{ id: string; token: string }>('createShare', { body: { bucket, key: 'shared/a.txt' } })
  const password = 'open sesame'
  const folder = await call<{ token: string }>('createShare', { body: { bucket, prefix: 'shared/', password } })
  const box = await call<{ token: string }>('createShare', { body: { bucket, prefix: 'box/', upload: true } })
  await call('sharedLink', { params: { token: file.token } })
  await call('sharedLink', { params: { token: folder.token } })
  const params = { token: folder.token }
  const { pass } = await call<{ pass: string }>('unlockShare', { params, body: { password } })
  await call('listShared', { params, body: { pass } })
  await call('downloadShared', { params, body: { pass, path: 'a.txt' } })
  await call('uploadShared', { params: { token: box.token }, body: { name: 'a.txt', size: 1 } })
  await call('listShares')
  await call('listAllShares', { query: { limit: '1' } })
  await call('revokeShare', { params: { id: file.id } })
  await call('sharing')
  await call('updateSharing', { body: { enabled: true } })
})

test('quotas answer as documented', async () => {
  const params = { kind: 'bucket', id: bucket }
  await call('setQuota', { params, body: { maxObjects: 1_000_000 } })
  await call('quota', { params })
  await call('listQuotas', { query: { limit: '1' } })
  await call('recountQuota', { params })
  await call('myQuotas')
  await call('deleteQuota', { params })
})

test('objects and uploads answer as documented', async () => {
  await upload(api, bucket, 'a/b.txt', 'x')
  await upload(api, bucket, 'c.txt', 'x')
  for (const operation of ['get', 'put', 'head', 'delete']) {
    await call('presignedUrl', { body: { bucket, key: 'c.txt', operation } })
  }
  const requests = [bucket, 'not-yours'].map((each) => ({ bucket: each, key: 'c.txt', operation: 'get' }))
  const { results } = await call<{ results: { problem?: Problem }[] }>('presignedUrls', { body: { requests } })
  assert.deepEqual(
    results.map(({ problem }) => problem?.code),
    [undefined, 'forbidden'],
  )
  const delivery = { url: 'https://cdn.example.test', keyId: 'KEY', cookieDomain: null }
  await call('changeBucket', { params: { store: 'default', name: bucket }, body: { retentionDays: null, delivery } })
  await call('presignedUrl', { body: { bucket, key: 'c.txt', operation: 'get', via: 'cdn' } })
  await call('deliveryCookies', { body: { bucket, prefix: 'a/' } })
  await call('thumbnails', { body: { bucket, objects: [{ key: 'c.txt' }, { key: 'gone.png' }] } })
  await call('search', { query: { q: 'c.txt' } })
  await call('star', { body: { bucket, key: 'c.txt' } })
  await call('listStarred')
  await call('unstar', { query: { bucket, key: 'c.txt' } })
  await call('listRecent')
  await call('setTags', { params: { bucket, key: 'c.txt' }, body: { tags: [{ key: 'a', value: 'b' }] } })
  await call('objectMetadata', { params: { bucket, key: 'c.txt' } })
  await call('presignedPost', { body: { bucket, key: 'form.txt', maxSize: 100, contentType: 'text/plain' } })
  await call('buckets')
  await call('listObjects', { params: { bucket }, query: { delimiter: '/' } })
  await call('listObjects', { params: { bucket }, query: { limit: '1' } })
  await call('deleteObject', { params: { bucket, key: 'a/b.txt' } })

  const place = { bucket, key: 'parts.bin' }
  const { uploadId } = await call<{ uploadId: string }>('createUpload', { body: { ...place, size: 3 } })
  const { parts } = await call<{ parts: (Vended & { partNumber: number })[] }>('signParts', {
    body: { ...place, uploadId, partNumbers: [1] },
  })
  const put = await use({ ...parts[0]!, method: 'PUT' }, 'abc')
  assert.equal(put.status, 200, put.text)
  const stored = await call<{ parts: { partNumber: number; etag: string; size: number }[] }>('uploadedParts', {
    query: { ...place, uploadId },
  })
  const etags = stored.parts.map(({ partNumber, etag }) => ({ partNumber, etag }))
  await call('completeUpload', { body: { ...place, uploadId, parts: etags, ifNoneMatch: '*' } })
  const size = stored.parts.reduce((sum, each) => sum + each.size, 0)
  await call('confirmUpload', { body: { ...place, size } })
  const given = await call<{ uploadId: string }>('createUpload', { body: { ...place, size: 3 } })
  await call('abortUpload', { query: { ...place, uploadId: given.uploadId } })

  await call('locations', { query: { limit: '1' } })
  await call('createCredentials', { body: { bucket, prefix: 'a/', actions: ['read'], durationSeconds: 900 } })
})

test('permissions answer as documented', async () => {
  const permission = { principal: { kind: 'group', group: 'staff' }, bucket, prefix: 'a/', actions: ['read'] }
  const body = { ...permission, expiresAt: '2099-01-01T00:00:00Z' }
  const { id } = await call<{ id: string }>('createPermission', { body })
  assert.equal((await openApi.call(api, 'createPermission', { body })).status, 200)
  await call('listPermissions')
  await call('myPermissions')
  await call('permission', { params: { id } })
  await call('replacePermission', { params: { id }, body: { ...permission, prefix: 'b/' } })
  await call('previewPermission', { body: { delete: { id } } })
  await call('previewPermission', { body: { create: { ...permission, principal: { kind: 'everyone' } } } })
  await call('whoCan', { body: { bucket, key: 'b/x', action: 'read' } })
  for (const [inBucket, key] of [
    [bucket, 'a/b.txt'],
    [LIBRARY, 'public/x'],
    [LIBRARY, 'elsewhere/x'],
  ]) {
    await call('explain', { body: { bucket: inBucket, key, action: 'read' } })
  }
  const csv = (await openApi.call(api, 'exportPermissions')).text
  await call('importPermissions', { query: { dryRun: 'true' }, body: csv })
  await call('importPermissions', { body: csv })
  await call('deletePermission', { params: { id } })
})

test('users, their sign-ins, groups and homes answer as documented', async () => {
  const invited = await call<{ id: string; invitation: { token: string } }>('createUser', {
    body: { email: 'invited@example.org', name: 'Invited', invite: true },
  })
  await call('acceptInvitation', { body: { token: invited.invitation.token, password: PASSWORD, name: 'Ivy' } })
  const params = { id: invited.id }
  const { token } = await call<{ token: string }>('resetUserPassword', { params })
  await call('resetPassword', { body: { token, password: `${PASSWORD}!` } })
  await call('createUser', { body: { email: 'prepared@example.org', identity: {} } })
  await call('createUser', { body: { email: 'other@example.org', password: PASSWORD } })
  await call('listUsers', { query: { search: 'ivy' } })
  await call('listUsers', { query: { limit: '1', state: 'active' } })

  const { id: groupId } = await call<{ id: string }>('createGroup', { body: { name: 'editors' } })
  const ofGroup = { params: { id: groupId } }
  await call('updateGroup', { ...ofGroup, body: { name: 'authors', description: 'Who write' } })
  await call('addGroupMember', { params: { id: groupId, userId: invited.id } })
  await call('groupMembers', { ...ofGroup, query: { limit: '1' } })
  await call('group', ofGroup)
  await call('listGroups', { query: { search: 'aut' } })
  await call('user', { params })
  await call('deleteGroupMember', { params: { id: groupId, userId: invited.id } })
  await call('deleteGroup', ofGroup)

  const login = { email: 'invited@example.org', password: `${PASSWORD}!` }
  const tokens = await call<Tokens>('login', { body: login })
  const own = apiOf(system.url, tokens.access_token)
  await openApi.call(own, 'me')
  await openApi.call(own, 'updateMe', { body: { name: 'Ivy B.' } })
  await openApi.call(own, 'home')
  await openApi.call(own, 'listIdentities')
  const hash = `$2b$10$${'a'.repeat(53)}`
  await call('importUsers', { query: { dryRun: 'true' }, body: `email,passwordHash\nmany@example.org,${hash}\n` })
  const other = await call<Tokens>('login', { body: login })
  const list = (await openApi.call(own, 'listSessions')).json<{ sessions: { id: string; current: boolean }[] }>()
  const { sessions } = list
  assert.deepEqual(
    sessions.map(({ current }) => current),
    [false, true],
  )
  await openApi.call(own, 'endSession', { params: { id: sessions[0]!.id } })
  assert.equal((await apiOf(system.url, other.access_token).get('/auth/me')).status, 401)
  await openApi.call(own, 'endOtherSessions')
  const started = await call<{ device_code: string; user_code: string }>('startDevice', { body: { client_id: 'test' } })
  const { device_code, user_code: userCode } = started
  await openApi.call(own, 'waitingDevice', { body: { userCode } })
  await openApi.call(own, 'decideDevice', { body: { userCode, allow: true } })
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  await call('deviceToken', { body: { grant_type, device_code } })
  const machine = await call<{ id: string; secret: string }>('createClient', { body: { name: 'Importer' } })
  const ofMachine = { params: { id: machine.id } }
  const secondSecret = await call<{ id: string }>('createClientSecret', ofMachine)
  await call('listClients')
  const credentials = { client_id: machine.id, client_secret: machine.secret }
  await call('clientToken', { body: { grant_type: 'client_credentials', ...credentials } })
  await call('deleteClientSecret', { params: { id: machine.id, secretId: secondSecret.id } })
  const expiresAt = new Date(Date.now() + WITHIN_MS * 60).toISOString()
  const wish = { body: { name: 'Robot', scopes: [{ bucket: LIBRARY, actions: ['read'] }], expiresAt } }
  const robots = [await openApi.call(own, 'createToken', wish), await openApi.call(own, 'createToken', wish)]
  const [first, second] = robots.map((answer) => answer.json<{ id: string }>().id)
  await openApi.call(own, 'listTokens')
  await openApi.call(own, 'deleteToken', { params: { id: first! } })
  await call('listUserTokens', { params })
  await call('deleteUserToken', { params: { ...params, tokenId: second! } })
  await openApi.call(own, 'myActivity', { query: { limit: '1' } })
  const refreshed = await call<Tokens>('refresh', { body: { refresh_token: tokens.refresh_token } })
  await call('logout', { body: { refresh_token: refreshed.refresh_token } })

  const userId = invited.id
  await call('listHomes', { query: { search: 'invited@' } })
  await call('retryHome', { params: { userId } })
  const deletion = await call<{ id: string }>('deleteHome', { params: { userId }, query: { contents: 'delete' } })
  assert.equal(await ended(deletion.id), 'done')
  await call('endUserSessions', { params })
  await call('auditUserStats', { params })
  const change = { name: null, isAdmin: false, groups: [] }
  for (const state of ['suspended', 'active']) await call('updateUser', { params, body: { ...change, state } })
  const last = await call<{ id: string }>('deleteUser', { params })
  assert.equal(await ended(last.id), 'done')
})

test('second factors answer as documented', async () => {
  const body = { email: 'factors@example.org', password: PASSWORD }
  const { id } = await call<{ id: string }>('createUser', { body })
  const own = apiOf(system.url, (await call<Tokens>('login', { body })).access_token)
  const as = async <T>(operationId: string, asked?: Call): Promise<T> => {
    const { text } = await openApi.call(own, operationId, asked)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  const { secret } = await as<{ secret: string }>('startTotp')
  const code = TOTP.generate({ secret: Secret.fromBase32(secret) })
  await as('confirmTotp', { body: { code } })
  const { recoveryCodes } = await as<{ recoveryCodes: string[] }>('createRecoveryCodes')
  const authenticator = softwareAuthenticator(system.url.replace('127.0.0.1', 'localhost'))
  const { challenge_token, options } = await as<{ challenge_token: string; options: object }>('startPasskey')
  const passkey = authenticator.create(options)
  await as('createPasskey', { body: { challenge_token, name: 'Software', passkey } })
  await as('renamePasskey', { params: { id: authenticator.id }, body: { name: 'In software' } })
  await as('factors')
  await as('freshChallenge')
  const asked = await call<{ challenge_token: string; passkey: object }>('login', { body })
  const answer = { challenge_token: asked.challenge_token, passkey: authenticator.get(asked.passkey) }
  await call('challenge', { body: answer })
  const { challenge_token: second } = await call<{ challenge_token: string }>('login', { body })
  await call('challenge', { body: { challenge_token: second, recoveryCode: recoveryCodes[0] } })
  await call('passkeyChallenge')
  await as('deletePasskey', { params: { id: authenticator.id } })
  await as('deleteTotp')
  await call('resetUserFactors', { params: { id } })
})

test('sign-up, mail, issuers and directories answer as documented', async () => {
  const email = 'grace@example.org'
  await call('signUpOptions')
  await call('signUp', { body: { email, password: PASSWORD, name: 'Grace' } })
  await call('resendCode', { body: { email } })
  await call('mail')
  await call('doctor')
  const { mails } = await call<{ mails: { to: string; subject: string }[] }>('mailOutbox')
  const code = /\d{6}/.exec(mails.find(({ to }) => to === email)!.subject)![0]
  await call('confirmSignUp', { body: { email, code } })
  await call('forgotPassword', { body: { email } })
  const signedIn = await apiOf(system.url, undefined).post('/auth/login', { email, password: PASSWORD })
  const grace = apiOf(system.url, signedIn.json<Tokens>().access_token)
  await openApi.call(grace, 'deleteAccount', { body: { password: PASSWORD } })

  const issuer = { name: 'Nobody', issuer: 'http://127.0.0.1:1/', audience: 'files' }
  const { id } = await call<{ id: string }>('createIssuer', { body: issuer })
  await call('listIssuers')
  await call('issuer', { params: { id } })
  await call('updateIssuer', { params: { id }, body: { ...issuer, name: 'Still nobody' } })
  await call('testIssuer', { body: { id } })
  await call('deleteIssuer', { params: { id } })

  const directory = await call<{ id: string }>('createDirectory', { body: { name: 'Okta', matchBy: 'email' } })
  const params = { id: directory.id }
  await call('listDirectories')
  await call('directory', { params })
  await call('updateDirectory', { params, body: { name: 'Entra' } })
  await call('createDirectoryToken', { params })
  await call('deleteDirectoryToken', { params })
  await call('deleteDirectory', { params })
})

test('buckets and jobs answer as documented', async () => {
  const name = 'documented-files'
  const params = { store: 'default', name }
  await call('checkBucket', { body: { name } })
  await call('addBucket', { body: { name, mode: 'create', retentionDays: 3 } })
  await poll('the bucket is ready', WITHIN_MS, async () => {
    const { state } = await call<{ state: string }>('bucket', { params })
    return state === 'ready'
  })
  await call('checkBucket', { body: { name } })
  await call('changeBucket', { params, body: { retentionDays: 9, apply: ['versioned', 'lifecycle'] } })
  await upload(api, bucket, 'counted.txt', 'x')
  const counting = await call<{ id: string }>('countBucket', { params })
  assert.equal(await ended(counting.id), 'done')
  // Counting can be cancelled; a job that has ended stays as it is.
  await call('cancelJob', { params: { id: counting.id } })
  const taking = await call<{ id: string }>('takeInventory', { body: { bucket: name } })
  assert.equal(await ended(taking.id), 'done')
  await call('countOwnPlaces')
  await call('setInventoryFiles', { params, body: { location: { bucket: name, prefix: 'inventory/' } } })
  await call('inventoryFiles', { params })
  await call('setInventoryFiles', { params, body: { location: null } })
  for (const by of ['location', 'user', 'class']) await call('storageUsage', { query: { scope: 'all', by } })
  await call('storageUsage', { query: { scope: 'all', by: 'prefix', bucket: name } })
  await call('storageStats', { query: { scope: 'all' } })
  await call('storageStats')
  await call('costAnalysis', { query: { scope: 'all' } })
  await call('storageClasses')
  await call('bucketRules', { params })
  const rule = { prefix: 'cold/', minBytes: 131_072, state: 'current', afterDays: 30, toClass: 'STANDARD_IA' }
  await call('changeBucketRules', { params, body: { rules: [rule] } })
  await call('changeClass', { body: { bucket, key: 'counted.txt', storageClass: 'STANDARD_IA' } })
  await call('bucket', { params })
  await call('listBuckets', { query: { kind: 'created' } })
  await call('listJobs', { query: { limit: '1' } })
  await call('deleteBucket', { params, query: { confirm: name } })
})

test('the audit log answers as documented', async () => {
  await call('auditLogs')
  await call('auditLogs', { query: { limit: '1', outcome: 'deny' } })
  await call('auditStats')
  await openApi.call(api, 'auditExport', { query: { format: 'csv' } })
  await openApi.call(api, 'auditExport', { query: { format: 'jsonl', action: 'object.put' } })
})

test('every operation refuses as documented: without a sign-in, without the right, with rubbish, of what is not there', async () => {
  const body = { email: 'nobody-much@example.org', password: PASSWORD }
  await call('createUser', { body })
  const ordinary = await call<Tokens>('login', { body })
  const nobody = 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8'
  const kinds: readonly string[] = ['users', 'groups', 'permissions', 'jobs']
  for (const operation of openApi.operations) {
    const { operationId, method, security, requestBody } = operation
    const kind = ['usr', 'grp', 'prm', 'job'][kinds.indexOf(operation.path.split('/')[3]!)] ?? 'usr'
    const path = pathOf(operation, {
      id: nobody.replace('usr', kind),
      userId: nobody,
      tokenId: 'tok_01kaj7x2v9c4t0m8q3n5p6r7s8',
      secretId: 'sec_01kaj7x2v9c4t0m8q3n5p6r7s8',
      store: 'default',
      name: 'no-bucket-of-ours',
      bucket: 'no-bucket-of-ours',
      key: 'x',
      kind: 'user',
      token: `skys_${'x'.repeat(43)}`,
    })
    const anonymous = await send(system.url, method, path, undefined)
    if (security?.length !== 0) assert.equal(anonymous.status, 401, operationId)
    openApi.assertDocumented(operation, anonymous)
    openApi.assertDocumented(operation, await send(system.url, method, path, ordinary.access_token))
    const rubbish = await send(system.url, method, path, api.token, { rubbish: true })
    if (requestBody) {
      const takesJson = requestBody.content['application/json'] !== undefined
      assert.equal(rubbish.status, takesJson ? 400 : 415, operationId)
      if (takesJson) assert.notEqual(openApi.exampleOf(operation), undefined, operationId)
    }
    openApi.assertDocumented(operation, rubbish)
    openApi.assertDocumented(operation, await send(system.url, method, `${path}?rubbish=true`, api.token))
    openApi.assertDocumented(operation, await send(system.url, method, path, api.token, openApi.exampleOf(operation)))
  }
})

test('sign-ins through issuers answer as documented', async () => {
  await call('issuers')
  await call('startSignIn', { params: { id: 'iss_unknown' }, query: { returnTo: '/files' } })
  await call('finishSignIn', { query: { state: 'x', code: 'y', session_state: 'z' } })
  await call('signOut')
})

test('the pages beside the API are there', async () => {
  for (const path of ['/docs', '/healthz', '/readyz', '/openapi.json', '/']) {
    const answer = await request(system.url + path, { headers: { accept: 'text/html' } })
    assert.ok([200, 301, 302, 303, 307, 308].includes(answer.status), `${path}: ${answer.status}`)
  }
  const health = await request(`${system.url}/healthz`)
  assert.equal(health.status, 200)
})

test('the discovery document names what is there', async () => {
  const discovery = (await request(`${system.url}/.well-known/openid-configuration`)).json<Record<string, string>>()
  // By the name of loopback that the server listens on.
  const here = (name: string): string => discovery[name]!.replace(discovery['issuer']!, system.url)
  const { keys } = (await request(here('jwks_uri'))).json<{ keys: object[] }>()
  assert.ok(keys.length > 0)
  const form = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials&client_id=x&client_secret=y',
  }
  const answer = await request(here('token_endpoint'), form)
  assert.equal(answer.status, 401)
  assert.equal(answer.json<{ error: string }>().error, 'invalid_client')
})

test('a new password ends the sessions of the old one', async () => {
  const again = await signInAsAdmin(system)
  const change = { currentPassword: system.admin.password, newPassword: 'a longer, other passphrase' }
  await openApi.call(again, 'changePassword', { body: change })
  const stale = await apiOf(system.url, undefined).post('/auth/refresh', { refresh_token: again.tokens.refresh_token })
  assert.equal(stale.status, 401)
  assert.equal((await again.get('/auth/me')).status, 401)
  const login = { email: system.admin.email, password: change.newPassword }
  assert.equal((await apiOf(system.url, undefined).post('/auth/login', login)).status, 200)
})

test('every operation of the document was tried', () => {
  // They take an issuer and a mail server: `issuer-sign-in.test.ts`, `linking.test.ts`, `mail.test.ts`.
  const elsewhere = new Set(['backChannelLogout', 'startLink', 'unlinkIdentity', 'testMail'])
  const all = openApi.operations.map(({ operationId }) => operationId).filter((name) => !elsewhere.has(name))
  assert.deepEqual([...openApi.succeeded].toSorted(), all.toSorted())
})
