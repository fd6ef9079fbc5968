import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { after, before, test } from 'node:test'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  CreateAccessGrantCommand,
  type CreateAccessGrantCommandInput,
  type CreateAccessGrantCommandOutput,
  DeleteAccessGrantCommand,
  GetAccessGrantCommand,
  GetAccessGrantsInstanceForPrefixCommand,
  GetDataAccessCommand,
  type GetDataAccessCommandInput,
  ListAccessGrantsCommand,
  ListAccessGrantsInstancesCommand,
  ListAccessGrantsLocationsCommand,
  ListCallerAccessGrantsCommand,
  ListTagsForResourceCommand,
  S3ControlClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-s3-control'
import { auditEvents } from './api.ts'
import { ALL, grant, LIBRARY, startWorld, sts, textOf, type World } from './door-steps.ts'
import { request } from './http.ts'
import { signedHeaders } from './sigv4.ts'

const ACCOUNT = '000000000000'
const ROLE = 'arn:aws:iam::123456789012:role/any'

let world: World
let ada: S3ControlClient
let admin: S3ControlClient

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

async function keysOf(token: string, RoleArn = ROLE): Promise<Keys> {
  const answer = await sts(world.system, { Action: 'AssumeRoleWithWebIdentity', RoleArn, WebIdentityToken: token })
  assert.equal(answer.status, 200, answer.text)
  const of = (name: string): string => textOf(answer.text, name)!
  return { accessKeyId: of('AccessKeyId'), secretAccessKey: of('SecretAccessKey'), sessionToken: of('SessionToken') }
}

/** Each client puts the account before the host: here a name that leads to the server. */
const control = (credentials: Keys): S3ControlClient =>
  new S3ControlClient({
    endpoint: world.system.url.replace('127.0.0.1', 'skycrate.test'),
    region: 'us-east-1',
    maxAttempts: 1,
    credentials,
    requestHandler: {
      httpAgent: new Agent({ lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) }),
    },
  })

before(async () => {
  world = await startWorld()
  ada = control(await keysOf(world.ada.token!))
  admin = control(await keysOf(world.admin.token!, 'arn:skycrate:iam:::identity'))
})
after(() => world?.[Symbol.asyncDispose]())

const access = (Target: string, wish: Partial<GetDataAccessCommandInput> = {}, client = ada) =>
  client.send(new GetDataAccessCommand({ AccountId: ACCOUNT, Target, Permission: 'READWRITE', ...wish }))

async function s3Of(Target: string, wish: Partial<GetDataAccessCommandInput> = {}): Promise<S3Client> {
  const { Credentials: given } = await access(Target, wish)
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
const denied = { name: 'AccessDenied' }

test('the grants of a caller are their locations, page by page', async () => {
  const scopes: string[] = []
  for (let NextToken: string | undefined, more = true; more;) {
    const input = { AccountId: ACCOUNT, MaxResults: 2, ...(NextToken && { NextToken }) }
    const page = await ada.send(new ListCallerAccessGrantsCommand(input))
    for (const each of page.CallerAccessGrantsList!) scopes.push(`${each.Permission} ${each.GrantScope}`)
    NextToken = page.NextToken
    more = NextToken !== undefined
  }
  assert.ok(scopes.includes(`READWRITE s3://${LIBRARY}/u1/*`), scopes.join('\n'))
  assert.ok(scopes.includes(`READWRITE s3://${LIBRARY}/private/${world.ada.id}/*`))
  assert.ok(scopes.includes(`READ s3://${LIBRARY}/protected/*`))
  assert.ok(!scopes.some((scope) => scope.includes('u12')))
  const { locations } = (await world.ada.get('/locations')).json<{ locations: unknown[] }>()
  assert.equal(scopes.length, locations.length)
  const GrantScope = `s3://${LIBRARY}/u1*`
  const some = await ada.send(new ListCallerAccessGrantsCommand({ AccountId: ACCOUNT, GrantScope }))
  assert.deepEqual(
    some.CallerAccessGrantsList!.map((each) => each.GrantScope),
    [`s3://${LIBRARY}/u1/*`],
  )
})

test('data access works in a folder of the caller and is refused at a neighbour', async () => {
  const given = await access(`s3://${LIBRARY}/u1/a/b.txt`)
  assert.equal(given.MatchedGrantTarget, `s3://${LIBRARY}/u1/*`)
  assert.deepEqual(given.Grantee, { GranteeType: 'DIRECTORY_USER', GranteeIdentifier: world.ada.id })
  const s3 = await s3Of(`s3://${LIBRARY}/u1/*`)
  await put(s3, 'u1/x.txt')
  await get(s3, 'u1/x.txt')
  await assert.rejects(get(s3, 'u12/secret.txt'), denied)
  for (const target of [`u12/*`, `u12/secret.txt`, `u1*`, `*`, `u1`, `private/${world.bob.id}/*`, 'protected/*']) {
    await assert.rejects(access(`s3://${LIBRARY}/${target}`), denied, target)
  }
  await assert.rejects(access(`s3://no-such-bucket/*`), denied)
})

test('a permission gives what it names; with Minimal for the target alone', async () => {
  const reading = await s3Of(`s3://${LIBRARY}/u1/*`, { Permission: 'READ' })
  await get(reading, 'u1/x.txt')
  await assert.rejects(put(reading, 'u1/x.txt'), denied)
  const writing = await s3Of(`s3://${LIBRARY}/u1/*`, { Permission: 'WRITE' })
  await put(writing, 'u1/b/y.txt')
  await assert.rejects(get(writing, 'u1/x.txt'), denied)
  const folder = await s3Of(`s3://${LIBRARY}/u1/b/*`, { Privilege: 'Minimal' })
  await get(folder, 'u1/b/y.txt')
  await assert.rejects(get(folder, 'u1/x.txt'), denied)
  const beginning = await s3Of(`s3://${LIBRARY}/u1/x*`, { Privilege: 'Minimal' })
  await get(beginning, 'u1/x.txt')
  await assert.rejects(get(beginning, 'u1/b/y.txt'), denied)
  await beginning.send(new ListObjectsV2Command({ Bucket: LIBRARY, Prefix: 'u1/x' }))
  await assert.rejects(beginning.send(new ListObjectsV2Command({ Bucket: LIBRARY, Prefix: 'u1/' })), denied)
  const object = await s3Of(`s3://${LIBRARY}/u1/x.txt`, { Privilege: 'Minimal', TargetType: 'Object' })
  await get(object, 'u1/x.txt')
  await assert.rejects(put(object, 'u1/x.txt.2'), denied)
})

test('administrators give, see and take grants, which are permissions', async () => {
  const [location] = (await admin.send(new ListAccessGrantsLocationsCommand({ AccountId: ACCOUNT })))
    .AccessGrantsLocationsList!
  const made = await admin.send(
    new CreateAccessGrantCommand({
      AccountId: ACCOUNT,
      AccessGrantsLocationId: location!.AccessGrantsLocationId,
      AccessGrantsLocationConfiguration: { S3SubPrefix: `${LIBRARY}/given/*` },
      Grantee: { GranteeType: 'DIRECTORY_USER', GranteeIdentifier: world.ada.id },
      Permission: 'READ',
    }),
  )
  assert.equal(made.GrantScope, `s3://${LIBRARY}/given/*`)
  const permission = (await world.admin.get(`/permissions/${made.AccessGrantId}`)).json<{ actions: string[] }>()
  assert.deepEqual(permission.actions, ['read', 'list'])
  await access(`s3://${LIBRARY}/given/*`, { Permission: 'READ' })
  await assert.rejects(access(`s3://${LIBRARY}/given/*`, { Permission: 'WRITE' }), denied)
  const query = { AccountId: ACCOUNT, GranteeType: 'DIRECTORY_USER', GranteeIdentifier: world.ada.id } as const
  const list = (await admin.send(new ListAccessGrantsCommand(query))).AccessGrantsList!
  assert.ok(list.some(({ AccessGrantId }) => AccessGrantId === made.AccessGrantId))
  const id = { AccountId: ACCOUNT, AccessGrantId: made.AccessGrantId }
  assert.equal((await admin.send(new GetAccessGrantCommand(id))).Permission, 'READ')
  await admin.send(new DeleteAccessGrantCommand(id))
  await assert.rejects(access(`s3://${LIBRARY}/given/*`, { Permission: 'READ' }), denied)
  await assert.rejects(admin.send(new GetAccessGrantCommand(id)), { name: 'NoSuchAccessGrantError' })
})

test('what a grant here cannot say is refused, and tools that ask for tags hear that there are none', async () => {
  const given = {
    AccountId: ACCOUNT,
    AccessGrantsLocationId: 'default',
    AccessGrantsLocationConfiguration: { S3SubPrefix: `${LIBRARY}/tagged/*` },
    Grantee: { GranteeType: 'DIRECTORY_USER', GranteeIdentifier: world.ada.id },
    Permission: 'READ',
  } as const
  const create = (input: Partial<CreateAccessGrantCommandInput>): Promise<CreateAccessGrantCommandOutput> =>
    admin.send(new CreateAccessGrantCommand({ ...given, ...input }))
  const S3SubPrefix = `${LIBRARY}/tagged/one.txt`
  const notImplemented = { name: 'NotImplemented' }
  const object = { AccessGrantsLocationConfiguration: { S3SubPrefix }, S3PrefixType: 'Object' } as const
  await assert.rejects(create(object), notImplemented)
  await assert.rejects(create({ Tags: [{ Key: 'team', Value: 'blue' }] }), notImplemented)
  await assert.rejects(create({ ApplicationArn: 'arn:aws:sso::1:application/a/b' }), notImplemented)
  await assert.rejects(access(`s3://${LIBRARY}/tagged/*`, { Permission: 'READ' }), denied, 'nothing was given')

  const { AccessGrantArn, AccessGrantId } = await create({})
  const { AccessGrantsInstancesList: [instance] = [] } = await admin.send(
    new ListAccessGrantsInstancesCommand({ AccountId: ACCOUNT }),
  )
  for (const ResourceArn of [AccessGrantArn, instance?.AccessGrantsInstanceArn]) {
    const resource = { AccountId: ACCOUNT, ResourceArn }
    assert.deepEqual((await admin.send(new ListTagsForResourceCommand(resource))).Tags ?? [], [])
    const Tags = [{ Key: 'team', Value: 'blue' }]
    await assert.rejects(admin.send(new TagResourceCommand({ ...resource, Tags })), notImplemented)
    await admin.send(new UntagResourceCommand({ ...resource, TagKeys: ['team'] }))
    await assert.rejects(ada.send(new ListTagsForResourceCommand(resource)), denied)
  }
  await admin.send(new DeleteAccessGrantCommand({ AccountId: ACCOUNT, AccessGrantId }))
  const gone = { AccountId: ACCOUNT, ResourceArn: AccessGrantArn }
  await assert.rejects(admin.send(new ListTagsForResourceCommand(gone)), { name: 'NoSuchAccessGrantError' })
})

test('nobody else administers grants, and it is recorded', async () => {
  await assert.rejects(ada.send(new ListAccessGrantsCommand({ AccountId: ACCOUNT })), denied)
  const events = await auditEvents(world.admin, '/audit/logs')
  assert.ok(
    events.some(
      ({ action, outcome, userId }) => action === 'admin.request' && outcome === 'deny' && userId === world.ada.id,
    ),
  )
})

test('credentials that were given for a folder are nobody here', async () => {
  const { Credentials: given } = await access(`s3://${LIBRARY}/u1/*`)
  const client = control({
    accessKeyId: given!.AccessKeyId!,
    secretAccessKey: given!.SecretAccessKey!,
    sessionToken: given!.SessionToken!,
  })
  await assert.rejects(access(`s3://${LIBRARY}/private/${world.ada.id}/*`, {}, client), { name: 'InvalidAccessKeyId' })
  const narrowed = control(await keysOf(world.ada.token!, `arn:skycrate:iam:::location/${LIBRARY}/u1/`))
  await assert.rejects(access(`s3://${LIBRARY}/u1/*`, {}, narrowed), { name: 'InvalidAccessKeyId' })
})

/** A request signed by hand, to be spoilt. */
async function raw(keys: Keys, path: string, query: Record<string, string>, spoil: Record<string, string> = {}) {
  const sign = { method: 'GET', origin: world.system.url, path, query, keys, region: 'us-east-1', at: new Date() }
  const headers = { ...signedHeaders(sign, ''), ...spoil }
  const text = new URLSearchParams(query).toString().replaceAll('+', '%20')
  const answer = await request(`${world.system.url}${path}${text === '' ? '' : `?${text}`}`, { headers })
  return [answer.status, textOf(answer.text, 'Code')]
}

test('a request that is not signed, or not as it came, is refused in the words of the protocol', async () => {
  const keys = await keysOf(world.ada.token!)
  const base = '/v20180820/accessgrantsinstance'
  const target = { target: `s3://${LIBRARY}/u1/*`, permission: 'READ' }
  assert.deepEqual(await raw(keys, `${base}/dataaccess`, target), [200, undefined])
  assert.deepEqual(await raw(keys, `${base}/dataaccess`, target, { authorization: 'Bearer x' }), [403, 'AccessDenied'])
  const other = { ...keys, secretAccessKey: 'x'.repeat(40) }
  assert.deepEqual(await raw(other, `${base}/dataaccess`, target), [403, 'SignatureDoesNotMatch'])
  const stranger = { ...keys, sessionToken: 'x' }
  assert.deepEqual(await raw(stranger, `${base}/dataaccess`, target), [403, 'InvalidAccessKeyId'])
  assert.deepEqual(await raw(keys, `${base}/nothing`, {}), [501, 'NotImplemented'])
  assert.deepEqual(await raw(keys, `/v20180820/jobs`, {}), [501, 'NotImplemented'])
  for (const wrong of [
    { ...target, target: 'u1/*' },
    { ...target, target: `s3://${LIBRARY}/u1/../u12/*` },
    { ...target, permission: 'ALL' },
    { ...target, durationSeconds: '1' },
    { ...target, targetType: 'Object' },
  ]) {
    assert.deepEqual(await raw(keys, `${base}/dataaccess`, wrong), [400, 'InvalidRequest'], JSON.stringify(wrong))
  }
  const bare = await request(`${world.system.url}${base}/dataaccess?target=s3://b/*&permission=READ`)
  assert.equal(bare.status, 403)
  const presigned = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${keys.accessKeyId}/20260101/us-east-1/s3/aws4_request`,
    'X-Amz-Signature': 'a'.repeat(64),
  })
  assert.equal((await request(`${world.system.url}${base}/caller/grants?${presigned}`)).status, 403)
})

test('what is given is recorded with the door before it is released', async () => {
  const { Credentials: given } = await access(`s3://${LIBRARY}/u1/*`, { DurationSeconds: 1500 })
  const events = (await auditEvents(world.admin, '/audit/logs')) as unknown as {
    key: string
    door: string
    outcome: string
    detail: { accessKeyId?: string; actions?: string[] }
  }[]
  const [event] = events.filter(({ detail }) => detail?.accessKeyId === given!.AccessKeyId)
  assert.deepEqual([event!.key, event!.door, event!.outcome], ['u1/', 'access-grants', 'allow'])
  assert.deepEqual(event!.detail.actions?.toSorted(), ALL.toSorted())
})

test('a permission that is taken away ends the access of a live session', async () => {
  const id = await grant(world.admin, {
    principal: { kind: 'user', userId: world.ada.id },
    bucket: LIBRARY,
    prefix: 'later/',
    actions: ['read', 'list'],
  })
  await access(`s3://${LIBRARY}/later/*`, { Permission: 'READ' })
  assert.equal((await world.admin.delete(`/permissions/${id}`)).status, 204)
  await assert.rejects(access(`s3://${LIBRARY}/later/*`, { Permission: 'READ' }), denied)
  const arn = await ada.send(new GetAccessGrantsInstanceForPrefixCommand({ AccountId: ACCOUNT, S3Prefix: 's3://x/' }))
  assert.match(arn.AccessGrantsInstanceArn!, /access-grants\/default$/)
})
