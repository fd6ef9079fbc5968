import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fromCognitoIdentity } from '@aws-sdk/credential-providers'
import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
  GetOpenIdTokenCommand,
} from '@aws-sdk/client-cognito-identity'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Amplify } from 'aws-amplify'
import { decodeJWT, fetchAuthSession } from 'aws-amplify/auth'
import { cognitoCredentialsProvider } from 'aws-amplify/auth/cognito'
import { downloadData, getUrl, list, remove, uploadData } from 'aws-amplify/storage'
import { apiOf, signInAsAdmin } from './api.ts'
import { upload } from './client-steps.ts'
import { dispatchLocally } from './dispatch-locally.ts'
import { CLIENT_ID, python, startWorld, sts, textOf, withoutAws, type World } from './door-steps.ts'
import { request } from './http.ts'
import { runGuide } from './run-guide.ts'

const POOL = 'us-east-1:11111111-2222-3333-4444-555555555555'
/** With a dot, so that Amplify puts the bucket into the path: its host is AWS's. */
const BUCKET = 'skycrate.library'
const APP = 'https://app.example.test'

let world: World
let client: CognitoIdentityClient
/** What a login is called: the issuer without its scheme. */
let provider: string

before(async () => {
  world = await startWorld({
    SKYCRATE_GUESTS: 'true',
    SKYCRATE_LIBRARY_BUCKET: BUCKET,
    SKYCRATE_WEB_ORIGINS: APP,
  })
  await upload(world.ada, BUCKET, 'public/all.txt', 'for all')
  client = clientOf()
  provider = world.issuer.issuer.replace('http://', '')
})
after(() => world?.[Symbol.asyncDispose]())

const clientOf = (): CognitoIdentityClient =>
  new CognitoIdentityClient({ endpoint: `${world.system.url}/cognito-identity`, region: 'us-east-1', maxAttempts: 1 })

const loginsOf = (person: World['ada']): Record<string, string> => ({ [provider]: person.idToken() })

type Given = Awaited<ReturnType<typeof credentials>>

const credentials = (IdentityId: string, Logins?: Record<string, string>) =>
  client.send(new GetCredentialsForIdentityCommand({ IdentityId, ...(Logins && { Logins }) }))

const getId = async (Logins?: Record<string, string>): Promise<string> =>
  (await client.send(new GetIdCommand({ IdentityPoolId: POOL, ...(Logins && { Logins }) }))).IdentityId!

const s3Of = ({ Credentials: given }: Given): S3Client =>
  new S3Client({
    endpoint: world.system.s3Url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: {
      accessKeyId: given!.AccessKeyId!,
      secretAccessKey: given!.SecretKey!,
      sessionToken: given!.SessionToken!,
    },
  })

const get = (s3: S3Client, Key: string): Promise<unknown> => s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }))
const put = (s3: S3Client, Key: string): Promise<unknown> =>
  s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }))
const denied = { name: 'AccessDenied' }
const notAuthorized = { name: 'NotAuthorizedException' }

test('an identity is its user, at this door as at every other', async () => {
  const { ada, bob, admin, system } = world
  assert.equal(await getId(loginsOf(ada)), ada.id)
  assert.equal(await getId({ [`${provider}/`]: ada.idToken() }), ada.id)
  assert.equal(await getId({ [provider.replace(/\/$/, '')]: ada.token! }), ada.id, 'an access token counts too')
  const own = await getId({ [system.url.replace('http://127.0.0.1', 'localhost')]: admin.token! })
  assert.match(own, /^usr_/)
  const s3 = s3Of(await credentials(ada.id, loginsOf(ada)))
  await put(s3, `private/${ada.id}/x.txt`)
  assert.equal((await ada.get(`/s3/list/${BUCKET}?prefix=private/${ada.id}/`)).status, 200)
  for (const key of [`private/${bob.id}/x.txt`, `protected/${bob.id}/x.txt`, 'u12/x']) {
    await assert.rejects(put(s3, key), denied)
  }
  await assert.rejects(get(s3, 'u12/secret.txt'), denied)
})

test('credentials are good for 55 minutes at least, since Amplify keeps them for 50', async () => {
  const id = world.ada.id
  const { Credentials: given } = await credentials(id, loginsOf(world.ada))
  assert.ok(given!.Expiration!.getTime() >= Date.now() + 55 * 60_000)
  const answer = await world.admin.post('/permissions', {
    principal: { kind: 'user', userId: id },
    bucket: BUCKET,
    prefix: 'soon/',
    actions: ['read', 'write'],
    expiresAt: new Date(Date.now() + 30 * 60_000).toISOString(),
  })
  assert.equal(answer.status, 201, answer.text)
  const later = await credentials(id, loginsOf(world.ada))
  assert.ok(later.Credentials!.Expiration!.getTime() >= Date.now() + 55 * 60_000)
  await assert.rejects(put(s3Of(later), 'soon/x'), denied, 'what ends before is left out')
})

test('guests get what guests may do, and an id of their own', async () => {
  const id = await getId()
  assert.match(id, /^us-east-1:[0-9a-f-]{36}$/)
  assert.notEqual(await getId(), id)
  const s3 = s3Of(await credentials(id))
  await get(s3, 'public/all.txt')
  await assert.rejects(put(s3, 'public/x.txt'), denied)
  await assert.rejects(get(s3, 'u12/secret.txt'), denied)
  await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'private/' })), denied)
})

test("a guest who signs in gets their own id; nobody gets another's", async () => {
  const { ada, bob } = world
  const guest = await getId()
  const own = await credentials(guest, loginsOf(ada))
  assert.equal(own.IdentityId, ada.id)
  await put(s3Of(own), `private/${ada.id}/from-guest.txt`)
  await assert.rejects(credentials(ada.id), notAuthorized, 'without a login')
  await assert.rejects(credentials(ada.id, loginsOf(bob)), notAuthorized)
  await assert.rejects(credentials(ada.id, { [provider]: 'rubbish' }), notAuthorized)
  await assert.rejects(credentials(ada.id, { 'accounts.google.com': ada.idToken() }), notAuthorized)
  const expired = world.issuer.token({ sub: 'u1', aud: CLIENT_ID, exp: 1000 })
  await assert.rejects(credentials(ada.id, { [provider]: expired }), notAuthorized)
  const two = { ...loginsOf(ada), other: bob.idToken() }
  await assert.rejects(credentials(ada.id, two), { name: 'InvalidParameterException' })
  for (const id of ['x', 'us-east-1:x', '../public', `${ada.id}/`]) {
    await assert.rejects(credentials(id, loginsOf(ada)), { name: 'ResourceNotFoundException' }, id)
  }
})

test('an OpenID token is good at /sts, for the same user, and nowhere else', async () => {
  const { ada, system } = world
  const given = await client.send(new GetOpenIdTokenCommand({ IdentityId: ada.id, Logins: loginsOf(ada) }))
  const form = { Action: 'AssumeRoleWithWebIdentity', WebIdentityToken: given.Token! }
  const answer = await sts(system, form)
  assert.equal(answer.status, 200, answer.text)
  assert.equal(textOf(answer.text, 'SubjectFromWebIdentityToken'), ada.id)
  const api = await request(`${system.url}/api/v1/auth/me`, { headers: { authorization: `Bearer ${given.Token}` } })
  assert.equal(api.status, 401)
  await assert.rejects(credentials(ada.id, { [provider]: given.Token! }), notAuthorized)
  await assert.rejects(client.send(new GetOpenIdTokenCommand({ IdentityId: await getId() })), notAuthorized)
})

test('an OpenID token ends with the session that it was got in', async () => {
  const { system } = world
  const Logins = (token: string) => ({ [system.url.replace('http://127.0.0.1', 'localhost')]: token })
  const { tokens } = await signInAsAdmin(system)
  const IdentityId = await getId(Logins(tokens.access_token))
  const open = new GetOpenIdTokenCommand({ IdentityId, Logins: Logins(tokens.access_token) })
  const form = { Action: 'AssumeRoleWithWebIdentity', WebIdentityToken: (await client.send(open)).Token! }
  assert.equal((await sts(system, form)).status, 200)
  const signOut = await apiOf(system.url, undefined).post('/auth/logout', { refresh_token: tokens.refresh_token })
  assert.equal(signOut.status, 204, signOut.text)
  assert.equal(textOf((await sts(system, form)).text, 'Code'), 'InvalidIdentityToken')
})

test('an access token with a scope is not exchanged for one without', async () => {
  const { admin, system } = world
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  const made = await admin.post('/auth/tokens', {
    name: 'Robot',
    expiresAt,
    scopes: [{ bucket: BUCKET, actions: ['read'] }],
  })
  assert.equal(made.status, 201, made.text)
  const { token } = made.json<{ token: string }>()
  const Logins = { [system.url.replace('http://127.0.0.1', 'localhost')]: token }
  const IdentityId = await getId(Logins)
  const s3 = s3Of(await credentials(IdentityId, Logins))
  await get(s3, 'public/all.txt')
  await assert.rejects(put(s3, 'public/x.txt'), denied)
  await assert.rejects(client.send(new GetOpenIdTokenCommand({ IdentityId, Logins })), notAuthorized)
})

const BOTO3 = `
import boto3, botocore, os, sys
unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED)
pool = boto3.client('cognito-identity', endpoint_url=sys.argv[3], config=unsigned)
logins = {sys.argv[1]: sys.argv[2]}
id = pool.get_id(IdentityPoolId='${POOL}', Logins=logins)['IdentityId']
keys = pool.get_credentials_for_identity(IdentityId=id, Logins=logins)['Credentials']
s3 = boto3.client('s3', endpoint_url=os.environ['S3'], aws_access_key_id=keys['AccessKeyId'], aws_secret_access_key=keys['SecretKey'], aws_session_token=keys['SessionToken'])
s3.put_object(Bucket='${BUCKET}', Key='u1/boto3.txt', Body=b'hello')
try:
    s3.get_object(Bucket='${BUCKET}', Key='u12/secret.txt')
except botocore.exceptions.ClientError as error:
    print(id, error.response['Error']['Code'])
`

test('boto3 signs in, works in its own folder and is refused at a neighbour', { skip: withoutAws }, async () => {
  const endpoint = `${world.system.url}/cognito-identity`
  const said = await python(world, {}, BOTO3, provider, world.ada.idToken(), endpoint)
  assert.equal(said.trim(), `${world.ada.id} AccessDenied`)
})

test("so does the AWS SDK's credential provider", async () => {
  const clientConfig = { endpoint: `${world.system.url}/cognito-identity`, region: 'us-east-1' }
  const provide = fromCognitoIdentity({ clientConfig, identityId: world.ada.id, logins: loginsOf(world.ada) })
  const s3 = new S3Client({
    endpoint: world.system.s3Url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: provide,
  })
  await put(s3, 'u1/js.txt')
  await assert.rejects(get(s3, 'u12/secret.txt'), denied)
})

test('Amplify signs in, works in its own folders and is refused at a neighbour; as a guest too', async () => {
  const { ada, bob, system } = world
  // Amplify has no setting for the host of S3.
  const undo = await dispatchLocally((host) => (host === 's3.us-east-1.amazonaws.com' ? system.s3Url : undefined))
  try {
    let signedIn = false
    const tokens = {
      getTokens: async () => {
        if (!signedIn) return null
        return { accessToken: decodeJWT(ada.token!), idToken: decodeJWT(ada.idToken()) }
      },
    }
    Amplify.configure(
      {
        Auth: {
          Cognito: {
            identityPoolId: POOL,
            identityPoolEndpoint: `${system.url}/cognito-identity`,
            allowGuestAccess: true,
          } as never,
        },
        Storage: { S3: { bucket: BUCKET, region: 'us-east-1' } },
      },
      { Auth: { tokenProvider: tokens, credentialsProvider: cognitoCredentialsProvider } },
    )
    assert.match((await fetchAuthSession()).identityId!, /^us-east-1:/)
    assert.equal(await (await downloadData({ path: 'public/all.txt' }).result).body.text(), 'for all')
    await assert.rejects(uploadData({ path: 'public/guest.txt', data: 'x' }).result)

    signedIn = true
    const session = await fetchAuthSession({ forceRefresh: true })
    assert.equal(session.identityId, ada.id)
    const path = ({ identityId }: { identityId?: string }): string => `private/${identityId}/amplify/photo.txt`
    await uploadData({ path, data: 'mine' }).result
    assert.equal(await (await downloadData({ path }).result).body.text(), 'mine')
    const listed = await list({ path: ({ identityId }) => `private/${identityId}/` })
    assert.ok(listed.items.some((item) => item.path === `private/${ada.id}/amplify/photo.txt`))
    assert.match((await getUrl({ path })).url.href, /X-Amz-Signature/)
    await remove({ path })
    await assert.rejects(downloadData({ path }).result)
    // The levels of version 5, by key.
    await uploadData({ key: 'old.txt', data: 'x', options: { accessLevel: 'protected' } }).result
    await uploadData({ path: 'u1/amplify.txt', data: 'x' }).result
    for (const other of ['u12/secret.txt', `private/${bob.id}/x.txt`]) {
      await assert.rejects(downloadData({ path: other }).result, /denied/i)
      await assert.rejects(uploadData({ path: other, data: 'x' }).result, /denied/i)
    }
    await assert.rejects(list({ path: 'u12/' }), /denied/i)

    await runGuide('amplify.md', 'Tokens of another issuer', {
      replace: (text) =>
        text
          .replaceAll('https://files.example.com', system.url)
          .replaceAll('files-library', BUCKET)
          .replaceAll('eu-central-1', 'us-east-1'),
      values: { accessToken: ada.token, idToken: ada.idToken(), file: 'a photo' },
      import: (name) => import(name) as Promise<object>,
    })
    const photo = await downloadData({ path: `private/${ada.id}/photo.jpg` }).result
    assert.equal(await photo.body.text(), 'a photo')
  } finally {
    undo()
  }
})

/** A request as it stands on the wire. */
async function raw(target: string, body: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  const answer = await request(`${world.system.url}/cognito-identity`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target, ...headers },
    body,
  })
  return [answer.status, answer.json<{ __type: string }>().__type]
}

test('what is not of the protocol is refused in its words', async () => {
  const service = 'AWSCognitoIdentityService'
  for (const target of ['', 'GetId', `${service}.DeleteIdentities`, `${service}.__proto__`, `${service}.GetId.x`]) {
    assert.deepEqual(await raw(target, '{}'), [400, 'UnknownOperationException'], target)
  }
  assert.deepEqual(await raw(`${service}.GetId`, ''), [400, 'SerializationException'])
  assert.deepEqual(await raw(`${service}.GetId`, '{"a'), [400, 'SerializationException'])
  assert.deepEqual(await raw(`${service}.GetId`, 'x'.repeat(70_000)), [400, 'SerializationException'])
  for (const body of [
    'null',
    '[]',
    '{}',
    '{"IdentityPoolId":1}',
    '{"IdentityPoolId":"x"}',
    `{"IdentityPoolId":"${POOL}","Logins":[]}`,
  ]) {
    assert.deepEqual(await raw(`${service}.GetId`, body), [400, 'InvalidParameterException'], body)
  }
})

test("pages of the configured origins may ask, with the headers that AWS's clients send", async () => {
  const preflight = (origin: string) =>
    request(`${world.system.url}/cognito-identity`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'cache-control,content-type,x-amz-target,x-amz-user-agent',
      },
    })
  const allowed = (await preflight(APP)).headers
  assert.equal(allowed['access-control-allow-origin'], APP)
  for (const name of ['x-amz-target', 'x-amz-user-agent', 'cache-control', 'content-type']) {
    assert.ok(String(allowed['access-control-allow-headers']).toLowerCase().includes(name), name)
  }
  assert.notEqual(
    (await preflight('https://evil.example')).headers['access-control-allow-origin'],
    'https://evil.example',
  )
})
