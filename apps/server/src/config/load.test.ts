import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ConfigError, loadConfig } from './load.ts'

const AUTH0 = '[{"issuer":"https://tenant.auth0.com/","audience":"https://api"}]'
const external = {
  DATABASE_URL: 'postgresql://u:p@db:5432/d',
  SKYCRATE_SECRET: 'pJ5vT0rCzqk1y8m4W2n9Qd7bXs3LhGfE',
  S3_ENDPOINT: 'https://ceph.example.com',
  S3_ACCESS_KEY_ID: 'a',
  S3_SECRET_ACCESS_KEY: 'b',
  SKYCRATE_PUBLIC_URL: 'https://files.example.com',
}

async function mistakesOf(environment: NodeJS.ProcessEnv): Promise<readonly string[]> {
  try {
    await loadConfig(environment)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.mistakes
  }
}

test('nothing at all is the embedded mode', async () => {
  const config = await loadConfig({})
  assert.equal(config.database.kind, 'embedded')
  assert.equal(config.store.kind, 'embedded')
  assert.equal(config.production, false)
  assert.equal(config.http.port, 8080)
  assert.equal(config.homes.layout, 'bucket-per-user')
  assert.equal(config.homes.libraryBucket, 'skycrate-library')
  assert.equal(config.homes.strict, true)
})

test('every mistake is named at once, and no secret is', async () => {
  const mistakes = await mistakesOf({
    SKYCRATE_HTTP_PORT: '80800',
    SKYCRATE_ADMIN_EMAIL: 'nobody',
    SKYCRATE_ADMIN_PASSWORD: 'short-one',
    SKYCRATE_ISSUERS: '{',
    SKYCRATE_GESTS: 'true',
    SKYCRATE_LOG_LEVEL: 'loud',
    DATABASE_URL: 'mysql://root:hunter2@db/x',
  })
  for (const name of [
    'SKYCRATE_HTTP_PORT',
    'SKYCRATE_ADMIN_EMAIL',
    'SKYCRATE_ADMIN_PASSWORD',
    'SKYCRATE_ISSUERS',
    'SKYCRATE_GESTS',
    'SKYCRATE_LOG_LEVEL',
    'DATABASE_URL',
  ]) {
    assert.ok(
      mistakes.some((mistake) => mistake.startsWith(name)),
      name,
    )
  }
  assert.ok(!mistakes.join().includes('short-one') && !mistakes.join().includes('hunter2'))
})

test('an external database and store make it production, which needs https', async () => {
  const config = await loadConfig(external)
  assert.equal(config.production, true)
  assert.equal(config.homes.strict, false)
  const mistakes = await mistakesOf({
    ...external,
    SKYCRATE_PUBLIC_URL: 'http://files.example.com',
    SKYCRATE_ISSUERS: '[{"issuer":"http://127.0.0.1:3000/","audience":"a"}]',
  })
  assert.equal(mistakes.length, 2, mistakes.join('\n'))
})

const WEAK = [
  'a'.repeat(32),
  'ab'.repeat(20),
  'changeme-'.repeat(5),
  'abcdefghijklmnopqrstuvwxyz0123456789',
  '00000000000000000000000000000001',
  '12345678901234567890123456789012',
]
const STRONG = [
  'pJ5vT0rCzqk1y8m4W2n9Qd7bXs3LhGfE',
  '3f786850e387550fdab836ed7e6dc881',
  'the same for every process, and no default',
]

for (const [what, change, name] of [
  ['http for presigned URLs', { S3_PUBLIC_ENDPOINT: 'http://s3.example.com' }, 'S3_PUBLIC_ENDPOINT'],
  ['http for presigned URLs, by the endpoint alone', { S3_ENDPOINT: 'http://ceph.example.com' }, 'S3_PUBLIC_ENDPOINT'],
  ['no public URL', { SKYCRATE_PUBLIC_URL: '' }, 'SKYCRATE_PUBLIC_URL'],
  ['a public URL by http', { SKYCRATE_PUBLIC_URL: 'http://files.example.com' }, 'SKYCRATE_PUBLIC_URL'],
  ['a store on its own origin', { S3_PUBLIC_ENDPOINT: 'https://files.example.com' }, 'S3_PUBLIC_ENDPOINT'],
  ['a store on its own origin, with its port', { S3_ENDPOINT: 'https://files.example.com:443' }, 'S3_ENDPOINT'],
  ...WEAK.map((secret) => [`the secret ${secret}`, { SKYCRATE_SECRET: secret }, 'SKYCRATE_SECRET'] as const),
] as const) {
  test(`production refuses ${what}`, async () => {
    const mistakes = await mistakesOf({ ...external, ...change })
    assert.equal(mistakes.length, 1, mistakes.join('\n'))
    assert.equal(mistakes[0]!.split(' ')[0], name)
  })
}

test('what is safe is accepted: https, loopback, and secrets that look random', async () => {
  assert.deepEqual(await mistakesOf({ ...external, S3_PUBLIC_ENDPOINT: 'https://s3.example.com' }), [])
  const loopback = { SKYCRATE_PUBLIC_URL: 'http://127.0.0.1:8080', S3_ENDPOINT: 'http://127.0.0.1:9000' }
  assert.deepEqual(await mistakesOf({ ...external, ...loopback }), [])
  for (const secret of STRONG) assert.deepEqual(await mistakesOf({ ...external, SKYCRATE_SECRET: secret }), [], secret)
  const elsewhere = { SKYCRATE_PRODUCTION: 'false', SKYCRATE_PUBLIC_URL: '', S3_ENDPOINT: 'http://ceph.example.com' }
  assert.deepEqual(await mistakesOf({ ...external, ...elsewhere }), [])
})

test('a region is what stores call one', async () => {
  for (const region of ['RegionOne', 'eu-central-1', 'default', 'us_east', 'auto']) {
    const { store } = await loadConfig({ ...external, S3_REGION: region })
    assert.equal(store.region, region)
  }
  for (const region of ['a b', '-x', 'x'.repeat(65), 'eu/1']) {
    assert.match((await mistakesOf({ ...external, S3_REGION: region })).join(), /^S3_REGION/)
  }
})

test('a wildcard is refused wherever an origin stands, since a browser and a bucket read it differently', async () => {
  for (const origins of ['https://*.example.com', 'https://a.example.com, https://*', 'https://*:8443']) {
    assert.match((await mistakesOf({ SKYCRATE_WEB_ORIGINS: origins })).join(), /^SKYCRATE_WEB_ORIGINS.*wildcard/)
  }
  assert.match((await mistakesOf({ ...external, SKYCRATE_PUBLIC_URL: 'https://*.example.com' })).join(), /wildcard/)
})

test('keys of an issuer come by https too, or from this machine where that is allowed', async () => {
  const issuersOf = (jwksUri: string): string =>
    JSON.stringify([{ issuer: 'https://tenant.auth0.com/', jwksUri, audience: 'a' }])
  const local = issuersOf('http://127.0.0.1:3000/keys')
  assert.deepEqual(await mistakesOf({ SKYCRATE_ISSUERS: local }), [])
  assert.match(
    (await mistakesOf({ ...external, SKYCRATE_ISSUERS: local })).join(),
    /jwksUri must be https in production/,
  )
  for (const jwksUri of ['http://idp.example/keys', 'https://a:hunter2@idp.example/keys']) {
    const mistakes = (await mistakesOf({ SKYCRATE_ISSUERS: issuersOf(jwksUri) })).join()
    assert.match(mistakes, /^SKYCRATE_ISSUERS: \/0\/jwksUri must be https, or on loopback/)
    assert.doesNotMatch(mistakes, /hunter2/)
  }
})

test('the endpoint of AWS brings its defaults: a shared bucket that must be named, host names, roles', async () => {
  const { S3_ACCESS_KEY_ID: _, S3_SECRET_ACCESS_KEY: __, ...withoutKeys } = external
  const aws = { ...withoutKeys, S3_ENDPOINT: 'https://s3.eu-central-1.amazonaws.com', S3_REGION: 'eu-central-1' }
  assert.deepEqual(
    (await mistakesOf(aws)).map((mistake) => mistake.split(' ')[0]),
    ['SKYCRATE_LIBRARY_BUCKET'],
  )
  const config = await loadConfig({ ...aws, SKYCRATE_LIBRARY_BUCKET: 'our-library' })
  assert.ok(
    config.store.kind === 'aws' && config.store.addressing === 'virtual' && config.store.credentials === undefined,
  )
  assert.equal(config.homes.layout, 'shared-bucket')
  assert.equal(config.homes.strict, true)
})

test('proxies are counted, and true is one', async () => {
  for (const [text, expected] of [
    ['false', 0],
    ['true', 1],
    ['3', 3],
  ] as const) {
    assert.equal((await loadConfig({ SKYCRATE_TRUST_PROXY: text })).http.trustedProxies, expected)
  }
  assert.match((await mistakesOf({ SKYCRATE_TRUST_PROXY: 'yes' })).join(), /^SKYCRATE_TRUST_PROXY must be/)
})

test('a configuration file that cannot be used is a mistake like any other, not a stack trace', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skycrate-config-'))
  const wrong: [string, RegExp][] = [
    ['this is no {', /cannot be loaded/],
    ["throw new Error('out of order')", /cannot be loaded: out of order/],
    ['export default {}', /must export an object named config/],
    ['export const config = { toString: 1 }', /toString .* is no setting/],
  ]
  for (const [i, [text, expected]] of wrong.entries()) {
    const path = join(folder, `${i}.config.ts`)
    await writeFile(path, text)
    const mistakes = await mistakesOf({ SKYCRATE_CONFIG: path, SKYCRATE_HTTP_PORT: 'x' })
    assert.match(mistakes.join('\n'), expected)
    assert.match(mistakes.join('\n'), /SKYCRATE_HTTP_PORT/, 'and the others are named with it')
  }
  assert.match((await mistakesOf({ SKYCRATE_CONFIG: folder })).join(), /cannot be loaded/)
  const fine = join(folder, 'fine.config.ts')
  await writeFile(fine, 'export const config = { SKYCRATE_HTTP_PORT: 8123, SKYCRATE_ADMIN_EMAIL: null }')
  assert.equal((await loadConfig({ SKYCRATE_CONFIG: fine })).http.port, 8123)
  await rm(folder, { recursive: true })
})

test('a name that is no setting is answered with those that it may have been meant for', async () => {
  const mistakesAt = async (name: string): Promise<string> => (await mistakesOf({ [name]: '1' })).join('\n')
  const ports = /^SKYCRATE_PORT is no setting of SkyCrate: is SKYCRATE_HTTP_PORT or SKYCRATE_S3_PORT meant\?$/
  assert.match(await mistakesAt('SKYCRATE_PORT'), ports)
  assert.match(await mistakesAt('SKYCRATE_AUDIT_RETENTION'), /: is SKYCRATE_AUDIT_RETENTION_DAYS\b/)
  assert.equal(await mistakesAt('SKYCRATE_FLUX'), 'SKYCRATE_FLUX is no setting of SkyCrate')
})

test('the port is known before the start, for it is part of the issuer of tokens', async () => {
  assert.match((await mistakesOf({ SKYCRATE_HTTP_PORT: '0' })).join(), /^SKYCRATE_HTTP_PORT/)
  assert.equal((await loadConfig({ SKYCRATE_HTTP_PORT: '8081' })).http.publicUrl, 'http://localhost:8081')
})

test('a secret is only asked for where there is no folder to keep one in, or in production', async () => {
  const database = { DATABASE_URL: external.DATABASE_URL }
  assert.equal((await loadConfig(database)).secret, undefined)
  const { SKYCRATE_SECRET: _, ...withoutSecret } = external
  assert.equal(
    (await loadConfig({ SKYCRATE_PRODUCTION: 'true', SKYCRATE_PUBLIC_URL: external.SKYCRATE_PUBLIC_URL })).secret,
    undefined,
  )
  for (const environment of [
    { ...database, SKYCRATE_PRODUCTION: 'true', SKYCRATE_PUBLIC_URL: external.SKYCRATE_PUBLIC_URL },
    withoutSecret,
    { ...withoutSecret, SKYCRATE_PRODUCTION: 'false' },
  ]) {
    assert.deepEqual(
      (await mistakesOf(environment)).map((mistake) => mistake.split(' ')[0]),
      ['SKYCRATE_SECRET'],
    )
  }
})

test('settings that need each other say so', async () => {
  const needs: [NodeJS.ProcessEnv, string][] = [
    [{ ...external, SKYCRATE_SECRET: '' }, 'SKYCRATE_SECRET'],
    [{ ...external, S3_SECRET_ACCESS_KEY: '' }, 'S3_ACCESS_KEY_ID'],
    [{ ...external, SKYCRATE_HOME_LAYOUT: 'shared-bucket' }, 'SKYCRATE_LIBRARY_BUCKET'],
  ]
  for (const [environment, name] of needs) {
    const mistakes = await mistakesOf(environment)
    assert.ok(
      mistakes.some((mistake) => mistake.startsWith(name)),
      `${name}: ${mistakes.join()}`,
    )
  }
})

test('issuers are checked one by one', async () => {
  const config = await loadConfig({ SKYCRATE_ISSUERS: AUTH0 })
  assert.deepEqual(config.issuers[0]?.audience, ['https://api'])
  const wrong: [string, RegExp][] = [
    ['[{"issuer":"https://a.example/"}]', /audience or a clientId/],
    ['[{"issuer":"tenant","audience":"a"}]', /must be a URL/],
    ['[{"issuer":"https://a.example","audience":"a"},{"issuer":"https://a.example/","audience":"a"}]', /twice/],
    ['[{"issuer":"https://a.example","audience":"a","algorithms":["HS256"]}]', /algorithms/],
    ['[{"issuer":"https://a.example","audience":"a","aud":"b"}]', /does not know aud/],
    ['[{"issuer":"http://a.example","audience":"a"}]', /https/],
  ]
  for (const [text, expected] of wrong)
    assert.match((await mistakesOf({ SKYCRATE_ISSUERS: text })).join(), expected, text)
})

test('webhooks of the embedded store are checked one by one, and their URLs and secrets are not told', async () => {
  const hook = { name: 'thumbnails', url: 'https://media.example.com/events?token=hidden' }
  const signed = { ...hook, secret: 'whsec_aGlkZGVu' }
  const config = await loadConfig({
    SKYCRATE_S3_WEBHOOKS: JSON.stringify([signed, { ...hook, name: 'plain' }]),
    SKYCRATE_S3_WEBHOOK_MAX_AGE: '48',
  })
  assert.ok(config.store.kind === 'embedded')
  assert.deepEqual(config.store.webhooks, [signed, { ...hook, name: 'plain' }])
  assert.equal(config.store.webhookMaxAge, 172_800_000)
  const wrong: [unknown, RegExp][] = [
    ['hidden', /must be JSON/],
    [{ ...signed }, /must be an array of webhooks/],
    [[{ ...signed, secrets: ['hidden'] }], /does not know secrets/],
    [[{ ...signed, secret: '' }], /\/0\/secret/],
    [[{ ...signed, secret: 'whsec_hidden!' }], /\/0\/secret must have base64/],
    [[signed, { ...hook, name: 'a/b' }], /\/1\/name must have/],
    [[signed, signed], /\/1\/name is that of \/0/],
    [[{ ...signed, url: 'ftp://hidden/' }], /\/0\/url must be/],
    [[{ ...signed, url: 'https://user:hidden@x/' }], /\/0\/url must be/],
  ]
  for (const [value, expected] of wrong) {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const mistakes = (await mistakesOf({ SKYCRATE_S3_WEBHOOKS: text })).join()
    assert.match(mistakes, expected, text)
    assert.doesNotMatch(mistakes, /hidden|aGlkZGVu/)
  }
})

test('what only the embedded store is told is refused where the store is another', async () => {
  const mistakes = await mistakesOf({
    ...external,
    SKYCRATE_S3_WEBHOOKS: '[{"name":"a","url":"https://b.example/"}]',
    SKYCRATE_S3_WEBHOOK_MAX_AGE: '24',
    SKYCRATE_S3_MAX_CONNECTIONS_PER_ADDRESS: '100',
    SKYCRATE_S3_METRICS_PORT: '9001',
  })
  assert.deepEqual(
    mistakes.map((mistake) => mistake.split(' ')[0]),
    [
      'SKYCRATE_S3_WEBHOOKS',
      'SKYCRATE_S3_WEBHOOK_MAX_AGE',
      'SKYCRATE_S3_MAX_CONNECTIONS_PER_ADDRESS',
      'SKYCRATE_S3_METRICS_PORT',
    ],
  )
  assert.match(mistakes.join(), /embedded store alone/)
})

test('the embedded store tells its counters nowhere, or on this machine, or where it is told, and never on a port of all', async () => {
  const metricsOf = async (environment: NodeJS.ProcessEnv) => {
    const { store } = await loadConfig(environment)
    assert.ok(store.kind === 'embedded')
    return store.metrics
  }
  assert.equal(await metricsOf({ SKYCRATE_S3_METRICS_HOST: '10.0.0.5' }), undefined)
  const port = { SKYCRATE_S3_METRICS_PORT: '9001' }
  assert.deepEqual(await metricsOf(port), { host: '127.0.0.1', port: 9001 })
  assert.deepEqual(await metricsOf({ ...port, SKYCRATE_S3_METRICS_HOST: '10.0.0.5' }), { host: '10.0.0.5', port: 9001 })
  assert.deepEqual(await metricsOf({ SKYCRATE_S3_METRICS_PORT: '0', SKYCRATE_S3_PORT: '0' }), {
    host: '127.0.0.1',
    port: 0,
  })
  for (const name of ['SKYCRATE_HTTP_PORT', 'SKYCRATE_S3_PORT']) {
    assert.match(
      (await mistakesOf({ ...port, [name]: '9001' })).join(),
      /^SKYCRATE_S3_METRICS_PORT must be a port of its/,
    )
  }
})

test('a certificate makes the public URL https, and the embedded store shares it', async () => {
  const { http, store } = await loadConfig({ SKYCRATE_TLS_CERT: '/c.pem', SKYCRATE_TLS_KEY: '/k.pem' })
  assert.equal(http.publicUrl, 'https://localhost:8080')
  assert.equal(store.kind === 'embedded' && store.tls?.cert, '/c.pem')
  const own = await loadConfig({ SKYCRATE_S3_TLS_CERT: '/c.pem', SKYCRATE_S3_TLS_KEY: '/k.pem' })
  assert.equal(own.http.tls, undefined)
  assert.equal(own.store.kind === 'embedded' && own.store.tls?.key, '/k.pem')
  for (const [environment, expected] of [
    [{ SKYCRATE_TLS_CERT: '/c.pem' }, /^SKYCRATE_TLS_CERT and SKYCRATE_TLS_KEY go together/],
    [
      { SKYCRATE_TLS_CERT: '/c.pem', SKYCRATE_TLS_KEY: '/k.pem', SKYCRATE_PUBLIC_URL: 'http://a.example.com' },
      /^SKYCRATE_PUBLIC_URL must be https with SKYCRATE_TLS_CERT/,
    ],
    [
      { SKYCRATE_TLS_CERT: '/c.pem', SKYCRATE_TLS_KEY: '/k.pem', S3_PUBLIC_ENDPOINT: 'http://s3.example.com' },
      /^S3_PUBLIC_ENDPOINT must be https with SKYCRATE_TLS_CERT/,
    ],
    [
      { ...external, SKYCRATE_S3_TLS_CERT: '/c.pem', SKYCRATE_S3_TLS_KEY: '/k.pem' },
      /^SKYCRATE_S3_TLS_CERT is for the embedded store alone/,
    ],
  ] as const) {
    const [mistake] = await mistakesOf(environment)
    assert.match(mistake ?? '', expected)
  }
})
