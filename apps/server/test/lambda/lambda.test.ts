import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { packLambda } from '../../../../scripts/pack-lambda.ts'
import { testDatabase } from '../../src/db/test-database.ts'
import { asSent } from '../../src/lambda/behind-cloudfront.ts'
import { type HttpEvent, type HttpResult, requestOf } from '../../src/lambda/events.ts'
import { startS3Fixture } from '../homes/s3-fixture.ts'
import { KEYS } from '../homes/test-homes.ts'

const ADMIN = { email: 'admin@skycrate.test', password: 'three wooden lanterns' }

/** What is deployed: the bundles, without the repository around them. */
let packed = ''
before(async () => {
  packed = await mkdtemp(join(tmpdir(), 'skycrate-lambda-'))
  await packLambda(packed)
})
after(() => rm(packed, { recursive: true, force: true }))

/** A process that hands one event after the other to the handler, as Lambda's runtime does. */
function runtime(name: string, env: Record<string, string>) {
  const handlerFile = join(packed, `${name}.mjs`)
  const script = `
    import { createInterface } from 'node:readline'
    const { handler } = await import(${JSON.stringify(handlerFile)})
    for await (const line of createInterface({ input: process.stdin })) {
      const end = Date.now() + 200_000
      const { event, budget } = JSON.parse(line)
      const context = { getRemainingTimeInMillis: () => budget ?? end - Date.now() }
      const result = await handler(event, context).catch((error) => ({ error: String(error.stack) }))
      process.stdout.write('RESULT ' + JSON.stringify(result ?? null) + '\\n')
    }
    process.exit()`
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH, HOME, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let text = ''
  const lines: string[] = []
  const waiting: ((line: string) => void)[] = []
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
      const line = text.slice(0, end)
      text = text.slice(end + 1)
      lines.push(line)
      if (line.startsWith('RESULT ')) waiting.shift()?.(line.slice('RESULT '.length))
    }
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return {
    async invoke<T>(event: unknown, budget?: number): Promise<T> {
      const { promise, resolve } = Promise.withResolvers<string>()
      waiting.push(resolve)
      child.stdin.write(`${JSON.stringify({ event, budget })}\n`)
      return JSON.parse(await Promise.race([promise, ended.then(() => '{"error":"the process ended"}')])) as T
    },
    /** What it wrote so far, results among them. */
    lines,
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGCONT')
      child.stdin.end()
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** An event of an HTTP API or a function URL. */
function second(method: string, path: string, options: { token?: string; body?: object } = {}): HttpEvent {
  return {
    version: '2.0',
    rawPath: path,
    rawQueryString: '',
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    isBase64Encoded: false,
    requestContext: { http: { method, sourceIp: '203.0.113.9' } },
  }
}

/** The same of a REST API. */
function first(method: string, path: string, options: { token?: string; body?: object } = {}): HttpEvent {
  const { headers, body = null } = second(method, path, options)
  return {
    version: '1.0',
    httpMethod: method,
    path,
    headers: headers!,
    multiValueHeaders: Object.fromEntries(Object.entries(headers!).map(([name, value]) => [name, [value!]])),
    body,
    isBase64Encoded: false,
    requestContext: { identity: { sourceIp: '203.0.113.9' } },
  }
}

const json = <T>(result: HttpResult): T =>
  JSON.parse(result.isBase64Encoded ? Buffer.from(result.body, 'base64').toString() : result.body) as T

test('an event is the request that it tells of, in both formats', () => {
  const both = requestOf({
    version: '2.0',
    rawPath: '/a%20b',
    rawQueryString: 'x=1&x=2',
    cookies: ['a=1', 'b=2'],
    headers: { Accept: 'text/plain' },
    body: Buffer.from('é').toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method: 'PUT', sourceIp: '192.0.2.1' } },
  })
  assert.deepEqual(
    [both.method, both.url, both.headers, both.payload?.toString(), both.remoteAddress],
    ['PUT', '/a%20b?x=1&x=2', { accept: 'text/plain', cookie: 'a=1; b=2' }, 'é', '192.0.2.1'],
  )
  const rest = requestOf({
    httpMethod: 'GET',
    path: '/list',
    multiValueQueryStringParameters: { prefix: ['a b/'], x: ['1', '2'] },
    multiValueHeaders: { Cookie: ['a=1', 'b=2'], Accept: ['text/plain'] },
    requestContext: { identity: { sourceIp: '192.0.2.1' } },
  })
  assert.deepEqual(
    [rest.url, rest.headers, rest.payload],
    ['/list?prefix=a%20b%2F&x=1&x=2', { cookie: 'a=1; b=2', accept: 'text/plain' }, undefined],
  )
})

const EDGE = new URL('../../../../deploy/aws/edge/', import.meta.url)

/** What CloudFront does to a request on its way to a function URL: its own function, Lambda@Edge, then its signature. */
async function throughCloudFront(event: HttpEvent): Promise<HttpEvent> {
  const { http } = event.requestContext
  const fields = Object.entries(event.headers ?? {}).map(([name, value]) => [name, { value: value! }])
  const source = await readFile(new URL('viewer-request.js', EDGE), 'utf8')
  const viewer = { headers: Object.fromEntries(fields) as Record<string, { value: string }> }
  const context = { event: { request: viewer, viewer: { ip: http!.sourceIp } } }
  const { headers } = runInNewContext(`${source}\nhandler(event)`, context) as typeof viewer
  const edge = (await import(new URL('body-hash/index.mjs', EDGE).href)) as {
    handler(event: object): Promise<{ readonly headers: Readonly<Record<string, readonly { value: string }[]>> }>
  }
  const body = { data: Buffer.from(event.body ?? '').toString('base64'), encoding: 'base64', inputTruncated: false }
  const request = { method: http!.method, headers: {}, body }
  const made = await edge.handler({ Records: [{ cf: { request } }] })
  const signed = {
    ...Object.fromEntries(Object.entries(headers).map(([name, { value }]) => [name, value])),
    ...Object.fromEntries(Object.entries(made.headers).map(([name, [first]]) => [name, first!.value])),
    authorization: 'AWS4-HMAC-SHA256 Credential=CloudFront',
    host: 'abc.lambda-url.eu-central-1.on.aws',
    'x-amz-date': '20260101T000000Z',
    'x-amz-security-token': 'of CloudFront',
    'x-forwarded-for': '192.0.2.1',
  }
  return { ...event, headers: signed, requestContext: { http: { ...http!, sourceIp: '130.176.0.1' } } }
}

test('behind CloudFront, what its signature replaced is there again, and nobody says who they are by a header', async () => {
  const body = 'a=1'
  const sent = {
    ...second('POST', '/sts'),
    body,
    headers: {
      host: 'files.example.com',
      authorization: 'Bearer of the caller',
      'x-amz-date': '20250101T000000Z',
      accept: 'text/plain',
      'x-skycrate-viewer-address': '198.51.100.66',
      'x-skycrate-viewer-x-amz-security-token': 'forged',
    },
  }
  const onTheWay = await throughCloudFront(sent)
  assert.equal(
    onTheWay.headers?.['x-amz-content-sha256'],
    'c22fea5d7428e5cf47ef6354c97c9223c95d6dcdc3e0d2300ff79056b1ff3d85',
  )
  const { headers, remoteAddress, payload } = requestOf(asSent(onTheWay))
  assert.deepEqual(headers, {
    host: 'files.example.com',
    authorization: 'Bearer of the caller',
    'x-amz-date': '20250101T000000Z',
    accept: 'text/plain',
  })
  assert.equal(remoteAddress, '203.0.113.9')
  assert.equal(payload?.toString(), body)
})

test('what most requests do not need is no part of a cold start', async () => {
  const loaded = new Set<string>()
  const load = async (file: string): Promise<void> => {
    if (loaded.has(file)) return
    loaded.add(file)
    const code = await readFile(join(packed, file), 'utf8')
    for (const [, next] of code.matchAll(/(?:^|[;}])(?:import|export)[^'"`(]*["'`]\.\/([\w.-]+\.mjs)["'`]/gm))
      await load(next!)
  }
  await load('behind-cloudfront.mjs')
  assert.ok(loaded.size > 2, [...loaded].join(' '))
  const later = (await readdir(packed)).filter((file) => file.endsWith('.mjs') && !loaded.has(file))
  for (const file of ['nodemailer.mjs', 'swagger-ui.mjs']) assert.ok(later.includes(file), file)
  let bytes = 0
  for (const file of loaded) bytes += (await stat(join(packed, file))).size
  assert.ok(bytes < 3_500_000, `${bytes} bytes are compiled at a cold start`)
})

test('a function signs in, decides, and believes nothing that was taken away while it was frozen; jobs run by a schedule', async () => {
  await using database = await testDatabase()
  const s3 = await startS3Fixture()
  await using stack = new AsyncDisposableStack()
  stack.defer(() => s3[Symbol.asyncDispose]())
  const { host, user, database: name } = database.connection
  const env = {
    DATABASE_URL: `postgresql://${user}@localhost/${name}?host=${encodeURIComponent(host)}`,
    S3_ENDPOINT: s3.url,
    S3_ACCESS_KEY_ID: KEYS.accessKeyId,
    S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    SKYCRATE_SECRET: 'pJ5vT0rCzqk1y8m4W2n9Qd7bXs3LhGfE',
    SKYCRATE_PRODUCTION: 'false',
    SKYCRATE_HOME_LAYOUT: 'shared-bucket',
    SKYCRATE_LIBRARY_BUCKET: 'the-library',
    SKYCRATE_ADMIN_EMAIL: ADMIN.email,
    SKYCRATE_LOG_LEVEL: 'silent',
  }
  await using jobs = runtime('jobs', env)
  // Ends by itself once nothing is due, long before its time is over.
  assert.equal(await jobs.invoke({}), null)
  const left = await database.query(`select kind from jobs where state in ('queued', 'running') and due_at < now()`)
  assert.deepEqual(left, [])
  // A made-up password is shown once, by the function that started first.
  const shown = jobs.lines.find((line) => line.includes(ADMIN.email)) ?? ''
  const admin = { email: ADMIN.email, password: (JSON.parse(shown) as { password: string }).password }
  const own = await database.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database()',
  )
  await using api = runtime('api', env)
  const login = await api.invoke<HttpResult>(second('POST', '/api/v1/auth/login', { body: admin }))
  assert.equal(login.statusCode, 200, JSON.stringify(login))
  const { access_token: token } = json<{ access_token: string }>(login)
  const me = await api.invoke<HttpResult>(first('GET', '/api/v1/auth/me', { token }))
  assert.equal(json<{ email: string }>(me).email, ADMIN.email)

  const made = await api.invoke<HttpResult>(
    second('POST', '/api/v1/users', { token, body: { email: 'ada@skycrate.test', password: ADMIN.password } }),
  )
  const { id } = json<{ id: string }>(made)
  const given = await api.invoke<HttpResult>(
    second('POST', '/api/v1/permissions', {
      token,
      body: { principal: { kind: 'user', userId: id }, bucket: 'the-library', prefix: 'team/', actions: ['read'] },
    }),
  )
  assert.equal(given.statusCode, 201, given.body)
  const ada = json<{ access_token: string }>(
    await api.invoke<HttpResult>(
      second('POST', '/api/v1/auth/login', { body: { email: 'ada@skycrate.test', password: ADMIN.password } }),
    ),
  ).access_token
  const wish = { token: ada, body: { bucket: 'the-library', key: 'team/a.txt', operation: 'get' } }
  for (const event of [first, second]) {
    const url = await api.invoke<HttpResult>(event('POST', '/api/v1/s3/presigned-url', wish))
    assert.equal(url.statusCode, 200, url.body)
  }
  // What people read beside the API comes out of the bundle, too.
  const docs = await api.invoke<HttpResult>(second('GET', '/docs/'))
  assert.equal(docs.statusCode, 200, docs.body)
  const page = await api.invoke<HttpResult>(second('GET', '/docs/errors/not-found'))
  assert.equal(page.statusCode, 200, page.body)
  const common = { email: 'bob@skycrate.test', password: 'passwordpassword' }
  assert.equal((await api.invoke<HttpResult>(second('POST', '/api/v1/users', { token, body: common }))).statusCode, 400)

  // A line of its log wakes the function that takes jobs.
  const waits = '{"skycrate":"jobs wait"}'
  const forgotten = await api.invoke<HttpResult>(
    second('POST', '/api/v1/auth/forgot-password', { body: { email: 'ada@skycrate.test' } }),
  )
  assert.equal(forgotten.statusCode, 202, forgotten.body)
  assert.ok(api.lines.includes(waits))
  assert.equal(await jobs.invoke({}), null)
  // What the alarms of the stack read.
  const done = JSON.parse(jobs.lines.findLast((line) => line.includes('jobs done')) ?? '{}') as object
  assert.deepEqual(done, { skycrate: 'jobs done', failedJobs: 0, unfinishedHomes: 0, refusedSignIns: 0 })
  const mails = await database.query(`select state from jobs where kind = 'mail.send' and state <> 'done'`)
  assert.deepEqual(mails, [])

  assert.ok(!api.lines.some((line) => line.includes(admin.password)))

  // Frozen, so that its clock and its connections stand still for it; meanwhile the permission goes.
  api.freeze()
  // As a database does that falls asleep, or ends sessions without use.
  await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> all($1)`,
    [own.map(({ pid }) => pid)],
  )
  await database.query('delete from permissions where id = $1', [json<{ id: string }>(given).id])
  api.thaw()
  const refused = await api.invoke<HttpResult>(second('POST', '/api/v1/s3/presigned-url', wish))
  assert.equal(refused.statusCode, 403, refused.body)
  const listening = await database.query(
    `select 1 from pg_stat_activity where datname = current_database() and query ilike 'listen %'`,
  )
  assert.deepEqual(listening, [])
})
