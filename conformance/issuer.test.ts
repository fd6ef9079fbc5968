import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, type Problem, signInAsAdmin } from './api.ts'
import { download, home, list, remove, upload } from './client-steps.ts'
import { type Auth0Shaped, startAuth0Shaped } from './issuers/auth0-shaped.ts'
import { makeJwt } from './issuers/jwt.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { startSystem, type System } from './system.ts'

const COGNITO_CLIENT = '6h8fq2l0k2'
const API_AUDIENCE = 'https://api.example.test'

let auth0: Auth0Shaped
let cognito: PlainIssuer
/** An issuer like any other, with an audience: the one that is attacked here. */
let plain: PlainIssuer
let system: System

before(async () => {
  auth0 = await startAuth0Shaped()
  cognito = await startPlainIssuer('/us-east-1_Abc123')
  plain = await startPlainIssuer('/')
  const issuers = [
    { issuer: auth0.issuer, audience: auth0.audience },
    { issuer: cognito.issuer, clientId: COGNITO_CLIENT, claims: { groups: 'cognito:groups' } },
    { issuer: plain.issuer, audience: API_AUDIENCE },
  ]
  system = await startSystem({ env: { SKYCRATE_ISSUERS: JSON.stringify(issuers) } })
})
after(async () => {
  await system?.[Symbol.asyncDispose]()
  for (const issuer of [auth0, cognito, plain]) await issuer?.[Symbol.asyncDispose]()
})

interface Me {
  readonly id: string
  readonly email: string | null
  readonly issuer: string
  readonly groups: readonly string[]
  readonly memberOf: readonly { readonly name: string; readonly issuer: string | null }[]
  readonly isAdmin: boolean
}
const whoIs = async (api: Api): Promise<Me> => {
  const answer = await api.get('/auth/me')
  assert.equal(answer.status, 200, answer.text)
  return answer.json<Me>()
}
const as = (token: string): Api => apiOf(system.url, token)
const cognitoClaims = (subject: string): object => ({
  sub: subject,
  client_id: COGNITO_CLIENT,
  token_use: 'access',
  username: subject,
  scope: 'openid',
  'cognito:groups': ['editors', 'staff'],
})

/** What the signed-in person does with a place of their own. */
async function useStorage(api: Api): Promise<string> {
  const { bucket } = await home(api)
  await upload(api, bucket, 'mine/été.txt', `of ${bucket}`, 'text/plain')
  assert.equal((await download(api, bucket, 'mine/été.txt')).toString(), `of ${bucket}`)
  assert.deepEqual((await list(api, bucket, { delimiter: '/' })).prefixes, ['mine/'])
  assert.equal((await remove(api, bucket, 'mine/été.txt')).status, 204)
  const actions = (await auditEvents(api, '/audit/my-activity')).map((event) => event.action)
  assert.deepEqual(actions, ['object.delete', 'object.list', 'object.get', 'object.put', 'home.create', 'user.create'])
  return bucket
}

test('a person of an issuer shaped like Auth0 has a home, by configuration alone', async () => {
  const { access_token: token } = await auth0.signIn('auth0|65f0c2aa')
  const api = as(token)
  const me = await whoIs(api)
  assert.match(me.id, /^usr_/)
  assert.deepEqual([me.email, me.issuer, me.isAdmin], [null, auth0.issuer, false])
  const bucket = await useStorage(api)

  const again = as((await auth0.signIn('auth0|65f0c2aa')).access_token)
  assert.equal((await whoIs(again)).id, me.id, 'the next sign-in is the same person')
  assert.equal((await home(again)).bucket, bucket)
  const other = as((await auth0.signIn('auth0|65f0c2ab')).access_token)
  assert.notEqual((await home(other)).bucket, bucket)
})

test('the ID token of an issuer that has an audience of its own for the API is not its access token', async () => {
  const { id_token: token } = await auth0.signIn('auth0|65f0c2aa')
  const answer = await as(token).get('/auth/me')
  assert.equal(answer.status, 401)
})

test('a person of an issuer shaped like Cognito has a home, with groups, from an access token without an audience', async () => {
  const subject = 'b4c8d4e8-1051-70c9-7a3d-2d1a3e9b6a11'
  const api = as(cognito.token(cognitoClaims(subject)))
  const me = await whoIs(api)
  assert.deepEqual([...me.groups].toSorted(), ['editors', 'staff'])
  for (const { issuer } of me.memberOf) assert.equal(issuer, cognito.issuer)
  await useStorage(api)

  // Its ID token has the client as its audience, and an e-mail: the same person.
  const idToken = cognito.token({ sub: subject, aud: COGNITO_CLIENT, token_use: 'id', email: 'ada@example.test' })
  assert.equal((await whoIs(as(idToken))).id, me.id)
})

test('the same subject, and the same e-mail, at two issuers are two people', async () => {
  const claims = { sub: 'same-subject', email: 'same@example.test', email_verified: true }
  const one = await whoIs(as(cognito.token({ ...cognitoClaims('same-subject'), ...claims })))
  const two = await whoIs(as(plain.token({ ...claims, aud: API_AUDIENCE })))
  assert.notEqual(one.id, two.id)
  const three = await whoIs(as(plain.token({ ...claims, sub: 'other-subject', aud: API_AUDIENCE })))
  assert.equal(new Set([one.id, two.id, three.id]).size, 3)
})

test('an e-mail of the administrator at another issuer makes nobody an administrator', async () => {
  const claims = { sub: 'impostor', email: system.admin.email, email_verified: true, aud: API_AUDIENCE }
  const api = as(plain.token(claims))
  assert.equal((await whoIs(api)).isAdmin, false)
  for (const path of ['/audit/logs', '/permissions']) assert.equal((await api.get(path)).status, 403, path)
})

test('what one person has is out of reach of another', async () => {
  const mine = as(plain.token({ sub: 'owner', aud: API_AUDIENCE }))
  const theirs = as(plain.token({ sub: 'neighbour', aud: API_AUDIENCE }))
  const { bucket } = await home(mine)
  await upload(mine, bucket, 'secret.txt', 'mine')
  for (const operation of ['get', 'put', 'head', 'delete']) {
    assert.equal(
      (await theirs.post('/s3/presigned-url', { bucket, key: 'secret.txt', operation })).status,
      403,
      operation,
    )
  }
  assert.equal((await theirs.get(`/s3/list/${bucket}`)).status, 403)
  assert.equal((await remove(theirs, bucket, 'secret.txt')).status, 403)
  assert.equal((await theirs.get('/s3/buckets')).text.includes(bucket), false)
  const denied = (await auditEvents(theirs, '/audit/my-activity')).filter((event) => event.outcome === 'deny')
  // The second deletion repeats the first, and is recorded with it as one event, counted at the end of the minute.
  assert.equal(denied.length, 5)
  assert.ok(denied.every((event) => event.reason))
  assert.equal((await download(mine, bucket, 'secret.txt')).toString(), 'mine')
})

test('the permission that an administrator gives, and takes away, holds within moments', async () => {
  const admin = await signInAsAdmin(system)
  const person = as(plain.token({ sub: 'guest-worker', aud: API_AUDIENCE }))
  const { id: userId } = await whoIs(person)
  const { bucket } = await home(admin)
  await upload(admin, bucket, 'shared/plan.txt', 'the plan')
  const wish = { bucket, key: 'shared/plan.txt', operation: 'get' }
  assert.equal((await person.post('/s3/presigned-url', wish)).status, 403)
  const given = await admin.post('/permissions', {
    principal: { kind: 'user', userId },
    bucket,
    prefix: 'shared/',
    actions: ['read', 'list'],
  })
  assert.equal(given.status, 201, given.text)
  assert.equal((await download(person, bucket, 'shared/plan.txt')).toString(), 'the plan')
  assert.equal((await person.post('/s3/presigned-url', { ...wish, operation: 'put' })).status, 403)
  assert.equal((await person.post('/s3/presigned-url', { ...wish, key: 'shared2/x' })).status, 403)
  assert.equal((await person.get(`/s3/list/${bucket}?prefix=shared/`)).status, 200)
  assert.equal((await person.get(`/s3/list/${bucket}`)).status, 403)
  const { id } = given.json<{ id: string }>()
  assert.equal((await admin.delete(`/permissions/${id}`)).status, 204)
  assert.equal((await person.post('/s3/presigned-url', wish)).status, 403)
})

test('keys of an issuer may change while the system runs', async () => {
  await using rotating = await startPlainIssuer('/rotating')
  const issuers = JSON.stringify([{ issuer: rotating.issuer, audience: API_AUDIENCE }])
  await using own = await startSystem({ env: { SKYCRATE_ISSUERS: issuers } })
  const ask = (token: string): Promise<{ status: number }> => apiOf(own.url, token).get('/auth/me')
  const claims = { sub: 'traveller', aud: API_AUDIENCE }
  const first = rotating.token(claims)
  assert.equal((await ask(first)).status, 200)

  // A flood of tokens with keys that never were must not become a flood at the issuer.
  const before_ = rotating.keyFetches()
  const invented = Array.from({ length: 50 }, () => rotating.token(claims, { kid: randomBytes(6).toString('hex') }))
  const answers = await Promise.all(invented.map(ask))
  assert.ok(answers.every((answer) => answer.status === 401))
  assert.ok(rotating.keyFetches() - before_ <= 2, `${rotating.keyFetches() - before_} fetches`)

  rotating.rotate()
  const second = rotating.token(claims)
  const end = Date.now() + 60_000
  let status = 0
  while (status !== 200 && Date.now() < end) {
    status = (await ask(second)).status
    if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 500))
  }
  assert.equal(status, 200, 'the new key is taken up')
})

test('an issuer that cannot be reached keeps nobody out whose issuer can, and is named as the trouble', async () => {
  await using gone = await startPlainIssuer('/gone')
  await using here = await startPlainIssuer('/here')
  const issuers = [gone, here].map(({ issuer }) => ({ issuer, audience: API_AUDIENCE }))
  const token = gone.token({ sub: 'a', aud: API_AUDIENCE })
  await gone[Symbol.asyncDispose]()
  await using own = await startSystem({ env: { SKYCRATE_ISSUERS: JSON.stringify(issuers) } })
  const answer = await apiOf(own.url, token).get('/auth/me')
  assert.equal(answer.status, 503, answer.text)
  assert.equal(answer.json<Problem>().code, 'issuer-unavailable')
  assert.ok(Number(answer.headers['retry-after']) > 0)
  assert.equal((await apiOf(own.url, here.token({ sub: 'a', aud: API_AUDIENCE })).get('/auth/me')).status, 200)
  await Promise.all(Array.from({ length: 50 }, () => apiOf(own.url, token).get('/auth/me')))
  const lines = own
    .log()
    .split('\n')
    .filter((line) => /issuer-unavailable|keys/.test(line) && line.includes('"level":'))
  const [told, ...more] = lines.filter((line) => /"level":[456]0/.test(line))
  assert.ok(
    told?.includes(gone.issuer) && told.includes('ECONNREFUSED') && !told.includes('"stack"'),
    told ?? 'no line',
  )
  assert.deepEqual(more, [], 'requests do not fill the log')
})

const seconds = (): number => Math.floor(Date.now() / 1000)
const good = (): Record<string, unknown> => ({ sub: 'victim', aud: API_AUDIENCE })
const withClaims = (claims: object): string => plain.token({ ...good(), ...claims })
const tamper = (token: string, claims: object): string => {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const changed = { ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), ...claims }
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
}
const full = (): object => ({ ...good(), iss: plain.issuer, iat: seconds(), exp: seconds() + 600 })
const pem = (): string => plain.key().publicKey.export({ type: 'spki', format: 'pem' }).toString()
const part = (text: string): string => Buffer.from(text).toString('base64url')

/** Tokens that must not be accepted, made when the issuers run. */
const BAD_TOKENS: Readonly<Record<string, () => string | Promise<string>>> = {
  expired: () => withClaims({ iat: seconds() - 7200, exp: seconds() - 3600 }),
  'not yet valid': () => withClaims({ nbf: seconds() + 3600 }),
  'without an expiry': () => withClaims({ exp: undefined }),
  'with an expiry that is no number': () => withClaims({ exp: 'tomorrow' }),
  'of an unknown issuer': () => withClaims({ iss: 'https://evil.example.test/' }),
  'of the issuer but for the trailing slash': () => withClaims({ iss: plain.issuer.slice(0, -1) }),
  'of an issuer that is no text': () => withClaims({ iss: [plain.issuer] }),
  'for another audience': () => withClaims({ aud: 'https://other.example.test' }),
  'for no audience': () => withClaims({ aud: undefined }),
  'without a subject': () => withClaims({ sub: undefined }),
  'with an empty subject': () => withClaims({ sub: '' }),
  'of another client of the pool': () => cognito.token({ ...cognitoClaims('x'), client_id: 'another-client' }),
  'signed by nobody (alg none)': () => makeJwt({ typ: 'JWT' }, full(), { alg: 'none' }),
  'signed by nobody (alg None)': () => makeJwt({ typ: 'JWT', alg: 'None' }, full(), { alg: 'none' }),
  'signed with the public key as a password (HS256)': () =>
    makeJwt({ typ: 'JWT', kid: plain.key().kid }, full(), { alg: 'HS256', key: pem() }),
  'of an unknown key': () => plain.token(good(), { kid: 'never-was' }),
  'with a key that it brings along': () =>
    plain.token(good(), { kid: undefined, jwk: plain.key().publicKey.export({ format: 'jwk' }), alg: 'ES256' }),
  'with a key from elsewhere': () => plain.token(good(), { kid: 'x', jku: 'https://evil.example.test/jwks' }),
  'with a critical header that nobody knows': () => plain.token(good(), { crit: ['x'], x: 1 }),
  'signed by the key of another issuer': () => makeJwt({ kid: plain.key().kid }, full(), cognito.key().signer),
  'tampered with (payload)': () => tamper(withClaims({}), { sub: 'somebody-else' }),
  'tampered with (signature)': () => withClaims({}).replace(/.{8}$/, 'AAAAAAAA'),
  'cut short': () => withClaims({}).slice(0, -40),
  'that calls itself a refresh token': () => plain.token({ ...good(), typ: 'Refresh' }, { typ: 'refresh+jwt' }),
  'that is a refresh token of SkyCrate': async () => (await signInAsAdmin(system)).tokens.refresh_token,
  'larger than any token': () => withClaims({ padding: 'x'.repeat(14_000) }),
  'that is opaque': () => randomBytes(32).toString('base64url'),
  'that is a JWE': () => `${part('{"alg":"dir","enc":"A256GCM"}')}..${part('iv')}.${part('text')}.${part('tag')}`,
  'of three empty parts': () => '..',
  'of three parts of rubbish': () => 'a.b.c',
  'whose header is a list': () => `${part('[]')}.${part('{}')}.${part('x')}`,
  'whose header is null': () => `${part('null')}.${part('null')}.`,
  'whose claims are text': () => `${part('{"alg":"RS256"}')}.${part('"x"')}.${part('x')}`,
}

for (const [what, make] of Object.entries(BAD_TOKENS)) {
  test(`a token ${what} is answered 401, with what to do and nothing more`, async () => {
    const token = await make()
    for (const [path, body] of [
      ['/auth/me', undefined],
      ['/home', undefined],
      ['/s3/presigned-url', { bucket: 'any-bucket', key: 'x', operation: 'get' }],
    ] as const) {
      const api = as(token)
      const answer = await (body ? api.post(path, body) : api.get(path))
      assert.equal(answer.status, 401, `${path}: ${answer.text}`)
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
      assert.match(String(answer.headers['www-authenticate']), /^Bearer/)
      const problem = answer.json<Problem>()
      assert.equal(problem.code, what === 'expired' ? 'token-expired' : 'invalid-token')
      assert.ok(problem.detail && problem.requestId.length > 0)
      for (const leak of [
        token,
        plain.issuer,
        cognito.issuer,
        API_AUDIENCE,
        COGNITO_CLIENT,
        'node_modules',
        '.ts:',
        'victim',
      ]) {
        if (leak.length > 2) assert.equal(answer.text.includes(leak), false, `the answer holds ${leak}`)
      }
    }
  })
}

test('the same token without its mistake is accepted', async () => {
  assert.equal((await as(withClaims({})).get('/auth/me')).status, 200)
})

test('an Authorization header that is none is answered 401', async () => {
  const headers = [
    '',
    'Bearer',
    'Bearer ',
    'Basic YWRtaW46YWRtaW4=',
    `bearer${withClaims({})}`,
    'Bearer a b',
    'Token x',
  ]
  for (const authorization of headers) {
    const answer = await apiOf(system.url, undefined).get('/auth/me', { headers: { authorization } })
    assert.equal(answer.status, 401, JSON.stringify(authorization))
    assert.ok(['unauthenticated', 'invalid-token'].includes(answer.json<Problem>().code))
  }
})

test('no token that was sent here is in the log', async () => {
  const [, payload = ''] = withClaims({}).split('.')
  await as(`${part('{"alg":"RS256"}')}.${payload}.c2ln`).get('/auth/me')
  assert.equal(system.log().includes(payload), false)
  assert.equal(/eyJ[\w-]{20,}/.test(system.log()), false)
})
