import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, apiOf, auditEvents, type Problem, signInAsAdmin, type Vended } from './api.ts'
import { download, home, list, remove, upload, use, vend } from './client-steps.ts'
import { startPostgres } from './engines/postgres.ts'
import { type S3Server, startS3Server } from './engines/s3-server.ts'
import { freePort } from './free-port.ts'
import { type Answer, request } from './http.ts'
import { poll } from './poll.ts'
import { startStoreGate } from './store-gate.ts'
import { runServerToItsEnd, startSystem } from './system.ts'
import { startTcpProxy } from './tcp-proxy.ts'

const SECRET = randomBytes(24).toString('hex')
const storeSettings = (store: S3Server, endpoint: string): Record<string, string> => ({
  S3_ENDPOINT: endpoint,
  S3_PUBLIC_ENDPOINT: store.url,
  S3_ACCESS_KEY_ID: store.accessKeyId,
  S3_SECRET_ACCESS_KEY: store.secretAccessKey,
})

function assertUnavailable(answer: Answer, codes: readonly string[]): void {
  assert.equal(answer.status, 503, answer.text)
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
  assert.ok(Number(answer.headers['retry-after']) >= 1, 'Retry-After says when to try again')
  const { code } = answer.json<Problem>()
  assert.ok(codes.includes(code), code)
}

test('killed twenty times under load: every URL that a client received is in the audit log, every stored object is there', async () => {
  await using system = await startSystem()
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  const received = new Map<string, string>()
  const stored = new Map<string, string>()

  for (let round = 0; round < 20; round++) {
    let killed = false
    const vendForever = async (worker: number): Promise<void> => {
      for (let n = 0; !killed; n++) {
        const key = `${round}/${worker}/${n}.txt`
        const answer = await api.post('/s3/presigned-url', { bucket, key, operation: 'put' }).catch(() => undefined)
        if (answer?.status !== 200) continue
        received.set(String(answer.headers['x-request-id']), key)
        if (n % 10 !== 0) continue
        const put = await use(answer.json<Vended>(), key).catch(() => undefined)
        if (put?.status === 200) stored.set(key, key)
      }
    }
    const load = Promise.all(Array.from({ length: 8 }, (_, worker) => vendForever(worker)))
    await sleep(60 + Math.random() * 240)
    await system.kill9()
    killed = true
    await load
    await system.restart()
  }

  const logged = new Map<string, string | null>()
  for (const event of await auditEvents(api, '/audit/logs')) {
    if (event.action === 'object.put' && event.outcome === 'allow') logged.set(event.requestId, event.key)
  }
  assert.ok(received.size > 200, `there was load: ${received.size} URLs`)
  const unrecorded = [...received].filter(([requestId, key]) => logged.get(requestId) !== key)
  assert.deepEqual(unrecorded, [], `${unrecorded.length} of ${received.size} URLs are not in the audit log`)

  assert.ok(stored.size > 20, `there were uploads: ${stored.size}`)
  for (const [key, body] of stored) assert.equal((await download(api, bucket, key)).toString(), body)
  assert.equal((await home(api)).bucket, bucket)
})

test('the S3 store is gone: 503 with Retry-After, the audit log says so, and all is well once it is back', async () => {
  await using store = await startS3Server()
  await using proxy = await startTcpProxy(await freePort(), { host: '127.0.0.1', port: store.port })
  await using system = await startSystem({ env: storeSettings(store, `http://127.0.0.1:${proxy.port}`) })
  const api = await signInAsAdmin(system)

  await proxy.cut()
  const first = await api.get('/home')
  assertUnavailable(first, ['store-unavailable'])
  assert.equal((await request(`${system.url}/healthz`)).status, 200, 'the process itself is well')
  await poll('not ready', 15_000, async () => (await request(`${system.url}/readyz`)).status === 503)

  await proxy.restore()
  const made = await poll('the home is made', 30_000, async () => {
    const answer = await api.get('/home')
    return answer.status === 200 && answer.json<{ bucket: string }>()
  })
  const { bucket } = made
  await upload(api, bucket, 'x.txt', 'x')

  await proxy.cut()
  const listed = await api.get(`/s3/list/${bucket}`)
  assertUnavailable(listed, ['store-unavailable'])
  const removed = await remove(api, bucket, 'x.txt')
  assertUnavailable(removed, ['store-unavailable'])
  const vended = await vend(api, { bucket, key: 'x.txt', operation: 'get' })
  assert.equal((await use(vended)).text, 'x', 'whoever only needs a decision gets one')

  await proxy.restore()
  await poll('ready again', 30_000, async () => (await request(`${system.url}/readyz`)).status === 200)
  assert.equal((await list(api, bucket)).objects.length, 1)

  const errors = (await auditEvents(api, '/audit/my-activity')).filter((event) => event.outcome === 'error')
  const byRequest = new Map(errors.map((event) => [event.requestId, event]))
  for (const [answer, action] of [
    [first, 'home.create'],
    [listed, 'object.list'],
    [removed, 'object.delete'],
  ] as const) {
    const event = byRequest.get(String(answer.headers['x-request-id']))
    assert.equal(event?.action, action)
    assert.match(event?.reason ?? '', /store/)
  }
})

test('an S3 store that hangs is a store that is gone: 503, after a bounded time', async () => {
  await using store = await startS3Server()
  await using proxy = await startTcpProxy(await freePort(), { host: '127.0.0.1', port: store.port })
  await using system = await startSystem({ env: storeSettings(store, `http://127.0.0.1:${proxy.port}`) })
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  proxy.freeze()
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => api.get(`/s3/list/${bucket}`, { timeoutMs: 60_000 })),
  )
  for (const answer of answers) assertUnavailable(answer, ['store-unavailable'])
  // Calls that wait for a store hold nothing that others need.
  const waiting = api.get(`/s3/list/${bucket}`, { timeoutMs: 60_000 })
  await vend(api, { bucket, key: 'x', operation: 'get' })
  assertUnavailable(await waiting, ['store-unavailable'])
  proxy.thaw()
  await poll('lists again', 20_000, async () => (await api.get(`/s3/list/${bucket}`)).status === 200)
})

test('no database at the start: a clear line while it waits, then a clear end', async () => {
  const port = await freePort()
  const started = Date.now()
  const { code, output } = await runServerToItsEnd({
    DATABASE_URL: `postgresql://skycrate:hunter2secret@127.0.0.1:${port}/skycrate`,
    SKYCRATE_SECRET: SECRET,
    SKYCRATE_DATABASE_WAIT: '2',
    SKYCRATE_HTTP_PORT: String(await freePort()),
    SKYCRATE_S3_PORT: String(await freePort()),
  })
  assert.ok(code !== 0 && code !== null, `${code}`)
  assert.match(output, /waiting for PostgreSQL/i)
  assert.ok(output.includes(`127.0.0.1:${port}`), 'it says where it looked')
  assert.equal(output.includes('hunter2secret'), false)
  assert.equal(/\n\s+at .*\.ts:\d+/.test(output.split('\n').slice(-3).join('\n')), false, 'no stack for a last word')
  assert.ok(Date.now() - started < 30_000)
})

test('a database that comes a little later than the server is waited for', async () => {
  await using postgres = await startPostgres()
  await using proxy = await startTcpProxy(await freePort(), { host: '127.0.0.1', port: postgres.port })
  await proxy.cut()
  await using system = await startSystem({
    env: { DATABASE_URL: postgres.url(proxy.port), SKYCRATE_SECRET: SECRET, SKYCRATE_PRODUCTION: 'false' },
    whileStarting: async (output) => {
      await poll('the server says that it waits', 30_000, () => /waiting for PostgreSQL/i.test(output()))
      await proxy.restore()
    },
  })
  await home(await signInAsAdmin(system))
})

/** What every door says while there is no database: nothing is vended that could not be recorded. */
async function assertNothingVended(api: Api, bucket: string): Promise<void> {
  const answers = await Promise.all([
    api.post('/s3/presigned-url', { bucket, key: 'x.txt', operation: 'get' }, { timeoutMs: 60_000 }),
    api.post('/s3/presigned-url', { bucket, key: 'x.txt', operation: 'put' }, { timeoutMs: 60_000 }),
    api.get(`/s3/list/${bucket}`, { timeoutMs: 60_000 }),
    api.get('/audit/my-activity', { timeoutMs: 60_000 }),
  ])
  for (const answer of answers) {
    assertUnavailable(answer, ['database-unavailable', 'audit-unavailable'])
    assert.equal(answer.text.includes('X-Amz-Signature'), false)
  }
}

for (const [what, fault] of [
  ['is killed', 'kill'],
  ['is out of reach', 'cut'],
  ['hangs', 'freeze'],
] as const) {
  test(`the database ${what} while the system runs: 503, nothing is vended, and it recovers by itself`, async () => {
    await using postgres = await startPostgres()
    await using proxy = await startTcpProxy(await freePort(), { host: '127.0.0.1', port: postgres.port })
    await using system = await startSystem({
      env: { DATABASE_URL: postgres.url(proxy.port), SKYCRATE_SECRET: SECRET, SKYCRATE_PRODUCTION: 'false' },
    })
    const api = await signInAsAdmin(system)
    const { pid } = system
    const { bucket } = await home(api)
    await upload(api, bucket, 'x.txt', 'x')

    if (fault === 'kill') await postgres.kill9()
    else if (fault === 'cut') await proxy.cut()
    else proxy.freeze()
    await assertNothingVended(api, bucket)
    await assertNothingVended(api, bucket)
    await poll(
      'not ready',
      20_000,
      async () => (await request(`${system.url}/readyz`, { timeoutMs: 30_000 })).status === 503,
    )

    if (fault === 'kill') await postgres.start()
    else if (fault === 'cut') await proxy.restore()
    else proxy.thaw()
    await poll('vends again', 30_000, async () => {
      const answer = await api.post('/s3/presigned-url', { bucket, key: 'x.txt', operation: 'get' })
      return answer.status === 200 && (await use(answer.json<Vended>())).text === 'x'
    })
    await poll('ready again', 30_000, async () => (await request(`${system.url}/readyz`)).status === 200)
    assert.equal((await home(api)).bucket, bucket)
    assert.equal(system.pid, pid, 'without a restart')
    assert.equal(system.log().includes(postgres.password), false)
  })
}

test('asked to stop, it finishes what it has begun and ends with 0', async () => {
  await using store = await startS3Server()
  const reached = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  let hold = false
  await using gate = await startStoreGate(store.url, async () => {
    if (!hold) return
    reached.resolve()
    await release.promise
  })
  await using system = await startSystem({ env: storeSettings(store, gate.url) })
  const api = await signInAsAdmin(system)
  hold = true
  const inFlight = api.get('/home')
  await reached.promise
  const stopped = system.stop()
  await poll('takes no more', 10_000, () =>
    request(`${system.url}/healthz`).then(
      () => false,
      () => true,
    ),
  )
  release.resolve()
  const answer = await inFlight
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual(await stopped, { code: 0, signal: null })
  hold = false
  await system.restart()
  assert.equal((await home(api)).bucket, answer.json<{ bucket: string }>().bucket)
})

test('a wrong configuration: one message names every mistake, and nothing is started', async () => {
  const { code, output } = await runServerToItsEnd({
    SKYCRATE_HTTP_PORT: 'eighty',
    SKYCRATE_ADMIN_EMAIL: 'nobody',
    SKYCRATE_ADMIN_PASSWORD: 'hunter2',
    SKYCRATE_ISSUERS: '[{"issuer": "ftp://x"}]',
    SKYCRATE_LOG_LEVEL: 'loud',
    SKYCRATE_HTPT_PORT: '8080',
    DATABASE_URL: 'mysql://root:hunter2@localhost/x',
    S3_ENDPOINT: 'not a url',
    S3_ACCESS_KEY_ID: 'only-one-half',
  })
  assert.ok(code !== 0 && code !== null)
  for (const name of [
    'SKYCRATE_HTTP_PORT',
    'SKYCRATE_ADMIN_EMAIL',
    'SKYCRATE_ADMIN_PASSWORD',
    'SKYCRATE_ISSUERS',
    'SKYCRATE_LOG_LEVEL',
    'SKYCRATE_HTPT_PORT',
    'DATABASE_URL',
    'S3_ENDPOINT',
    'S3_SECRET_ACCESS_KEY',
  ]) {
    assert.ok(output.includes(name), `${name} is named in:\n${output}`)
  }
  assert.equal(output.includes('hunter2'), false, 'no secret is repeated')
  assert.equal(/ {4}at /.test(output), false, 'a message, not a stack')
})

test('a port that is taken and a data folder that is in use each end the start with a clear message', async () => {
  await using first = await startSystem()
  const { port } = new URL(first.url)
  const taken = await runServerToItsEnd({ SKYCRATE_HTTP_PORT: port, SKYCRATE_S3_PORT: String(await freePort()) })
  assert.ok(taken.code !== 0 && taken.code !== null)
  assert.ok(taken.output.includes(port), taken.output)
  // Lines of the log are JSON, and may well hold a stack; what speaks to the operator does not.
  const spoken = taken.output.split('\n').filter((line) => !line.startsWith('{'))
  assert.equal(/ {4}at /.test(spoken.join('\n')), false, taken.output)

  const { port: s3Port } = new URL(first.s3Url)
  const withoutStore = await runServerToItsEnd({
    SKYCRATE_HTTP_PORT: String(await freePort()),
    SKYCRATE_S3_PORT: s3Port,
  })
  assert.ok(withoutStore.code !== 0 && withoutStore.code !== null)
  assert.match(withoutStore.output, /SKYCRATE_S3_PORT/)

  const second = await runServerToItsEnd({
    SKYCRATE_DATA: first.dataDir,
    SKYCRATE_HTTP_PORT: String(await freePort()),
    SKYCRATE_S3_PORT: String(await freePort()),
  })
  assert.ok(second.code !== 0 && second.code !== null)
  assert.ok(second.output.includes(first.dataDir), second.output)
  await home(await signInAsAdmin(first))
})

test('no token, password, key or signed URL is in the log, however much is logged and whatever goes wrong', async () => {
  await using postgres = await startPostgres()
  await using store = await startS3Server()
  await using proxy = await startTcpProxy(await freePort(), { host: '127.0.0.1', port: store.port })
  await using system = await startSystem({
    env: {
      ...storeSettings(store, `http://127.0.0.1:${proxy.port}`),
      DATABASE_URL: postgres.url(),
      SKYCRATE_SECRET: SECRET,
      SKYCRATE_PRODUCTION: 'false',
      SKYCRATE_LOG_LEVEL: 'trace',
      SKYCRATE_LOG_KEYS: 'false',
    },
  })
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  const key = 'private diary of december.txt'
  await upload(api, bucket, key, 'dear diary')
  const vended = await vend(api, { bucket, key, operation: 'get' })
  await list(api, bucket)
  const nobody = apiOf(system.url, undefined)
  await nobody.post('/auth/login', { email: system.admin.email, password: 'a guessed password' })
  await nobody.post('/auth/login', { email: system.admin.email, passwort: 'a misspelt field' })
  await request(`${system.url}/api/v1/auth/me?access_token=${api.token}`)
  await apiOf(system.url, `${api.token}x`).get('/auth/me')
  await proxy.cut()
  await api.get(`/s3/list/${bucket}`)
  await remove(api, bucket, key)
  await proxy.restore()
  await postgres.kill9()
  await api.post('/s3/presigned-url', { bucket, key, operation: 'get' })
  const refreshed = await nobody.post(
    '/auth/refresh',
    { refresh_token: api.tokens.refresh_token },
    { timeoutMs: 60_000 },
  )
  assert.equal(refreshed.status, 503)
  await postgres.start()
  await system.stop()

  const log = system.log()
  assert.ok(log.length > 500, 'something was logged')
  const [, payload = '', signature = ''] = (api.token ?? '').split('.')
  const secrets = {
    'the access token': api.token ?? '',
    "the access token's claims": payload,
    "the access token's signature": signature,
    'the refresh token': api.tokens.refresh_token,
    'the password': system.admin.password,
    'a guessed password': 'a guessed password',
    'a misspelt field': 'a misspelt field',
    "the store's secret key": store.secretAccessKey,
    "the database's password": postgres.password,
    'the secret of the configuration': SECRET,
    'a signed URL': 'X-Amz-Signature',
    "a signed URL's signature": /X-Amz-Signature=([0-9a-f]+)/.exec(vended.url)?.[1] ?? '',
    'the content': 'dear diary',
    'the name of an object': 'diary of december',
    'the name of an object, encoded': 'diary%20of%20december',
  }
  for (const [what, secret] of Object.entries(secrets)) {
    assert.ok(secret.length > 5, what)
    assert.equal(log.includes(secret), false, `${what} is in the log`)
  }
})

test('a first start without a password makes one up, shows it once, and it works', async () => {
  await using system = await startSystem({ env: { SKYCRATE_ADMIN_PASSWORD: '' } })
  const shown = /[Pp]assword:?\s+(\S{12,})/.exec(system.log())?.[1] ?? ''
  assert.notEqual(shown, '', system.log())
  const answer = await apiOf(system.url, undefined).post('/auth/login', { email: system.admin.email, password: shown })
  assert.equal(answer.status, 200, answer.text)
  await system.stop()
  const before_ = system.log().length
  await system.restart()
  assert.equal(system.log().slice(before_).includes(shown), false, 'once')
})

test('nothing listens beyond loopback unless told to', async () => {
  await using system = await startSystem()
  const { port } = new URL(system.url)
  // A second listener on every address is only possible where the first one took loopback alone.
  const free = await new Promise<boolean>((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(Number(port), '127.0.0.2', () => probe.close(() => resolve(true)))
  })
  assert.equal(free, true)
})
