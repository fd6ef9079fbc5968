import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createClient, type SkyCrateClient } from './client.ts'
import { SkyCrateError } from './skycrate-error.ts'
import { memoryTokenStore, type TokenStore } from './sessions/token-store.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

interface Door extends AsyncDisposable {
  readonly baseUrl: string
  readonly seen: Seen[]
}

/** A real HTTP server on loopback that keeps what it was asked. */
async function door(answer: (seen: Seen, response: ServerResponse) => void): Promise<Door> {
  const seen: Seen[] = []
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const entry: Seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      seen.push(entry)
      answer(entry, response)
    })
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

function problem(response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}): void {
  json(response, status, { type: `/docs/errors/${code}`, title: code, status, code, requestId: 'req_1' }, headers)
}

const tokens = (n: number, expires_in = 1800) => ({
  access_token: `access-${n}`,
  token_type: 'Bearer',
  expires_in,
  refresh_token: `refresh-${n}`,
})

/** Accepts the newest access token only, and each refresh token once. */
function rotating(extra: (seen: Seen, response: ServerResponse) => boolean = () => false) {
  let current = 1
  return (seen: Seen, response: ServerResponse): void => {
    if (seen.url === '/api/v1/auth/refresh') {
      const used = (JSON.parse(seen.body) as { refresh_token: string }).refresh_token
      if (used !== `refresh-${current}`) return problem(response, 401, 'invalid-token')
      current += 1
      return json(response, 200, tokens(current))
    }
    if (seen.headers.authorization !== `Bearer access-${current}`) return problem(response, 401, 'token-expired')
    if (extra(seen, response)) return
    json(response, 200, { buckets: [] })
  }
}

const signedIn = (accessToken: string, refreshToken = 'refresh-1', lifetimeMs = 3_600_000): TokenStore =>
  memoryTokenStore({ accessToken, refreshToken, accessExpiresAt: Date.now() + lifetimeMs })

const refusedWith = (code: string) => (error: unknown) => error instanceof SkyCrateError && error.code === code

test('login keeps the tokens and the next call sends the access token', async () => {
  await using server = await door((seen, response) =>
    seen.url.endsWith('/auth/login') ? json(response, 200, tokens(1)) : json(response, 200, { buckets: [] }),
  )
  const client = createClient({ baseUrl: `${server.baseUrl}/` })
  assert.equal(client.isSignedIn(), false)
  await client.login({ email: 'a@b.c', password: 'pässword' })
  assert.equal(client.isSignedIn(), true)
  await client.buckets()
  assert.deepEqual(
    server.seen.map(({ method, url, headers }) => [method, url, headers.authorization]),
    [
      ['POST', '/api/v1/auth/login', undefined],
      ['GET', '/api/v1/s3/buckets', 'Bearer access-1'],
    ],
  )
  assert.deepEqual(JSON.parse(server.seen[0]!.body), { email: 'a@b.c', password: 'pässword' })
})

test('twenty refused calls at once make one refresh, and all of them succeed', async () => {
  await using server = await door(rotating())
  const client = createClient({ baseUrl: server.baseUrl, tokens: signedIn('stale') })
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.buckets()))
  assert.equal(answers.length, 20)
  assert.equal(server.seen.filter(({ url }) => url.endsWith('/auth/refresh')).length, 1)
})

test('a call refused after another renewed the token uses the new one without renewing again', async () => {
  const late: (() => void)[] = []
  let first = true
  const accept = rotating()
  await using server = await door((seen, response) => {
    if (seen.url.includes('/audit/') && first) {
      first = false
      late.push(() => problem(response, 401, 'token-expired'))
    } else accept(seen, response)
  })
  const client = createClient({ baseUrl: server.baseUrl, tokens: signedIn('stale') })
  const slow = client.myActivity()
  await client.buckets()
  late[0]!()
  await slow
  assert.equal(server.seen.filter(({ url }) => url.endsWith('/auth/refresh')).length, 1)
})

test('an access token about to end is renewed before it is sent', async () => {
  await using server = await door(rotating())
  const client = createClient({ baseUrl: server.baseUrl, tokens: signedIn('access-1', 'refresh-1', 5_000) })
  await client.buckets()
  assert.deepEqual(
    server.seen.map(({ url }) => url),
    ['/api/v1/auth/refresh', '/api/v1/s3/buckets'],
  )
})

test('with the refresh token alone, as after a reload, the session goes on', async () => {
  await using server = await door(rotating())
  const client = createClient({ baseUrl: server.baseUrl, tokens: memoryTokenStore({ refreshToken: 'refresh-1' }) })
  await client.buckets()
  assert.equal(server.seen.at(-1)?.headers.authorization, 'Bearer access-2')
})

test('a refused refresh ends the session once and the call fails with the 401', async () => {
  await using server = await door((_seen, response) => problem(response, 401, 'invalid-token'))
  const reasons: string[] = []
  const store = signedIn('stale')
  const client = createClient({ baseUrl: server.baseUrl, tokens: store, onSignedOut: (reason) => reasons.push(reason) })
  const results = await Promise.allSettled([client.buckets(), client.me(), client.home()])
  assert.ok(results.every((result) => result.status === 'rejected' && refusedWith('invalid-token')(result.reason)))
  assert.deepEqual(reasons, ['expired'])
  assert.equal(store.read(), undefined)
})

test('a refresh that the server cannot do now keeps the session', async () => {
  await using server = await door((seen, response) =>
    seen.url.endsWith('/auth/refresh')
      ? problem(response, 503, 'database-unavailable')
      : problem(response, 401, 'token-expired'),
  )
  const client = createClient({ baseUrl: server.baseUrl, tokens: signedIn('stale') })
  await assert.rejects(client.buckets(), refusedWith('database-unavailable'))
  assert.equal(client.isSignedIn(), true)
})

test('where another tab used the refresh token first, its successor is used', async () => {
  const accept = rotating()
  let stolen = false
  const store = signedIn('stale')
  await using server = await door((seen, response) => {
    if (seen.url.endsWith('/auth/refresh') && !stolen) {
      stolen = true
      // The other tab: the same store, one refresh ahead.
      accept(seen, { writeHead: () => ({ end: () => undefined }) } as unknown as ServerResponse)
      store.write({ refreshToken: 'refresh-2' })
      return problem(response, 401, 'invalid-token')
    }
    accept(seen, response)
  })
  const client = createClient({ baseUrl: server.baseUrl, tokens: store })
  await client.buckets()
  assert.equal(store.read()?.refreshToken, 'refresh-3')
})

test('a wrong current password is told as such and renews nothing', async () => {
  await using server = await door((_seen, response) => problem(response, 401, 'invalid-credentials'))
  const client = createClient({ baseUrl: server.baseUrl, tokens: signedIn('access-1') })
  await assert.rejects(
    client.changePassword({ currentPassword: 'x', newPassword: 'y'.repeat(12) }),
    refusedWith('invalid-credentials'),
  )
  assert.equal(server.seen.length, 1)
  assert.equal(client.isSignedIn(), true)
})

test('logout forgets the session even where the server cannot be reached', async () => {
  const reasons: string[] = []
  const store = signedIn('access-1')
  const client = createClient({
    baseUrl: 'http://127.0.0.1:1',
    tokens: store,
    onSignedOut: (reason) => reasons.push(reason),
  })
  await assert.rejects(client.logout(), refusedWith('unreachable'))
  assert.equal(store.read(), undefined)
  assert.deepEqual(reasons, ['logout'])
})

/** A page's cookies that scripts may read. */
function pageWith(cookie: string): Disposable {
  const held = new Map(cookie === '' ? [] : [cookie.split('=') as [string, string]])
  const page = {
    get cookie() {
      return ['other=1', ...[...held].map(([name, value]) => `${name}=${value}`)].join('; ')
    },
    set cookie(set: string) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (/max-age=0/i.test(set)) held.delete(name)
      else held.set(name, value)
    },
  }
  Object.assign(globalThis, { document: page })
  return { [Symbol.dispose]: () => void Reflect.deleteProperty(globalThis, 'document') }
}

for (const name of ['__Host-skycrate-signed-in', 'skycrate-signed-in-8080']) {
  test(`with ${name} a page calls without a token, and a refusal ends its session once`, async () => {
    using _page = pageWith(`${name}=1`)
    let accepts = true
    await using server = await door((_seen, response) =>
      accepts ? json(response, 200, { buckets: [] }) : problem(response, 401, 'session-ended'),
    )
    const reasons: string[] = []
    const client = createClient({
      baseUrl: server.baseUrl,
      session: 'cookie',
      onSignedOut: (reason) => reasons.push(reason),
    })
    assert.equal(client.isSignedIn(), true)
    await client.buckets()
    assert.equal(server.seen[0]?.headers.authorization, undefined)
    assert.equal(server.seen[0]?.headers['x-skycrate-session'], 'cookie')
    accepts = false
    const results = await Promise.allSettled([client.buckets(), client.me()])
    assert.ok(results.every((result) => result.status === 'rejected' && refusedWith('session-ended')(result.reason)))
    assert.deepEqual(reasons, ['expired'])
    assert.equal(client.isSignedIn(), false, 'or the page would try again and again')
    assert.equal(server.seen.length, 3, 'there is nothing to renew')
  })
}

test('a page whose sign-out does not reach the server is still signed in', async () => {
  using _page = pageWith('skycrate-signed-in-8080=1')
  const reasons: string[] = []
  const client = createClient({
    baseUrl: 'http://127.0.0.1:1',
    session: 'cookie',
    onSignedOut: (reason) => reasons.push(reason),
  })
  await assert.rejects(client.logout(), refusedWith('unreachable'))
  assert.equal(client.isSignedIn(), true)
  assert.deepEqual(reasons, [])
})

test('a problem arrives whole', async () => {
  await using server = await door((_seen, response) =>
    json(response, 400, {
      type: '/docs/errors/invalid-request',
      title: 'The request is not valid',
      status: 400,
      code: 'invalid-request',
      detail: 'Two things.',
      requestId: 'req_7',
      errors: [{ path: '/limit', message: 'is too large' }],
    }),
  )
  const client = createClient({ baseUrl: server.baseUrl })
  await assert.rejects(client.auditLogs({ limit: 5000 }), {
    name: 'SkyCrateError',
    message: 'The request is not valid: Two things.',
    code: 'invalid-request',
    status: 400,
    requestId: 'req_7',
    errors: [{ path: '/limit', message: 'is too large' }],
  })
})

for (const [what, status, body] of [
  ['a proxy page', 502, '<html>Bad gateway</html>'],
  ['JSON that is no problem', 500, '{"message":"x"}'],
  ['a success that is no JSON', 200, '<html>'],
] as const) {
  test(`${what} is an unexpected response`, async () => {
    await using server = await door((_seen, response) => void response.writeHead(status).end(body))
    await assert.rejects(createClient({ baseUrl: server.baseUrl }).buckets(), refusedWith('unexpected-response'))
  })
}

test('a GET waits out a short Retry-After, twice at most', async () => {
  let failures = 2
  await using server = await door((_seen, response) => {
    if (failures-- > 0) problem(response, 503, 'database-unavailable', { 'retry-after': '0' })
    else json(response, 200, { buckets: [] })
  })
  const client = createClient({ baseUrl: server.baseUrl })
  assert.deepEqual(await client.buckets(), { buckets: [] })
  failures = 3
  await assert.rejects(client.buckets(), refusedWith('database-unavailable'))
  assert.equal(server.seen.length, 6)
})

test('a POST, a 503 without Retry-After and one that asks for minutes are not sent again', async () => {
  const headers: Record<string, string>[] = [{ 'retry-after': '0' }, {}, { 'retry-after': '300' }]
  await using server = await door((_seen, response) => problem(response, 503, 'store-unavailable', headers.shift()))
  const client = createClient({ baseUrl: server.baseUrl })
  const vend = client.presignedUrl({ bucket: 'b-1', key: 'k', operation: 'get' })
  await assert.rejects(vend, refusedWith('store-unavailable'))
  await assert.rejects(client.buckets(), refusedWith('store-unavailable'))
  await assert.rejects(client.buckets(), refusedWith('store-unavailable'))
  assert.equal(server.seen.length, 3)
})

test(
  'an abort ends a call in flight, a wait between attempts, and one of many waiting for a refresh',
  { timeout: 10_000 },
  async () => {
    const reason = new Error('enough')
    const held: ServerResponse[] = []
    await using server = await door((seen, response) => {
      if (seen.url.endsWith('/s3/buckets')) problem(response, 503, 'store-unavailable', { 'retry-after': '9' })
      else held.push(response)
    })
    const abortWhen = async (
      call: (client: SkyCrateClient, signal: AbortSignal) => Promise<unknown>,
      requests: number,
    ) => {
      const abort = new AbortController()
      const before = server.seen.length
      const client = createClient({ baseUrl: server.baseUrl, tokens: memoryTokenStore() })
      const pending = assert.rejects(call(client, abort.signal), (error) => error === reason)
      while (server.seen.length < before + requests) await new Promise((resolve) => setImmediate(resolve))
      abort.abort(reason)
      await pending
    }
    await abortWhen((client, signal) => client.me({ signal }), 1)
    await abortWhen((client, signal) => client.buckets({}, { signal }), 1)

    const store = signedIn('stale', 'refresh-1', 0)
    const client = createClient({ baseUrl: server.baseUrl, tokens: store })
    const abort = new AbortController()
    const given = assert.rejects(client.me({ signal: abort.signal }), (error) => error === reason)
    const stays = client.refresh()
    const refreshing = (): number => server.seen.findIndex(({ url }) => url.endsWith('/auth/refresh'))
    while (refreshing() === -1) await new Promise((resolve) => setImmediate(resolve))
    abort.abort(reason)
    await given
    json(held.at(-1)!, 200, tokens(2))
    await stays
    assert.equal(store.read()?.accessToken, 'access-2')
  },
)

for (const [key, path] of [
  ['a b.txt', 'a%20b.txt'],
  ['folder//double', 'folder//double'],
  ['/leading', '/leading'],
  ['a%2Fb', 'a%252Fb'],
  ['a%2e%2e/b', 'a%252e%252e/b'],
  ['...', '...'],
  ['été/日本語/😀', '%C3%A9t%C3%A9/%E6%97%A5%E6%9C%AC%E8%AA%9E/%F0%9F%98%80'],
  ['a?b#c&d=e;f+g', 'a%3Fb%23c%26d%3De%3Bf%2Bg'],
  ["it's (a) *star*!", 'it%27s%20%28a%29%20%2astar%2a%21'],
  ['back\\slash', 'back%5Cslash'],
  ['ends in space ', 'ends%20in%20space%20'],
  ['folder/', 'folder/'],
] as const) {
  test(`the key ${JSON.stringify(key)} arrives as it was meant`, async () => {
    await using server = await door((_seen, response) => void response.writeHead(204).end())
    await createClient({ baseUrl: server.baseUrl }).deleteObject('my-bucket', key)
    assert.equal(server.seen[0]?.url, `/api/v1/s3/object/my-bucket/${path}`)
    assert.equal(decodeURIComponent(path), key)
  })
}

for (const key of ['', '..', '.', 'a/../b', 'a/.', './a', 'a/..', '\ud800']) {
  test(`the key ${JSON.stringify(key)} is refused and nothing is sent`, async () => {
    await using server = await door((_seen, response) => void response.writeHead(204).end())
    await assert.rejects(
      createClient({ baseUrl: server.baseUrl }).deleteObject('my-bucket', key),
      refusedWith('invalid-key'),
    )
    assert.equal(server.seen.length, 0)
  })
}

test('a bucket that would change the path is refused', async () => {
  const client = createClient({ baseUrl: 'http://127.0.0.1:1' })
  for (const bucket of ['', '.', '..']) await assert.rejects(client.listObjects(bucket), refusedWith('invalid-request'))
})

test('a query is encoded, and what is undefined stays out of it', async () => {
  await using server = await door((_seen, response) =>
    json(response, 200, { objects: [], prefixes: [], nextCursor: null }),
  )
  await createClient({ baseUrl: server.baseUrl }).listObjects('b-1', {
    prefix: 'é +&/',
    delimiter: '/',
    cursor: undefined,
    limit: 10,
  })
  const url = new URL(server.seen[0]!.url, server.baseUrl)
  assert.deepEqual(
    [...url.searchParams],
    [
      ['prefix', 'é +&/'],
      ['delimiter', '/'],
      ['limit', '10'],
    ],
  )
})

test('listAll goes through every page, and stops asking when its reader stops', async () => {
  const object = (key: string) => ({ key, size: 1, etag: 'e', lastModified: 'now', storageClass: 'STANDARD' })
  const pages: Record<string, unknown> = {
    '': { prefixes: ['a/'], objects: [object('b')], nextCursor: 'two' },
    two: { prefixes: [], objects: [], nextCursor: 'three' },
    three: { prefixes: [], objects: [object('c'), object('d')], nextCursor: null },
  }
  await using server = await door((seen, response) => {
    json(response, 200, pages[new URL(seen.url, 'http://x').searchParams.get('cursor') ?? ''])
  })
  const client = createClient({ baseUrl: server.baseUrl })
  const names: string[] = []
  for await (const entry of client.listAll('b-1', { delimiter: '/' })) {
    names.push(entry.kind === 'folder' ? entry.prefix : entry.key)
  }
  assert.deepEqual(names, ['a/', 'b', 'c', 'd'])
  for await (const _entry of client.listAll('b-1')) break
  assert.equal(server.seen.length, 4)
})

test('files go both ways as they are, and a version goes with the change', async () => {
  await using server = await door((seen, response) => {
    if (seen.method !== 'GET') return json(response, 200, {})
    response
      .writeHead(200, { 'content-type': 'text/csv', 'content-disposition': 'attachment; filename="permissions.csv"' })
      .end('a,b\r\n')
  })
  const client = createClient({ baseUrl: server.baseUrl })
  const file = await client.request('exportPermissions', { query: { bucket: 'b' } })
  assert.equal(await file.text(), 'a,b\r\n')
  await client.request('importPermissions', {
    body: new Blob(['a,b\n'], { type: 'text/csv' }),
    query: { dryRun: 'true' },
  })
  const ifMatch = '2026-11-29T12:00:00.000Z'
  await client.request('deletePermission', { params: { id: 'prm_1' } }, { ifMatch })
  const [, sent, deleted] = server.seen
  assert.deepEqual(
    [sent?.url, sent?.headers['content-type'], sent?.body],
    ['/api/v1/permissions/import?dryRun=true', 'text/csv', 'a,b\n'],
  )
  assert.equal(deleted?.headers['if-match'], `"${ifMatch}"`)
})

test('what needs a fresh authentication is sent again once the person has proven who they are, and only then', async () => {
  let isFresh = false
  await using server = await door((seen, response) => {
    if (seen.url.endsWith('/auth/challenge')) json(response, 200, tokens(2))
    else if (isFresh) response.writeHead(204).end()
    else problem(response, 403, 'fresh-authentication-required')
  })
  const store = signedIn('access-1')
  let answers = [false, true]
  const client: SkyCrateClient = createClient({
    baseUrl: server.baseUrl,
    tokens: store,
    confirmIdentity: async () => {
      const [isProven = false, ...more] = answers
      answers = more
      if (!isProven) return false
      await client.answerChallenge({ challenge_token: 'c', code: '123456' })
      isFresh = true
      return true
    },
  })
  const call = () => client.request('deleteTotp', {})
  await assert.rejects(call(), refusedWith('fresh-authentication-required'))
  await call()
  assert.deepEqual(
    server.seen.map(({ url, headers }) => [url.split('/').at(-1), headers.authorization]),
    [
      ['totp', 'Bearer access-1'],
      ['totp', 'Bearer access-1'],
      ['challenge', undefined],
      ['totp', 'Bearer access-2'],
    ],
  )
})

test('a sign-in that asks for a second factor signs nobody in before its answer', async () => {
  const challenge = { challenge: 'totp', challenge_token: 'c', methods: ['totp'], expires_in: 300 }
  await using server = await door((seen, response) =>
    json(response, 200, seen.url.endsWith('/auth/login') ? challenge : tokens(1)),
  )
  const client = createClient({ baseUrl: server.baseUrl })
  assert.deepEqual(await client.login({ email: 'a@b.c', password: 'p' }), challenge)
  assert.equal(client.isSignedIn(), false)
  await client.answerChallenge({ challenge_token: 'c', code: '123456' })
  assert.equal(client.isSignedIn(), true)
})
