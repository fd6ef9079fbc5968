import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client } from 'pg'
import { type Api, apiOf, auditEvents, signInAsAdmin } from './api.ts'
import { type Postgres, startPostgres } from './engines/postgres.ts'
import { type S3Server, startS3Server } from './engines/s3-server.ts'
import { freePort } from './free-port.ts'
import type { Answer } from './http.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import {
  entraUser,
  oktaUser,
  type ScimClient,
  scimClient,
  type ScimGroup,
  type ScimList,
  type ScimUser,
} from './scim-client.ts'
import { startSystem, type System } from './system.ts'

// Requests as Microsoft Entra ID and Okta send them, at two processes on one database.

const AUDIENCE = 'https://api.example.test'
const LIBRARY = 'company-library'

let postgres: Postgres
let s3: S3Server
let okta: PlainIssuer
let contoso: PlainIssuer
let first: System
let second: System
let admin: Api

before(async () => {
  ;[postgres, s3, okta, contoso] = await Promise.all([
    startPostgres(),
    startS3Server(),
    startPlainIssuer('/oauth2/default'),
    startPlainIssuer('/tenant/v2.0'),
  ])
  const issuers = [okta, contoso].map(({ issuer }) => ({ issuer, audience: AUDIENCE, claims: { groups: 'groups' } }))
  const env = {
    DATABASE_URL: postgres.url(),
    S3_ENDPOINT: s3.url,
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    SKYCRATE_SECRET: 'the same for every process, and no default',
    SKYCRATE_PUBLIC_URL: `http://127.0.0.1:${await freePort()}`,
    SKYCRATE_LIBRARY_BUCKET: LIBRARY,
    SKYCRATE_ISSUERS: JSON.stringify(issuers),
    SKYCRATE_PRODUCTION: 'false',
  }
  ;[first, second] = await Promise.all([startSystem({ env }), startSystem({ env })])
  admin = await signInAsAdmin(first).catch(async () => apiOf(first.url, (await signInAsAdmin(second)).token))
})
after(async () => {
  for (const each of [first, second, okta, contoso, s3, postgres]) await each?.[Symbol.asyncDispose]()
})

interface CreatedDirectory {
  readonly id: string
  readonly secret: string
  readonly url: string
  readonly groupIssuer: string
}

async function directory(body: object): Promise<CreatedDirectory & { readonly scim: ScimClient }> {
  const answer = await admin.post('/directories', body)
  assert.equal(answer.status, 201, answer.text)
  const created = answer.json<CreatedDirectory>()
  return { ...created, scim: scimClient(first.url, created.secret) }
}

function ok<T>(answer: Answer, status = 200): T {
  assert.equal(answer.status, status, answer.text)
  assert.match(String(answer.headers['content-type']), /^application\/scim\+json/)
  return answer.json<T>()
}

function refused(answer: Answer, status: number, scimType?: string): void {
  assert.equal(answer.status, status, answer.text)
  const body = answer.json<{ schemas: string[]; status: string; scimType?: string }>()
  assert.deepEqual(
    [body.schemas, body.status, body.scimType],
    [['urn:ietf:params:scim:api:messages:2.0:Error'], String(status), scimType],
  )
}

const query = (text: string): string => encodeURIComponent(text)
const at = (system: System, issuer: PlainIssuer, claims: object): Api =>
  apiOf(system.url, issuer.token({ aud: AUDIENCE, ...claims }))

let entra: Awaited<ReturnType<typeof directory>>
let oktaDirectory: Awaited<ReturnType<typeof directory>>

test('Entra: the test of the connection, a user created, changed, put into a group and deactivated', async () => {
  entra = await directory({ name: 'Contoso', issuer: contoso.issuer, matchBy: 'external-id' })
  const { scim } = entra
  // "Test connection" asks for somebody who can't be there.
  const none = ok<ScimList<ScimUser>>(await scim.get(`/Users?filter=${query('userName eq "71b5d3b8-none"')}`))
  assert.deepEqual([none.totalResults, none.Resources], [0, []])

  const created = ok<ScimUser>(await scim.post('/Users', entraUser('ada', 'oid-ada')), 201)
  assert.deepEqual([created.userName, created.externalId, created.active], ['ada@contoso.example', 'oid-ada', true])
  assert.equal(created['title'], 'Engineer')
  const found = ok<ScimList<ScimUser>>(await scim.get(`/Users?filter=${query('externalId eq "oid-ada"')}`))
  assert.equal(found.Resources[0]?.id, created.id)

  const changed = ok<ScimUser>(
    await scim.patch(`/Users/${created.id}`, [
      { op: 'Replace', path: 'name.givenName', value: 'Augusta' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'augusta@contoso.example' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+31 6 0000' },
      {
        op: 'Replace',
        path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
        value: 'Engines',
      },
      { op: 'Add', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager', value: 'oid-boss' },
      { op: 'Replace', path: 'displayName', value: 'Augusta King' },
    ]),
  )
  assert.deepEqual(changed['name'], { formatted: 'ada Contoso', familyName: 'Contoso', givenName: 'Augusta' })
  assert.deepEqual(changed['emails'], [{ primary: true, type: 'work', value: 'augusta@contoso.example' }])
  assert.deepEqual(changed['phoneNumbers'], [{ type: 'mobile', value: '+31 6 0000' }])
  assert.deepEqual(changed['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'], {
    department: 'Engines',
    manager: 'oid-boss',
  })
  const seen = (await admin.get(`/users/${created.id}`)).json<{ name: string; email: string; state: string }>()
  assert.deepEqual([seen.name, seen.email, seen.state], ['Augusta King', 'augusta@contoso.example', 'invited'])

  const group = ok<ScimGroup>(
    await scim.post('/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      externalId: 'gid-1',
      displayName: 'Analysts',
      meta: { resourceType: 'Group' },
    }),
    201,
  )
  assert.deepEqual(group.members, [])
  const byName = `/Groups?excludedAttributes=members&filter=${query('displayName eq "Analysts"')}`
  assert.deepEqual(
    Object.keys(ok<ScimList<ScimGroup>>(await scim.get(byName)).Resources[0]!).includes('members'),
    false,
  )
  const members = [{ $ref: null, value: created.id }]
  assert.equal((await scim.patch(`/Groups/${group.id}`, [{ op: 'Add', path: 'members', value: members }])).status, 204)
  const isMember = `/Groups?excludedAttributes=members&filter=${query(`id eq "${group.id}" and members eq "${created.id}"`)}`
  assert.equal(ok<ScimList<ScimGroup>>(await scim.get(isMember)).totalResults, 1)

  await admin.post('/permissions', {
    principal: { kind: 'group', group: 'Analysts', issuer: entra.groupIssuer },
    bucket: LIBRARY,
    prefix: 'analysis/',
    actions: ['read'],
  })
  const ada = at(second, contoso, { sub: 'oid-ada', name: 'Ada' })
  const wish = { bucket: LIBRARY, key: 'analysis/a.txt', operation: 'get' }
  assert.equal((await ada.get('/auth/me')).json<{ id: string }>().id, created.id, 'the prepared user takes hold')
  assert.equal((await ada.post('/s3/presigned-url', wish)).status, 200)

  assert.equal(
    (await scim.patch(`/Groups/${group.id}`, [{ op: 'Remove', path: `members[value eq "${created.id}"]` }])).status,
    204,
  )
  assert.equal((await ada.post('/s3/presigned-url', wish)).status, 403, 'who left the group has nothing of it')
  assert.equal((await scim.patch(`/Groups/${group.id}`, [{ op: 'Add', path: 'members', value: members }])).status, 204)
  assert.equal((await ada.post('/s3/presigned-url', wish)).status, 200)

  const started = performance.now()
  const off = ok<ScimUser>(
    await scim.patch(`/Users/${created.id}`, [{ op: 'Replace', path: 'active', value: 'False' }]),
  )
  const answers = await Promise.all([
    ada.post('/s3/presigned-url', wish),
    at(first, contoso, { sub: 'oid-ada' }).get('/auth/me'),
    at(second, contoso, { sub: 'oid-ada', jti: 'another' }).get('/auth/me'),
    ada.get('/home'),
  ])
  const took = performance.now() - started
  assert.equal(off.active, false)
  for (const answer of answers) assert.equal(answer.status, 403, answer.text)
  assert.ok(took < 1000, `it took ${took} ms`)

  const on = ok<ScimUser>(await scim.patch(`/Users/${created.id}`, [{ op: 'Replace', path: 'active', value: 'True' }]))
  assert.equal(on.active, true)
  assert.equal((await ada.post('/s3/presigned-url', wish)).status, 200)
})

test('Okta: users by pages, a whole user put, a group pushed, a user deactivated and gone', async () => {
  oktaDirectory = await directory({ name: 'Okta', issuer: okta.issuer, matchBy: 'external-id' })
  const { scim } = oktaDirectory
  ok(await scim.get('/ServiceProviderConfig'))
  const first3 = await Promise.all(['bo', 'cy', 'di'].map((name) => scim.post('/Users', oktaUser(name, `00u-${name}`))))
  const [bo, cy, di] = first3.map((answer) => ok<ScimUser>(answer, 201))
  assert.equal('password' in bo!, false, 'a password is neither kept nor told')
  refused(await scim.post('/Users', oktaUser('BO', '00u-another')), 409, 'uniqueness')

  const pages = [1, 3].map((start) => scim.get(`/Users?startIndex=${start}&count=2`))
  const [one, two] = (await Promise.all(pages)).map((answer) => ok<ScimList<ScimUser>>(answer))
  assert.deepEqual([one!.totalResults, one!.startIndex, one!.itemsPerPage], [3, 1, 2])
  assert.deepEqual([two!.totalResults, two!.startIndex, two!.itemsPerPage], [3, 3, 1])
  const ids = [...one!.Resources, ...two!.Resources].map(({ id }) => id)
  assert.deepEqual(ids.toSorted(), [bo!.id, cy!.id, di!.id].toSorted())

  const put = { ...bo!, displayName: 'Bo the Second', name: { givenName: 'Bo', familyName: 'Second' } }
  const after = ok<ScimUser>(await scim.put(`/Users/${bo!.id}`, put))
  assert.equal(after['displayName'], 'Bo the Second')
  // Okta repeats whole users: what changes nothing is no event and no new version.
  const same = ok<ScimUser>(await scim.put(`/Users/${bo!.id}`, put))
  assert.equal(same.meta.version, after.meta.version)
  refused(await scim.put(`/Users/${bo!.id}`, { ...put, title: 'x' }, { 'if-match': bo!.meta.version }), 412)
  assert.equal((await scim.get(`/Users/${bo!.id}`, { 'if-none-match': after.meta.version })).status, 304)

  const group = ok<ScimGroup>(
    await scim.post('/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Sales',
      members: [{ value: bo!.id, display: 'bo@example.com' }],
    }),
    201,
  )
  assert.deepEqual(
    group.members?.map(({ value }) => value),
    [bo!.id],
  )
  const rename = [{ op: 'replace', value: { id: group.id, displayName: 'Sales EMEA' } }]
  const renamed = await scim.patch(`/Groups/${group.id}`, rename)
  assert.equal(renamed.status, 204, renamed.text)
  const replace = [{ op: 'replace', path: 'members', value: [{ value: cy!.id }, { value: di!.id }] }]
  assert.equal((await scim.patch(`/Groups/${group.id}`, replace)).status, 204)
  const pushed = ok<ScimGroup>(await scim.get(`/Groups/${group.id}`))
  assert.deepEqual(
    [pushed.displayName, pushed.members?.map(({ value }) => value).toSorted()],
    ['Sales EMEA', [cy!.id, di!.id].toSorted()],
  )
  assert.deepEqual(
    ok<ScimUser>(await scim.get(`/Users/${cy!.id}`)).groups.map(({ display }) => display),
    ['Sales EMEA'],
  )

  const person = at(second, okta, { sub: '00u-cy' })
  assert.equal((await person.get('/auth/me')).status, 200)
  const off = ok<ScimUser>(await scim.put(`/Users/${cy!.id}`, { ...cy!, active: false }))
  assert.equal(off.active, false)
  assert.equal((await person.get('/auth/me')).status, 403)

  assert.equal((await scim.delete(`/Users/${di!.id}`)).status, 204)
  refused(await scim.get(`/Users/${di!.id}`), 404)
  assert.equal((await at(second, okta, { sub: '00u-di' }).get('/auth/me')).status, 403)
  assert.deepEqual(
    ok<ScimGroup>(await scim.get(`/Groups/${group.id}`)).members?.map(({ value }) => value),
    [cy!.id],
  )
  const again = ok<ScimUser>(await scim.post('/Users', oktaUser('di', '00u-di')), 201)
  assert.equal(again.id, di!.id, 'the same person is the same user')
  assert.equal((await at(second, okta, { sub: '00u-di' }).get('/auth/me')).status, 200)
})

test('somebody whom a directory deactivates before they ever came does not get in as somebody new', async () => {
  const { scim } = await directory({ name: 'By e-mail' })
  const body = { userName: 'early@late.example', emails: [{ value: 'early@late.example', primary: true }] }
  const early = ok<ScimUser>(await scim.post('/Users', body), 201)
  ok(await scim.patch(`/Users/${early.id}`, [{ op: 'replace', value: { active: false } }]))
  const claims = { sub: 'early', email: 'early@late.example', email_verified: true }
  assert.equal((await at(first, okta, claims).get('/auth/me')).status, 403)
  ok(await scim.patch(`/Users/${early.id}`, [{ op: 'replace', value: { active: true } }]))
  const me = await at(first, okta, claims).get('/auth/me')
  assert.equal(me.json<{ id: string }>().id, early.id)
  const other = await at(first, okta, { ...claims, sub: 'other', email_verified: false }).get('/auth/me')
  assert.notEqual(other.json<{ id: string }>().id, early.id, 'an address that is not verified is nobody’s')
})

test('an administrator’s suspension holds whatever the directory repeats, and the last administrator stays', async () => {
  const { scim } = oktaDirectory
  const created = ok<ScimUser>(await scim.post('/Users', oktaUser('ed', '00u-ed')), 201)
  const ed = at(second, okta, { sub: '00u-ed' })
  const me = (await ed.get('/auth/me')).json<{ id: string }>()
  const change = { name: 'ed', isAdmin: false, groups: [] }
  assert.equal((await admin.put(`/users/${me.id}`, { ...change, state: 'suspended' })).status, 200)
  assert.equal(ok<ScimUser>(await scim.put(`/Users/${me.id}`, { ...created, active: true })).active, false)
  assert.equal((await ed.get('/auth/me')).status, 403)

  // Ed becomes the only administrator.
  assert.equal((await admin.put(`/users/${me.id}`, { ...change, isAdmin: true, state: 'active' })).status, 200)
  const self = (await admin.get('/auth/me')).json<{ id: string }>()
  const own = { name: null, isAdmin: false, state: 'active', groups: [] }
  assert.equal((await admin.put(`/users/${self.id}`, own)).status, 200)
  refused(await scim.patch(`/Users/${me.id}`, [{ op: 'Replace', path: 'active', value: 'False' }]), 409, 'mutability')
  refused(await scim.delete(`/Users/${me.id}`), 409, 'mutability')
  assert.equal((await ed.get('/auth/me')).status, 200)
  assert.equal((await ed.put(`/users/${self.id}`, { ...own, isAdmin: true })).status, 200)
})

test('a directory sees and changes its own users and groups alone', async () => {
  const bo = ok<ScimList<ScimUser>>(
    await oktaDirectory.scim.get(`/Users?filter=${query('userName eq "bo@example.com"')}`),
  )
  const id = bo.Resources[0]!.id
  const self = (await admin.get('/auth/me')).json<{ id: string }>().id
  for (const other of [id, self, 'usr_nobody', '../Groups']) {
    refused(await entra.scim.get(`/Users/${query(other)}`), 404)
    refused(await entra.scim.patch(`/Users/${query(other)}`, [{ op: 'replace', value: { active: false } }]), 404)
    refused(await entra.scim.delete(`/Users/${query(other)}`), 404)
  }
  const group = ok<ScimGroup>(await entra.scim.post('/Groups', { displayName: 'Mine' }), 201)
  const add = [{ op: 'add', path: 'members', value: [{ value: id }] }]
  refused(await entra.scim.patch(`/Groups/${group.id}`, add), 400, 'invalidValue')
  refused(await oktaDirectory.scim.get(`/Groups/${group.id}`), 404)
  // Somebody else's identity can't be taken by its externalId.
  refused(await entra.scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'externalId', value: 'oid-ada' }]), 404)
  const mine = ok<ScimUser>(await entra.scim.post('/Users', entraUser('eve', 'oid-eve')), 201)
  refused(
    await entra.scim.patch(`/Users/${mine.id}`, [{ op: 'replace', path: 'externalId', value: 'oid-ada' }]),
    409,
    'uniqueness',
  )
})

test('filters: operators, case, dates, lists, and what can’t be filtered by', async () => {
  const { scim } = oktaDirectory
  const names = async (filter: string): Promise<string[]> =>
    ok<ScimList<ScimUser>>(await scim.get(`/Users?filter=${query(filter)}`))
      .Resources.map(({ userName }) => userName)
      .toSorted()
  const all = ['bo', 'cy', 'di', 'ed'].map((name) => `${name}@example.com`)
  const cases: [string, string[]][] = [
    ['userName eq "BO@example.com"', all.slice(0, 1)],
    ['USERNAME sw "b" or userName sw "c"', all.slice(0, 2)],
    ['externalId eq "00U-bo"', []],
    ['emails[type eq "work" and value eq "cy@example.com"]', all.slice(1, 2)],
    ['emails.value co "di@"', all.slice(2, 3)],
    ['active eq false', all.slice(1, 2)],
    ['not (active eq true)', all.slice(1, 2)],
    ['active eq "False"', all.slice(1, 2)],
    ['name.familyName eq "Second" and userName pr', all.slice(0, 1)],
    ['meta.lastModified gt "2020-01-01T00:00:00Z" and (userName ew "@example.com")', all],
    ['meta.created gt "2120-01-01T00:00:00Z"', []],
    [`userName eq "' or 1=1 --"`, []],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ed@example.com"', all.slice(3)],
    ['title pr', []],
  ]
  for (const [filter, expected] of cases) assert.deepEqual(await names(filter), expected, filter)
  for (const filter of [
    'userName',
    'userName eq',
    'password eq "x"',
    'userName gt "a"',
    'active co "x"',
    'userName eq "a" and',
    '(((((',
    'userName eq 1',
    `${'userName pr or '.repeat(100)}userName pr`,
    'x'.repeat(3000),
    'meta.created gt "yesterday"',
  ]) {
    refused(await scim.get(`/Users?filter=${query(filter)}`), 400, 'invalidFilter')
  }
  refused(await scim.get('/Users?startIndex=x'), 400, 'invalidValue')
  assert.equal(ok<ScimList<ScimUser>>(await scim.get('/Users?count=0')).totalResults, 4)
  assert.equal(ok<ScimList<ScimUser>>(await scim.get('/Users?startIndex=-5&count=1')).startIndex, 1)
  const search = await scim.post('/Users/.search', { filter: 'userName sw "e"', attributes: ['userName'] })
  assert.deepEqual(Object.keys(ok<ScimList<ScimUser>>(search).Resources[0]!).toSorted(), [
    'id',
    'meta',
    'schemas',
    'userName',
  ])
})

test('a path that leads out of the user changes nothing, here or in the server', async () => {
  const { scim } = oktaDirectory
  const user = ok<ScimUser>(await scim.post('/Users', oktaUser('fay', '00u-fay')), 201)
  const hostile: unknown[] = [
    { op: 'add', path: '__proto__.polluted', value: 'yes' },
    { op: 'add', path: 'constructor.prototype', value: { polluted: 'yes' } },
    { op: 'add', path: 'toString.polluted', value: 'yes' },
    { op: 'add', path: 'name.__proto__', value: { polluted: 'yes' } },
    { op: 'add', path: 'urn:x:constructor.polluted', value: 'yes' },
    { op: 'add', path: 'emails[type eq "work"].__proto__', value: 'yes' },
    { op: 'add', value: { 'constructor.prototype.polluted': 'yes' } },
    { op: 'add', value: { 'urn:x:constructor.polluted': 'yes' } },
    { op: 'add', path: 'a'.repeat(600), value: 'x' },
    { op: 'replace', path: 'active', value: 'maybe' },
    { op: 'replace', path: 'userName', value: null },
    { op: 'replace', path: 'userName', value: { a: 1 } },
    { op: 'remove' },
    { op: 'move', path: 'title', value: 'x' },
    { op: 'add', path: 'userName.a.b', value: 'x' },
    { op: 'replace', path: 'emails[', value: 'x' },
    { op: 'replace', path: 'emails[type eq "work" and].value', value: 'x' },
    { op: 'add', path: 'displayName', value: 'a\0b' },
    { op: 'add', path: 'title', value: 'x'.repeat(20_000) },
    { op: 'add', path: 'name', value: [[[[[[[[[[1]]]]]]]]]] },
    null,
  ]
  for (const operation of hostile) {
    const answer = await scim.patch(`/Users/${user.id}`, [operation])
    assert.equal(answer.status, 400, `${JSON.stringify(operation)}: ${answer.text}`)
  }
  const body =
    '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","value":{"__proto__":{"polluted":"yes"}}}]}'
  refused(await scim.raw('PATCH', `/Users/${user.id}`, body), 400, 'invalidSyntax')
  const after = ok<ScimUser>(await scim.get(`/Users/${user.id}`))
  assert.deepEqual(after, user)
  const answer = await apiOf(first.url, undefined).get('/auth/me')
  assert.equal('polluted' in answer.json<object>(), false)
  refused(await scim.raw('POST', '/Users', '{'), 400, 'invalidSyntax')
  refused(await scim.raw('POST', '/Users', '[]'), 400, 'invalidSyntax')
  refused(await scim.raw('POST', '/Users', 'a=b', { 'content-type': 'text/plain' }), 415)
  refused(await scim.raw('POST', '/Users', '', { 'content-length': String(5 * 1024 * 1024) }), 413)
  refused(await scim.get('/Bulk'), 404)
})

test('a deleted directory leaves its users, and nobody in its groups', async () => {
  const { id, scim, groupIssuer } = await directory({ name: 'Short-lived' })
  const body = { userName: 'guy@short.example', emails: [{ value: 'guy@short.example' }] }
  const guy = ok<ScimUser>(await scim.post('/Users', body), 201)
  const group = { displayName: 'Passing', members: [{ value: guy.id }] }
  ok(await scim.post('/Groups', group), 201)
  const principal = { kind: 'group', group: 'Passing', issuer: groupIssuer }
  const permission = await admin.post('/permissions', { principal, bucket: LIBRARY, prefix: 'p/', actions: ['read'] })
  assert.equal(permission.status, 201, permission.text)
  const person = at(second, okta, { sub: 'guy', email: 'guy@short.example', email_verified: true })
  const wish = { bucket: LIBRARY, key: 'p/a', operation: 'get' }
  assert.equal((await person.post('/s3/presigned-url', wish)).status, 200)
  assert.equal((await admin.delete(`/directories/${id}`)).status, 204)
  refused(await scim.get('/Users'), 401)
  assert.equal((await person.post('/s3/presigned-url', wish)).status, 403)
  assert.equal((await person.get('/auth/me')).json<{ id: string }>().id, guy.id)
  assert.equal((await admin.get(`/permissions/${permission.json<{ id: string }>().id}`)).status, 404)
})

test('a token is refused once it is replaced or deleted, guesses are limited by address, and none is stored', async () => {
  const { id, secret, scim } = await directory({ name: 'Tokens' })
  ok(await scim.get('/Users'))
  const token = (await admin.get(`/directories/${id}`)).json<{ token: { lastUsedAt: string | null } }>()
  assert.notEqual(token.token.lastUsedAt, null)
  const rotated = await admin.post(`/directories/${id}/token`, {})
  assert.equal(rotated.status, 201, rotated.text)
  refused(await scim.get('/Users'), 401)
  const newer = scimClient(second.url, rotated.json<CreatedDirectory>().secret)
  ok(await newer.get('/Users'))
  assert.equal((await admin.delete(`/directories/${id}/token`)).status, 204)
  refused(await newer.get('/Users'), 401)

  const client = new Client({ connectionString: postgres.url() })
  await client.connect()
  const { rows } = await client.query(`select encode(token_hash, 'escape') as hash from directories`)
  await client.end()
  for (const row of rows as { hash: string | null }[]) assert.notEqual(row.hash, secret)
  for (const system of [first, second]) assert.equal(system.log().includes(secret), false)
  // The administrator's own token is none of a directory, nor the other way round.
  refused(await scimClient(first.url, admin.token!).get('/Users'), 401)
  assert.equal((await apiOf(first.url, entra.secret).get('/auth/me')).status, 401)

  let limited = 0
  for (let guess = 0; guess < 60; guess++) {
    const answer = await scimClient(first.url, `skyd_${String(guess).padStart(43, 'x')}`).get('/Users')
    if (answer.status === 429) limited++
    else refused(answer, 401)
  }
  assert.ok(limited >= 20, `${limited} of 60 were limited`)
  ok(await entra.scim.get('/Users?count=1'))
})

test('every change is in the audit log, with the directory', async () => {
  const events = (await auditEvents(admin, '/audit/logs')) as unknown as {
    action: string
    door: string
    outcome: string
    userId: string | null
    detail: { directoryId?: string } | null
  }[]
  const ofScim = events.filter(({ door }) => door === 'scim')
  const actions = new Set(ofScim.map(({ action }) => action))
  for (const action of [
    'user.create',
    'user.update',
    'user.suspend',
    'group.create',
    'group.update',
    'group.add-member',
    'group.delete-member',
    'directory.request',
  ]) {
    assert.ok(actions.has(action), action)
  }
  const directories = new Set([entra.id, oktaDirectory.id])
  const changes = ofScim.filter(({ outcome, action }) => outcome === 'allow' && action.startsWith('user.'))
  for (const { userId, detail } of changes) assert.deepEqual([userId, typeof detail?.directoryId], [null, 'string'])
  assert.ok(changes.some(({ detail }) => directories.has(detail!.directoryId!)))
})
