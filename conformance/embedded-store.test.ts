import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { signInAsAdmin } from './api.ts'
import { download, home, upload, use, vend } from './client-steps.ts'
import { startDaemon } from './daemon.ts'
import { freePort } from './free-port.ts'
import { request } from './http.ts'
import { poll } from './poll.ts'
import { selfSigned } from './self-signed.ts'
import { askStore } from './store-root.ts'
import { runServerToItsEnd, startSystem } from './system.ts'
import { expectedSignature, startWebhookReceiver } from './webhook-receiver.ts'

const STORE_MAIN = fileURLToPath(new URL('../packages/s3-server/src/main.ts', import.meta.url))
const SERVER_MAIN = fileURLToPath(new URL('../apps/server/src/process/main.ts', import.meta.url))
const run = promisify(execFile)

const configuration = `<NotificationConfiguration><QueueConfiguration>
  <Id>all</Id><Queue>arn:aws:sqs:us-east-1:000000000000:thumbnails</Queue><Event>s3:ObjectCreated:*</Event>
  </QueueConfiguration></NotificationConfiguration>`

interface Message {
  readonly Event?: string
  readonly Records?: readonly {
    readonly eventName: string
    readonly s3: {
      readonly bucket: { readonly name: string }
      readonly object: { readonly key: string; readonly size: number }
    }
  }[]
}

test('a webhook of the settings hears, signed, of what people upload with the URLs that they were given', async () => {
  await using receiver = await startWebhookReceiver()
  const secret = `whsec_${randomBytes(24).toString('base64')}`
  await using system = await startSystem({
    env: { SKYCRATE_S3_WEBHOOKS: JSON.stringify([{ name: 'thumbnails', url: receiver.url, secret }]) },
  })
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  const put = await askStore(system, 'PUT', `/${bucket}`, { notification: '' }, configuration)
  assert.equal(put.status, 200, put.text)
  await upload(api, bucket, 'photos/a b.jpg', 'twelve bytes')

  const heard = (): Message[] => receiver.messages.map(({ body }) => JSON.parse(body) as Message)
  const records = await poll('the event has come', 10_000, () => {
    const come = heard().flatMap(({ Records = [] }) => Records)
    return come.length > 0 && come
  })
  assert.deepEqual(
    records.map(({ eventName, s3 }) => [eventName, s3.bucket.name, s3.object.key, s3.object.size]),
    [['ObjectCreated:Put', bucket, 'photos/a+b.jpg', 12]],
  )
  assert.equal(heard()[0]?.Event, 's3:TestEvent')
  for (const message of receiver.messages) {
    assert.equal(message.headers['webhook-signature'], expectedSignature(message, secret))
  }

  // A bucket may only name a webhook that there is.
  const other = configuration.replace(':thumbnails<', ':search<')
  const refused = await askStore(system, 'PUT', `/${bucket}`, { notification: '' }, other)
  assert.equal(refused.status, 400)
  assert.match(refused.text, /InvalidArgument/)
  await system.stop()
  assert.ok(!system.log().includes(secret.slice(6)) && !system.log().includes(receiver.url))
})

/** The value of a series as it stands in a scrape, 0 where there is none. */
const value = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length) ?? 0,
  )

test('counters of the embedded store are scraped on their own address while requests go on, and nowhere else', async () => {
  const metricsPort = await freePort()
  await using system = await startSystem({ env: { SKYCRATE_S3_METRICS_PORT: String(metricsPort) } })
  const metrics = `http://127.0.0.1:${metricsPort}/metrics`
  assert.ok(system.log().includes(metrics), 'the start says where')
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  const scrape = async (): Promise<string> => {
    const answer = await request(metrics)
    assert.equal(answer.status, 200)
    assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/)
    return answer.text
  }
  const puts = 'skycrate_s3_requests_total{operation="PutObject",status="200"}'
  const bytes = 'skycrate_s3_received_bytes_total'
  const before = await scrape()
  assert.equal(value(before, puts), 0)

  let running = 4
  const load = Promise.all(
    Array.from({ length: running }, async (_, worker) => {
      for (let n = 0; n < 25; n++) await upload(api, bucket, `secret-${worker}/${n}`, 'x'.repeat(1000))
      running -= 1
    }),
  )
  const seen: number[] = []
  while (running > 0) seen.push(value(await scrape(), puts))
  await load
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  )
  assert.ok(
    seen.some((count) => count > 0 && count < 100),
    `scraped in the midst of it: ${seen.join()}`,
  )

  const missing = await use(await vend(api, { bucket, key: 'missing', operation: 'get' }))
  assert.equal(missing.status, 404)
  // A request is counted once its answer has left, which the client may know first.
  const after = await poll('all is counted', 10_000, async () => {
    const text = await scrape()
    return value(text, 'skycrate_s3_errors_total{code="NoSuchKey"}') === 1 && value(text, puts) === 100 && text
  })
  assert.equal(value(after, bytes) - value(before, bytes), 100_000)
  assert.equal(value(after, 'skycrate_s3_request_seconds_bucket{operation="PutObject",le="+Inf"}'), 100)
  assert.ok(value(after, 'skycrate_s3_disk_free_bytes') > 0)
  assert.ok(!after.includes('secret-') && !after.includes(bucket), 'it names nobody and nothing')

  for (const address of [`${system.url}/metrics`, `${system.s3Url}/metrics`]) {
    const answer = await request(address)
    assert.ok(answer.status >= 400 && !answer.text.includes('skycrate_s3_'), `${address}: ${answer.status}`)
  }
  await system.stop()
  await assert.rejects(request(metrics), /ECONNREFUSED/)
})

test('a taken port of the counters keeps SkyCrate from starting, and the setting is named', async () => {
  await using receiver = await startWebhookReceiver()
  const { port } = new URL(receiver.url)
  const { code, output } = await runServerToItsEnd({
    SKYCRATE_HTTP_PORT: String(await freePort()),
    SKYCRATE_S3_PORT: '0',
    SKYCRATE_S3_METRICS_PORT: port,
  })
  assert.equal(code, 1)
  assert.match(output, new RegExp(`port ${port} is taken on 127.0.0.1: set SKYCRATE_S3_METRICS_PORT to another`))
})

test('keys of the embedded store are rotated under a SkyCrate that runs on, and all that was stored is read with either', async () => {
  await using system = await startSystem()
  const { pid } = system
  const keysOf = async (...words: string[]): Promise<string> => {
    const done = await run(process.execPath, [STORE_MAIN, 'keys', ...words, '--data', join(system.dataDir, 's3')])
    return done.stdout
  }
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  await upload(api, bucket, 'before', 'before')
  const [, old = ''] = /^aws\/s3 {2}(\S+) {2}active\n/.exec(await keysOf('list')) ?? []
  const early = await vend(api, { bucket, key: 'before', operation: 'get' })

  await keysOf('rotate')
  process.kill(pid, 'SIGHUP')
  await poll('the new version is taken up', 10_000, () => /"sealedAnew":1\b/.test(system.log()))
  await upload(api, bucket, 'after', 'after')

  // A file that cannot be used is told, and changes nothing.
  const path = join(system.dataDir, 's3', 'keys.json')
  const good = await readFile(path)
  await writeFile(path, '{}')
  process.kill(pid, 'SIGHUP')
  await poll('the damaged file is told', 10_000, () => /goes on with the keys that it had/.test(system.log()))
  assert.equal((await use(early)).text, 'before', 'a URL of before holds')
  assert.equal((await download(api, bucket, 'after')).toString(), 'after')
  await writeFile(path, good)

  assert.equal((await system.stop()).code, 0, 'it is the same process, which no SIGHUP has ended')
  assert.match(await keysOf('list'), new RegExp(`${old} {2}old {2}seals 0\n.+active {2}seals 2\n`))
  await keysOf('drop', old)
  await system.restart()
  const again = await signInAsAdmin(system)
  for (const key of ['before', 'after']) assert.equal((await download(again, bucket, key)).toString(), key)
})

const SCRIPT = ['/usr/bin/script', '/bin/script'].find((path) => existsSync(path))
const skip =
  process.platform === 'linux' && SCRIPT !== undefined ? false : 'a terminal to close: script (util-linux) makes one'

test('SIGHUP reloads at a terminal too, until that is closed: then SkyCrate stops', { skip }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'skycrate-terminal-'))
  await chmod(dir, 0o711)
  const httpPort = await freePort()
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    SKYCRATE_DATA: join(dir, 'data'),
    SKYCRATE_HTTP_PORT: String(httpPort),
    SKYCRATE_S3_PORT: '0',
  }
  const command = `exec '${process.execPath}' '${SERVER_MAIN}'`
  let pid = 0
  const terminal = await startDaemon(SCRIPT ?? '', ['--quiet', '--command', command, '/dev/null'], { env, cwd: dir })
  try {
    await poll('it is ready', 60_000, async () => {
      const answer = await request(`http://127.0.0.1:${httpPort}/readyz`).catch(() => undefined)
      return answer?.status === 200
    })
    pid = Number(await readFile(join(dir, 'data', 's3', 'lock.pid'), 'utf8'))
    process.kill(pid, 'SIGHUP')
    await poll('the keys are taken up', 10_000, () => terminal.output().includes('took up the keys'))
    assert.ok(!terminal.output().includes('"stopping"'))
    // With it goes the only end of the terminal that anybody reads.
    await terminal.end('SIGKILL')
    await poll('it has ended, and nothing holds its data', 20_000, async () => {
      const left = await Array.fromAsync(glob('**/postmaster.pid', { cwd: dir }))
      return left.length === 0 && commandOf(pid) === ''
    })
  } finally {
    await terminal.end('SIGKILL')
    // By then it has ended, unless that is what went wrong.
    if (pid > 1 && commandOf(pid).includes(SERVER_MAIN)) process.kill(pid, 'SIGTERM')
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
})

/** Empty for a process that has ended, also where nobody has collected it yet. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

test('API and store speak https by themselves, and take up a renewed certificate while connections are open', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skycrate-tls-'))
  const [cert, key] = [join(folder, 'chain.pem'), join(folder, 'key.pem')]
  const write = (pair: { cert: string; key: string }) =>
    Promise.all([writeFile(cert, pair.cert), writeFile(key, pair.key)])
  const [one, two] = [selfSigned('localhost'), selfSigned('localhost')]
  const env = { SKYCRATE_TLS_CERT: cert, SKYCRATE_TLS_KEY: key }
  try {
    await write({ cert: one.cert, key: two.key })
    const refused = await runServerToItsEnd({ ...env, SKYCRATE_HTTP_PORT: String(await freePort()) })
    assert.equal(refused.code, 1)
    assert.match(refused.output, /could not start: SKYCRATE_TLS_KEY \(.*\) is not the key of the first certificate/)

    await write(one)
    await using system = await startSystem({ env })
    assert.ok(system.log().includes(`S3         ${system.s3Url}`), system.log())
    const api = await signInAsAdmin(system)
    const body = JSON.stringify({ email: system.admin.email, password: system.admin.password })
    const login = await request(`${system.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-skycrate-session': 'cookie', 'sec-fetch-site': 'same-origin' },
      body,
      ca: one.cert,
    })
    assert.match(String(login.headers['set-cookie']), /__Host-skycrate=[^;]+; Path=\/; .*HttpOnly; Secure/)
    const { bucket } = await home(api)
    await upload(api, bucket, 'a.txt', 'over TLS')
    const get = await vend(api, { bucket, key: 'a.txt', operation: 'get' })
    assert.ok(get.url.startsWith(`${system.s3Url}/`) && system.s3Url.startsWith('https://localhost:'), get.url)
    assert.equal((await request(get.url, { ca: one.cert })).text, 'over TLS')

    const [apiPort, s3Port] = [system.url, system.s3Url].map((url) => Number(new URL(url).port))
    const connected = (port: number, ca: string, options: ConnectionOptions = {}) =>
      new Promise<TLSSocket>((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', servername: 'localhost', port, ca, ...options })
        socket.once('error', reject).once('secureConnect', () => resolve(socket.off('error', reject)))
      })
    const kept = await Promise.all([apiPort!, s3Port!].map((port) => connected(port, one.cert)))
    await write(two)
    process.kill(system.pid, 'SIGHUP')
    for (const [at, port] of [apiPort!, s3Port!].entries()) {
      const fresh = await poll('the renewed certificate is in use', 30_000, () =>
        connected(port, two.cert).catch(() => undefined),
      )
      fresh.destroy()
      kept[at]!.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
      const [answer] = (await once(kept[at]!, 'data')) as [Buffer]
      assert.match(String(answer), port === apiPort ? /^HTTP\/1.1 200 / : /^HTTP\/1.1 403 /)
      kept[at]!.destroy()
      // OpenSSL itself would not offer so old a version any more.
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
      await assert.rejects(connected(port, two.cert, old), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
      ;(await connected(port, two.cert, { maxVersion: 'TLSv1.2' })).destroy()
    }

    await writeFile(key, one.key)
    process.kill(system.pid, 'SIGHUP')
    await poll('the broken pair is told', 30_000, () => system.log().split('the one before stays in use').length === 3)
    for (const port of [apiPort!, s3Port!]) (await connected(port, two.cert)).destroy()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
