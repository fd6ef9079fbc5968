import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, signInAsAdmin, type Vended } from './api.ts'
import { home, upload, vend } from './client-steps.ts'
import { type Edge, freeEdgePort, skipWithoutEdge as skip, startEdge } from './edge.ts'
import { request } from './http.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { presignedUrl, type SigningKeys } from './sigv4.ts'
import { storeRootKeys } from './store-root.ts'
import { startSystem, type System } from './system.ts'

interface Cookies {
  readonly url: string
  readonly cookies: Readonly<Record<string, string>>
  readonly domain: string | null
  readonly expiresAt: string
}

interface Event {
  readonly action: string
  readonly key: string | null
  readonly outcome: string
  readonly detail?: { readonly via?: string; readonly expiresAt?: string }
}

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 })
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' })

let issuer: PlainIssuer
let system: System
let edge: Edge
let admin: Api
let ada: Api
let bob: Api
let bucket: string
let keys: SigningKeys

before(async () => {
  if (skip !== false) return
  issuer = await startPlainIssuer('/')
  system = await startSystem({
    env: {
      SKYCRATE_ISSUERS: JSON.stringify([{ issuer: issuer.issuer, audience: 'files' }]),
      SKYCRATE_CDN_KEYS: JSON.stringify([
        { id: 'KEC', privateKey: pem(EC.privateKey) },
        { id: 'KRSA', privateKey: pem(RSA.privateKey) },
      ]),
    },
  })
  admin = await signInAsAdmin(system)
  ada = apiOf(system.url, issuer.token({ sub: 'ada', aud: 'files' }))
  bob = apiOf(system.url, issuer.token({ sub: 'bob', aud: 'files' }))
  bucket = (await home(ada)).bucket
  await home(bob)
  keys = await storeRootKeys(system)
  edge = await startEdge({
    port: await freeEdgePort(),
    keys: new Map([
      ['KEC', EC.publicKey],
      ['KRSA', RSA.publicKey],
    ]),
    originUrl: async (path) =>
      presignedUrl(
        { method: 'GET', origin: system.s3Url, path: `/${bucket}${path}`, keys, region: 'us-east-1', at: new Date() },
        60,
      ),
  })
  for (const key of ['a b+ü.txt', 'photos/1.txt', 'photos-of-others/1.txt']) await upload(ada, bucket, key, key)
})
after(async () => {
  await edge?.[Symbol.asyncDispose]()
  await system?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
})

const deliver = (delivery: object | null) => admin.put(`/buckets/default/${bucket}`, { retentionDays: null, delivery })
const get = (key: string) => vend(ada, { bucket, key, operation: 'get', via: 'cdn' })

test('a bucket without a distribution, and a key that is not there, are told', { skip }, async () => {
  const none = await ada.post('/s3/presigned-url', { bucket, key: 'a.txt', operation: 'get', via: 'cdn' })
  assert.deepEqual([none.status, none.json<{ code: string }>().code], [501, 'delivery-unsupported'])
  const wrong: [object, string][] = [
    [{ url: edge.url, keyId: 'KNONE', cookieDomain: null }, '/delivery/keyId'],
    [{ url: 'http://cdn.example.com', keyId: 'KEC', cookieDomain: null }, '/delivery/url'],
    [{ url: `${edge.url}/path`, keyId: 'KEC', cookieDomain: null }, '/delivery/url'],
    [{ url: `http://localhost:${new URL(system.url).port}`, keyId: 'KEC', cookieDomain: null }, '/delivery/url'],
    [{ url: edge.url, keyId: 'KEC', cookieDomain: 'example.com' }, '/delivery/cookieDomain'],
  ]
  for (const [delivery, path] of wrong) {
    const answer = await deliver(delivery)
    assert.equal(answer.status, 400, answer.text)
    assert.deepEqual(
      answer.json<{ errors: { path: string }[] }>().errors.map((error) => error.path),
      [path],
    )
  }
  const accelerated = await admin.put(`/buckets/default/${bucket}`, { retentionDays: null, accelerated: true })
  assert.equal(accelerated.status, 400, accelerated.text)
  assert.match(accelerated.text, /"\/accelerated","message":"is for Amazon S3 alone/)
})

for (const keyId of ['KEC', 'KRSA']) {
  test(
    `signed with ${keyId}, a file is served, the second time from the cache; changed or late it is not`,
    { skip },
    async () => {
      const changed = await deliver({ url: edge.url, keyId, cookieDomain: null })
      assert.equal(changed.status, 200, changed.text)
      const key = keyId === 'KEC' ? 'a b+ü.txt' : 'photos/1.txt'
      const signed = await get(key)
      assert.ok(signed.url.startsWith(`${edge.url}/`), signed.url)
      const first = await request(signed.url)
      assert.deepEqual([first.status, first.text, first.headers['x-cache']], [200, key, 'MISS'])
      const passed = edge.passedOn()
      const again = await request((await get(key)).url)
      assert.deepEqual([again.status, again.text, again.headers['x-cache']], [200, key, 'HIT'])
      assert.equal(edge.passedOn(), passed)

      const other = signed.url.replace(/\/[^/?]*\?/, '/other.txt?')
      const longer = signed.url.replace(/Expires=(\d+)/, (_, end: string) => `Expires=${Number(end) + 1}`)
      const unsigned = signed.url.split('?')[0]!
      for (const url of [other, longer, unsigned]) assert.equal((await request(url)).status, 403, url)
      edge.setAhead(3601)
      assert.equal((await request(signed.url)).status, 403)
      edge.setAhead(0)
      assert.equal((await request(signed.url)).status, 200)
    },
  )
}

test('what the caller may not read is refused, and everything is recorded', { skip }, async () => {
  const wish = { bucket, key: 'photos/1.txt', operation: 'get', via: 'cdn' }
  const refused = await bob.post('/s3/presigned-url', wish)
  assert.equal(refused.status, 403)
  assert.equal((await bob.post('/delivery/cookies', { bucket, prefix: 'photos/' })).status, 403)
  for (const more of [{ operation: 'put' }, { operation: 'delete' }, { versionId: 'x' }]) {
    assert.equal((await ada.post('/s3/presigned-url', { ...wish, ...more })).status, 400, JSON.stringify(more))
  }
  const signed = await get('photos/1.txt')
  const events = (await auditEvents(admin, '/audit/logs')) as unknown as Event[]
  const denied = events.filter(({ outcome, key }) => outcome === 'deny' && key?.startsWith('photos/'))
  assert.deepEqual(denied.map(({ action }) => action).toSorted(), ['delivery.create-cookies', 'object.get'])
  const allowed = events.find(({ detail }) => detail?.expiresAt === signed.expiresAt)
  assert.deepEqual([allowed?.action, allowed?.outcome, allowed?.detail?.via], ['object.get', 'allow', 'cdn'])
  assert.doesNotMatch(system.log(), /Signature=|CloudFront-Signature|PRIVATE KEY/)
})

test('cookies open a folder and nothing beside it', { skip }, async () => {
  const made = await ada.post('/delivery/cookies', { bucket, prefix: 'photos/', expiresIn: 600 })
  assert.equal(made.status, 200, made.text)
  const { cookies, url, domain, expiresAt } = made.json<Cookies>()
  assert.deepEqual([url, domain], [`${edge.url}/photos/`, null])
  assert.ok(Date.parse(expiresAt) <= Date.now() + 600_000)
  const cookie = Object.entries(cookies)
    .map((pair) => pair.join('='))
    .join('; ')
  const asked = async (path: string): Promise<number> =>
    (await request(`${edge.url}${path}`, { headers: { cookie } })).status
  assert.equal(await asked('/photos/1.txt'), 200)
  assert.equal(await asked('/photos-of-others/1.txt'), 403)
  assert.equal(await asked('/a%20b%2B%C3%BC.txt'), 403)
  edge.setAhead(601)
  assert.equal(await asked('/photos/1.txt'), 403)
  edge.setAhead(0)
  for (const prefix of ['photos', '/', '../', 'a//b/']) {
    const answer = await ada.post('/delivery/cookies', { bucket, prefix })
    assert.equal(answer.json<{ code: string }>().code, 'invalid-key', prefix)
  }
  // A star is a character of the folder's name, and not a wildcard of the policy.
  const star = (await ada.post('/delivery/cookies', { bucket, prefix: 'pho*/' })).json<Cookies>()
  const wide = Object.entries(star.cookies).map((pair) => pair.join('='))
  assert.equal((await request(`${edge.url}/photos/1.txt`, { headers: { cookie: wide.join('; ') } })).status, 403)
})

test('a URL ends with the permission that allows it', { skip }, async () => {
  const me = (await bob.get('/auth/me')).json<{ id: string }>()
  const expiresAt = new Date(Date.now() + 900_000).toISOString()
  const principal = { kind: 'user', userId: me.id }
  const given = await admin.post('/permissions', { principal, bucket, prefix: 'photos/', actions: ['read'], expiresAt })
  assert.equal(given.status, 201, given.text)
  const wish = { bucket, key: 'photos/1.txt', operation: 'get', via: 'cdn', expiresIn: 3600 }
  const signed = (await bob.post('/s3/presigned-url', wish)).json<Vended>()
  assert.ok(Date.parse(signed.expiresAt) <= Date.parse(expiresAt), signed.expiresAt)
  const cookies = (await bob.post('/delivery/cookies', { bucket, prefix: 'photos/' })).json<Cookies>()
  assert.ok(Date.parse(cookies.expiresAt) <= Date.parse(expiresAt), cookies.expiresAt)
  await admin.delete(`/permissions/${given.json<{ id: string }>().id}`)
  assert.equal((await bob.post('/s3/presigned-url', wish)).status, 403)
})
