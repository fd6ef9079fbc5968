import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fromTokenFile } from '@aws-sdk/credential-providers'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandOutput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import { apiOf, auditEvents } from './api.ts'
import {
  awsS3,
  awsSession,
  grant,
  LIBRARY,
  python,
  startWorld,
  sts,
  textOf,
  withoutAws,
  type World,
} from './door-steps.ts'
import { upload } from './client-steps.ts'
import { request } from './http.ts'
import { askStore } from './store-root.ts'

const ROLE = 'arn:aws:iam::123456789012:role/any'
const ASSUME = { Action: 'AssumeRoleWithWebIdentity', RoleArn: ROLE, RoleSessionName: 'test' }

let world: World

before(async () => {
  world = await startWorld()
})
after(() => world?.[Symbol.asyncDispose]())

test('awscli with a token works in its own folder and is refused at a neighbour', { skip: withoutAws }, async () => {
  const { ada } = world
  const env = await awsSession(world, ada.token!, ROLE)
  const aws = (...args: string[]): Promise<string> => awsS3(world, env, ...args)
  await aws('cp', 'file.txt', `s3://${LIBRARY}/u1/file.txt`)
  assert.match(await aws('ls', `s3://${LIBRARY}/u1/`), /file\.txt/)
  await aws('cp', 'file.txt', `s3://${LIBRARY}/private/${ada.id}/file.txt`)
  await assert.rejects(aws('cp', 'file.txt', `s3://${LIBRARY}/u12/file.txt`), /AccessDenied/)
  await assert.rejects(aws('cp', `s3://${LIBRARY}/u12/secret.txt`, 'secret.txt'), /403/)
  await assert.rejects(aws('ls', `s3://${LIBRARY}/u12/`), /AccessDenied/)
  await assert.rejects(aws('ls', `s3://${LIBRARY}/u1`), /AccessDenied/)
})

const BOTO3 = `
import boto3, botocore, os, sys
sts = boto3.client('sts', endpoint_url=os.environ['STS'])
keys = sts.assume_role_with_web_identity(RoleArn='${ROLE}', RoleSessionName='boto3', WebIdentityToken=sys.argv[1])['Credentials']
session = boto3.Session(keys['AccessKeyId'], keys['SecretAccessKey'], keys['SessionToken'])
s3 = session.client('s3', endpoint_url=os.environ['S3'])
s3.put_object(Bucket='${LIBRARY}', Key='u1/boto3.txt', Body=b'hello')
print(s3.get_object(Bucket='${LIBRARY}', Key='u1/boto3.txt')['Body'].read().decode())
print(session.client('sts', endpoint_url=os.environ['STS']).get_caller_identity()['UserId'])
try:
    s3.get_object(Bucket='${LIBRARY}', Key='u12/secret.txt')
except botocore.exceptions.ClientError as error:
    print(error.response['Error']['Code'])
`

test('boto3 does the same, and hears who it is', { skip: withoutAws }, async () => {
  const lines = (await python(world, {}, BOTO3, world.ada.token!)).trim().split('\n')
  assert.deepEqual(lines, ['hello', world.ada.id, 'AccessDenied'])
})

test('the AWS SDK for JavaScript does the same', async () => {
  const { system, ada } = world
  const webIdentityTokenFile = join(world.dir, 'token')
  // As a shell writes it.
  await writeFile(webIdentityTokenFile, `${ada.token!}\n`)
  const credentials = fromTokenFile({
    webIdentityTokenFile,
    roleArn: ROLE,
    clientConfig: { endpoint: `${system.url}/sts`, region: 'us-east-1' },
  })
  const s3 = new S3Client({ endpoint: system.s3Url, region: 'us-east-1', forcePathStyle: true, credentials })
  await s3.send(new PutObjectCommand({ Bucket: LIBRARY, Key: 'u1/js.txt', Body: 'hello' }))
  await s3.send(new ListObjectsV2Command({ Bucket: LIBRARY, Prefix: 'u1/' }))
  const denied = { name: 'AccessDenied' }
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket: LIBRARY, Key: 'u12/secret.txt' })), denied)
  await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket: LIBRARY, Prefix: 'u12/' })), denied)
  const client = new STSClient({ endpoint: `${system.url}/sts`, region: 'us-east-1', credentials })
  assert.equal((await client.send(new GetCallerIdentityCommand({}))).UserId, ada.id)
})

test("SkyCrate's own access token is one as well", async () => {
  const answer = await sts(world.system, { ...ASSUME, WebIdentityToken: world.admin.token! }, '/sts/')
  assert.equal(answer.status, 200, answer.text)
  assert.equal(textOf(answer.text, 'Provider'), world.system.url.replace('127.0.0.1', 'localhost'))
})

/** The SDK with no credentials, for its parameters and its errors. */
const assume = (input: object): Promise<AssumeRoleWithWebIdentityCommandOutput> =>
  new STSClient({ endpoint: `${world.system.url}/sts`, region: 'us-east-1', maxAttempts: 1 }).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: ROLE,
      RoleSessionName: 'test',
      WebIdentityToken: world.ada.token,
      ...input,
    }),
  )

async function s3With(input: object): Promise<S3Client> {
  const { Credentials: given } = await assume(input)
  return new S3Client({
    endpoint: world.system.s3Url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: {
      accessKeyId: given!.AccessKeyId!,
      secretAccessKey: given!.SecretAccessKey!,
      sessionToken: given!.SessionToken!,
    },
  })
}

const get = (s3: S3Client, Key: string): Promise<unknown> => s3.send(new GetObjectCommand({ Bucket: LIBRARY, Key }))
const put = (s3: S3Client, Key: string): Promise<unknown> =>
  s3.send(new PutObjectCommand({ Bucket: LIBRARY, Key, Body: 'x' }))

test('a role names one location, and a policy makes it less; never more', async () => {
  const denied = { name: 'AccessDenied' }
  const own = await s3With({ RoleArn: `arn:skycrate:iam:::location/${LIBRARY}/u1/` })
  await put(own, 'u1/a/b.txt')
  await assert.rejects(put(own, `private/${world.ada.id}/x`), denied)
  const reading = await s3With({
    Policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${LIBRARY}/u1/a/*` }],
    }),
  })
  await get(reading, 'u1/a/b.txt')
  await assert.rejects(put(reading, 'u1/a/b.txt'), denied)
  await assert.rejects(get(reading, 'u1/file.txt'), denied)
  const greedy = await s3With({
    Policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
  })
  await assert.rejects(get(greedy, 'u12/secret.txt'), denied)
  for (const RoleArn of [`arn:skycrate:iam:::location/${LIBRARY}/u12/`, `arn:skycrate:iam:::location/no-such-bucket`]) {
    await assert.rejects(assume({ RoleArn }), denied)
  }
})

test('narrowed credentials do not pass for their holder at SkyCrate; whole ones and those of the identity do', async () => {
  const callerOf = async (input: object): Promise<string | undefined> => {
    const { Credentials: given } = await assume(input)
    const client = new STSClient({
      endpoint: `${world.system.url}/sts`,
      region: 'eu-central-1',
      maxAttempts: 1,
      credentials: {
        accessKeyId: given!.AccessKeyId!,
        secretAccessKey: given!.SecretAccessKey!,
        sessionToken: given!.SessionToken!,
      },
    })
    return (await client.send(new GetCallerIdentityCommand({}))).UserId
  }
  assert.equal(await callerOf({}), world.ada.id)
  assert.equal(await callerOf({ RoleArn: 'arn:skycrate:iam:::identity' }), world.ada.id)
  const unknown = { name: 'InvalidClientTokenId' }
  await assert.rejects(callerOf({ RoleArn: `arn:skycrate:iam:::location/${LIBRARY}/u1/` }), unknown)
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] })
  await assert.rejects(callerOf({ Policy }), unknown)
})

test('each refusal has the code of STS', async () => {
  const { issuer, ada } = world
  const cases: readonly [object, string][] = [
    [{ WebIdentityToken: 'opaque' }, 'InvalidIdentityTokenException'],
    [{ WebIdentityToken: `${ada.token}x` }, 'InvalidIdentityTokenException'],
    [{ WebIdentityToken: issuer.token({ sub: 'u1', aud: 'another' }) }, 'InvalidIdentityTokenException'],
    [{ WebIdentityToken: issuer.token({ sub: 'u1', aud: 'files', exp: 1000 }) }, 'ExpiredTokenException'],
    [{ Policy: '{' }, 'MalformedPolicyDocumentException'],
    [{ DurationSeconds: 899 }, 'ValidationError'],
    [{ RoleArn: 'arn:skycrate:iam:::location/b' }, 'ValidationError'],
    [{ RoleArn: `arn:skycrate:iam:::location/${LIBRARY}/u1` }, 'ValidationError'],
    [{ RoleArn: `arn:skycrate:iam:::location/${LIBRARY}/u1/../u12/` }, 'ValidationError'],
    [{ PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }] }, 'NotImplemented'],
  ]
  for (const [input, name] of cases) await assert.rejects(assume(input), { name }, JSON.stringify(input).slice(0, 80))
  const form = (text: string) => sts(world.system, Object.fromEntries(new URLSearchParams(text)))
  assert.equal(textOf((await form('')).text, 'Code'), 'MissingAction')
  assert.equal(textOf((await form('Action=DeleteEverything')).text, 'Code'), 'InvalidAction')
  assert.equal(textOf((await form('Action=GetCallerIdentity')).text, 'Code'), 'MissingAuthenticationToken')
})

test('a session ends with the permission, and too many locations are named as such', async () => {
  const { admin, ada } = world
  const until = Date.now() + 20 * 60_000
  const permission = {
    principal: { kind: 'user', userId: ada.id },
    bucket: LIBRARY,
    prefix: 'soon/',
    actions: ['read'],
  }
  const id = await grant(admin, { ...permission, expiresAt: new Date(until).toISOString() })
  const { Credentials: given } = await assume({ DurationSeconds: 43_200 })
  assert.ok(given!.Expiration!.getTime() <= until)
  await admin.delete(`/permissions/${id}`)
  const ids: string[] = []
  for (let i = 0; i < 40; i++)
    ids.push(await grant(admin, { ...permission, prefix: `a-folder-with-a-long-name-${i}/` }))
  await assert.rejects(assume({}), { name: 'PackedPolicyTooLargeException' })
  await assume({ RoleArn: `arn:skycrate:iam:::location/${LIBRARY}/a-folder-with-a-long-name-7/` })
  for (const each of ids) await admin.delete(`/permissions/${each}`)
  await assume({})
})

test('each location that was given is in the audit log, with the door, before the answer', async () => {
  const { Credentials: given } = await assume({ DurationSeconds: 1234 })
  const events = (await auditEvents(world.admin, '/audit/logs')) as unknown as {
    action: string
    userId: string
    key: string
    door: string
    requestId: string
    detail: { accessKeyId?: string; expiresAt?: string }
  }[]
  const own = events.filter((event) => event.detail?.accessKeyId === given!.AccessKeyId)
  assert.ok(own.some(({ key }) => key === 'u1/') && own.some(({ key }) => key === `private/${world.ada.id}/`))
  assert.ok(own.every(({ door, userId }) => door === 'sts' && userId === world.ada.id))
  assert.equal(new Set(own.map(({ requestId }) => requestId)).size, 1)
})

test('whoever is suspended has signed the last request', async () => {
  const { admin, bob, system } = world
  const { Credentials: given } = await assume({ WebIdentityToken: bob.token })
  const client = new STSClient({
    endpoint: `${system.url}/sts`,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: {
      accessKeyId: given!.AccessKeyId!,
      secretAccessKey: given!.SecretAccessKey!,
      sessionToken: given!.SessionToken!,
    },
  })
  assert.equal((await client.send(new GetCallerIdentityCommand({}))).UserId, bob.id)
  const user = (await admin.get(`/users/${bob.id}`)).json<Record<string, unknown>>()
  const change = async (state: string): Promise<void> => {
    const body = { name: user['name'], isAdmin: false, state, groups: [] }
    const answer = await admin.put(`/users/${bob.id}`, body)
    assert.equal(answer.status, 200, answer.text)
  }
  await change('suspended')
  await assert.rejects(client.send(new GetCallerIdentityCommand({})), { name: 'InvalidClientTokenId' })
  await assert.rejects(assume({ WebIdentityToken: bob.token }), { name: 'AccessDenied' })
  await change('active')
  await assert.rejects(client.send(new GetCallerIdentityCommand({})), { name: 'InvalidClientTokenId' })
  await assume({ WebIdentityToken: bob.token })
})

test('what ends gets no more credentials, and what it got signs nothing here; others go on', async () => {
  const { admin, system } = world
  const email = 'session@example.test'
  const password = 'a password that nobody guesses'
  assert.equal((await admin.post('/users', { email, password })).status, 201)
  interface Session {
    readonly access: string
    readonly refresh: string
  }
  const signIn = async (): Promise<Session> => {
    const answer = await apiOf(system.url, undefined).post('/auth/login', { email, password })
    assert.equal(answer.status, 200, answer.text)
    const { access_token: access, refresh_token: refresh } = answer.json<Record<string, string>>()
    return { access: access!, refresh: refresh! }
  }
  const keysFor = async (WebIdentityToken: string): Promise<STSClient> => {
    const { Credentials: given } = await assume({ WebIdentityToken })
    const [accessKeyId, secretAccessKey, sessionToken] = [
      given!.AccessKeyId!,
      given!.SecretAccessKey!,
      given!.SessionToken!,
    ]
    const credentials = { accessKeyId, secretAccessKey, sessionToken }
    return new STSClient({ endpoint: `${system.url}/sts`, region: 'us-east-1', maxAttempts: 1, credentials })
  }
  const whoIs = async (client: STSClient): Promise<string | undefined> =>
    (await client.send(new GetCallerIdentityCommand({}))).UserId
  const vended = async (token: string): Promise<string> => {
    const answer = await apiOf(system.url, token).post('/credentials', { bucket: LIBRARY, prefix: 'public/' })
    assert.equal(answer.status, 200, answer.text)
    return answer.json<{ accessKeyId: string }>().accessKeyId
  }

  const [ending, staying] = [await signIn(), await signIn()]
  const [ended, going] = [await keysFor(ending.access), await keysFor(staying.access)]
  assert.equal(await whoIs(ended), await whoIs(going))
  const before = await vended(ending.access)
  assert.equal(await vended(ending.access), before, 'held while the session goes on')
  const signOut = await apiOf(system.url, ending.access).post('/auth/logout', { refresh_token: ending.refresh })
  assert.equal(signOut.status, 204, signOut.text)
  await assert.rejects(whoIs(ended), { name: 'InvalidClientTokenId' })
  await assert.rejects(keysFor(ending.access), { name: 'InvalidIdentityTokenException' })
  assert.ok(await whoIs(going))
  assert.notEqual(await vended(staying.access), before, 'no cache gives out what the session had')

  const me = apiOf(system.url, staying.access)
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
  const token = async (): Promise<{ id: string; token: string }> => {
    const scopes = [{ bucket: LIBRARY, prefix: 'public/', actions: ['read'] }]
    const made = await me.post('/auth/tokens', { name: 'a tool', scopes, expiresAt })
    assert.equal(made.status, 201, made.text)
    return made.json()
  }
  const [deleted, kept] = [await token(), await token()]
  const held = await vended(deleted.token)
  assert.equal((await me.delete(`/auth/tokens/${deleted.id}`)).status, 204)
  assert.equal((await apiOf(system.url, deleted.token).get('/locations')).status, 401)
  assert.notEqual(await vended(kept.token), held, 'nor what the deleted token had')
})

test('an operator can refuse all that was issued before a time, as the guide says', async () => {
  const { admin, system } = world
  const s3 = await s3With({})
  await get(s3, 'u1/a/b.txt')
  const until = new Date(Date.now() + 60_000).toISOString()
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${LIBRARY}`, `arn:aws:s3:::${LIBRARY}/*`],
        Condition: { DateLessThan: { 'aws:TokenIssueTime': until } },
      },
    ],
  }
  const put = await askStore(system, 'PUT', `/${LIBRARY}`, { policy: '' }, JSON.stringify(policy))
  assert.equal(put.status, 204, put.text)
  await assert.rejects(get(s3, 'u1/a/b.txt'), { name: 'AccessDenied' })
  await upload(admin, LIBRARY, 'public/by-url.txt', 'SkyCrate itself goes on')
  assert.equal((await askStore(system, 'DELETE', `/${LIBRARY}`, { policy: '' })).status, 204)
  await get(s3, 'u1/a/b.txt')
})

test('a signed URL is nobody: neither as a token, nor by what it is signed with', async () => {
  const { ada, system } = world
  const vended = await ada.post('/s3/presigned-url', { bucket: LIBRARY, key: 'u1/a/b.txt', operation: 'get' })
  assert.equal(vended.status, 200, vended.text)
  const { url } = vended.json<{ url: string }>()
  const { search, searchParams } = new URL(url)
  for (const said of [url, searchParams.get('X-Amz-Credential')!, searchParams.get('X-Amz-Signature')!]) {
    assert.equal((await apiOf(system.url, said).get('/auth/me')).status, 401, said)
    await assert.rejects(assume({ WebIdentityToken: said }), { name: 'InvalidIdentityTokenException' })
  }
  assert.equal((await request(`${system.url}/api/v1/auth/me${search}`)).status, 401)
  const form = await sts(system, { Action: 'GetCallerIdentity' }, `/sts${search}`)
  assert.deepEqual([form.status, textOf(form.text, 'Code')], [403, 'IncompleteSignature'])
})

test('the log has no token and no secret', async () => {
  const { Credentials: given } = await assume({})
  for (const secret of [given!.SecretAccessKey!, given!.SessionToken!, world.ada.token!]) {
    assert.ok(!world.system.log().includes(secret))
  }
})

test('bad tokens of one address are refused unread after a while; good ones that are known pass', async () => {
  const { system, ada, issuer } = world
  await assume({})
  const codes = new Set<string | undefined>()
  for (let i = 0; i < 130; i++) {
    codes.add(
      textOf(
        (await sts(system, { ...ASSUME, WebIdentityToken: issuer.token({ sub: 'x', aud: `${i}` }) })).text,
        'Code',
      ),
    )
  }
  assert.deepEqual(
    [...codes].toSorted((a, b) => String(a).localeCompare(String(b))),
    ['InvalidIdentityToken', 'Throttling'],
  )
  assert.equal((await sts(system, { ...ASSUME, WebIdentityToken: ada.token! })).status, 200)
})
