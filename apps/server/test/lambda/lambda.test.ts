import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '../../src/db/test-database.ts'
import { type HttpEvent, type HttpResult, requestOf } from '../../src/lambda/events.ts'
import { startS3Fixture } from '../homes/s3-fixture.ts'
import { KEYS } from '../homes/test-homes.ts'

const API = fileURLToPath(new URL('../../src/lambda/api.ts', import.meta.url))
const JOBS = fileURLToPath(new URL('../../src/lambda/jobs.ts', import.meta.url))
const ADMIN = { email: 'admin@skycrate.test', password: 'three wooden lanterns' }

/** A process that hands one event after the other to the handler, as Lambda's runtime does. */
function runtime(handlerFile: string, env: Record<string, string>) {
  const script = `
    import { createInterface } from 'node:readline'
    const { handler } = await import(${JSON.stringify(handlerFile)})
    for await (const line of createInterface({ input: process.stdin })) {
      const end = Date.now() + 60_000
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
  const waiting: ((line: string) => void)[] = []
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
      const line = text.slice(0, end)
      text = text.slice(end + 1)
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
    SKYCRATE_ADMIN_PASSWORD: ADMIN.password,
    SKYCRATE_LOG_LEVEL: 'silent',
  }
  await using jobs = runtime(JOBS, env)
  // Twenty seconds are kept to give jobs back.
  assert.equal(await jobs.invoke({}, 23_000), null)
  await using api = runtime(API, env)
  const login = await api.invoke<HttpResult>(second('POST', '/api/v1/auth/login', { body: ADMIN }))
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
  // Frozen, so that its clock and its connections stand still for it; meanwhile the permission goes.
  api.freeze()
  await database.query('delete from permissions where id = $1', [json<{ id: string }>(given).id])
  api.thaw()
  const refused = await api.invoke<HttpResult>(second('POST', '/api/v1/s3/presigned-url', wish))
  assert.equal(refused.statusCode, 403, refused.body)
  const listening = await database.query(
    `select 1 from pg_stat_activity where datname = current_database() and query ilike 'listen %'`,
  )
  assert.deepEqual(listening, [])
})
