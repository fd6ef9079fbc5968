import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import { test } from 'node:test'
import { getSignedCookies, getSignedUrl } from '@aws-sdk/cloudfront-signer'
import { createCloudFrontSigner, parseCloudFrontKey } from '@skycrate/core/cloudfront/sign'

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const RSA = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
const EC = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
const KEYS = [
  ['RSA', RSA],
  ['ECDSA', EC],
] as const
const ID = 'K2JCJMDEHXQW5F'
const AT = 1_800_000_000
const URLS = [
  'https://d111111abcdef8.cloudfront.net/a.jpg',
  'https://cdn.example.com/f%C3%BCr%20dich/a%2Bb%26c.pdf?response-content-disposition=attachment%3B%20filename%3D%22a.pdf%22',
]
const CONDITIONS = [
  { expiresAt: AT },
  { expiresAt: AT, startsAt: AT - 100 },
  { expiresAt: AT, ipAddress: '192.0.2.0/24' },
  { expiresAt: AT, startsAt: AT - 100, ipAddress: '203.0.113.9' },
]

/** Written from CloudFront's documentation: what it puts together from a request, and checks. */
function accepts(query: ReadonlyMap<string, string>, resource: string, key: KeyObject): boolean {
  const unsafe = (text: string): Buffer =>
    Buffer.from(text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'), 'base64')
  const policy = query.get('Policy')
  const text =
    policy === undefined
      ? `{"Statement":[{"Resource":"${resource}","Condition":{"DateLessThan":{"AWS:EpochTime":${query.get('Expires')}}}}]}`
      : unsafe(policy).toString()
  const hash = query.get('Hash-Algorithm') === 'SHA256' ? 'sha256' : 'sha1'
  return verify(hash, Buffer.from(text), key, unsafe(query.get('Signature') ?? ''))
}

/** The parameters that CloudFront takes off, and the URL without them. */
function taken(url: string): { resource: string; query: Map<string, string> } {
  const [path = '', search = ''] = url.split('?')
  const own = /^(Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm)=/
  const pairs = search.split('&')
  const rest = pairs.filter((pair) => !own.test(pair))
  return {
    resource: rest.length === 0 ? path : `${path}?${rest.join('&')}`,
    query: new Map(pairs.filter((pair) => own.test(pair)).map((pair) => pair.split('=') as [string, string])),
  }
}

const iso = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : new Date(seconds * 1000).toISOString()

for (const [name, privateKey] of KEYS) {
  const signer = createCloudFrontSigner({ id: ID, privateKey: createPrivateKey(privateKey) })
  const publicKey = createPublicKey(privateKey)

  test(`${name}: a verifier of its own accepts every URL, and none that was changed`, () => {
    for (const url of URLS) {
      for (const conditions of CONDITIONS) {
        const { resource, query } = taken(signer.url(url, conditions))
        assert.equal(resource, url)
        assert.ok(accepts(query, resource, publicKey))
        if (query.has('Expires')) {
          assert.ok(!accepts(query, `${resource}x`, publicKey))
          assert.ok(!accepts(new Map([...query, ['Expires', String(AT + 1)]]), resource, publicKey))
        }
        const other = createPublicKey(name === 'RSA' ? EC : RSA)
        assert.ok(!accepts(query, resource, other))
      }
    }
  })

  test(`${name}: policies, parameters and cookies are those of AWS's own signer`, () => {
    const algorithm = name === 'ECDSA' ? ({ algorithm: 'SHA256' } as const) : {}
    for (const url of URLS) {
      for (const conditions of CONDITIONS) {
        const theirs = taken(
          getSignedUrl({
            url,
            keyPairId: ID,
            privateKey,
            dateLessThan: iso(conditions.expiresAt)!,
            ...('startsAt' in conditions ? { dateGreaterThan: iso(conditions.startsAt)! } : {}),
            ...('ipAddress' in conditions ? { ipAddress: conditions.ipAddress! } : {}),
            ...algorithm,
          }),
        )
        const ours = taken(signer.url(url, conditions))
        assert.equal(ours.resource, theirs.resource)
        assert.deepEqual(new Set(ours.query.keys()), new Set(theirs.query.keys()))
        for (const [parameter, value] of ours.query) {
          // An ECDSA signature is another each time; the verifier above looks at both.
          if (parameter !== 'Signature' || name === 'RSA') assert.equal(value, theirs.query.get(parameter), parameter)
        }
        assert.ok(accepts(theirs.query, theirs.resource, publicKey))
      }
    }
    const base = 'https://cdn.example.com/team%20a/'
    const policy = JSON.stringify({
      Statement: [{ Resource: `${base}*`, Condition: { DateLessThan: { 'AWS:EpochTime': AT } } }],
    })
    const theirs: Record<string, unknown> = {
      ...getSignedCookies({ keyPairId: ID, privateKey, policy, ...algorithm }),
    }
    const ours = signer.cookies(base, { expiresAt: AT })
    assert.deepEqual(Object.keys(ours).toSorted(), Object.keys(theirs).toSorted())
    for (const [cookie, value] of Object.entries(ours)) {
      if (cookie !== 'CloudFront-Signature' || name === 'RSA') assert.equal(value, theirs[cookie], cookie)
    }
    const query = new Map(Object.entries(ours).map(([cookie, value]) => [cookie.replace('CloudFront-', ''), value]))
    assert.ok(accepts(query, `${base}x`, publicKey))
  })
}

test('a wildcard, a parameter of its own, a time that is none and an address that is none are refused', () => {
  const signer = createCloudFrontSigner({ id: ID, privateKey: createPrivateKey(EC) })
  assert.throws(() => signer.cookies('https://cdn.example.com/a*/', { expiresAt: AT }), RangeError)
  assert.throws(() => signer.cookies('https://cdn.example.com/a?b', { expiresAt: AT }), RangeError)
  assert.throws(() => signer.url('https://cdn.example.com/a?Policy=x', { expiresAt: AT }), RangeError)
  assert.throws(() => signer.url(URLS[0]!, { expiresAt: AT + 0.5 }), RangeError)
  for (const ipAddress of ['300.1.1.1', '1.2.3', '1.2.3.4/33', '::1', '1.2.3.4.5']) {
    assert.throws(() => signer.url(URLS[0]!, { expiresAt: AT, ipAddress }), RangeError, ipAddress)
  }
})

test('only keys that CloudFront takes are taken, and an error does not quote one', () => {
  for (const good of [RSA, EC]) assert.equal(parseCloudFrontKey(good).type, 'private')
  const small = pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)
  const other = pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)
  for (const bad of [small, other, 'no key', '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n']) {
    assert.throws(
      () => parseCloudFrontKey(bad),
      (error: Error) => error instanceof RangeError && !error.message.includes('MII'),
    )
  }
})
