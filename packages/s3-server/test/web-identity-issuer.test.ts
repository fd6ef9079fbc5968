import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startS3Thread } from '../src/thread.ts'
import { startIssuer } from './running-issuer.ts'
import { CREDENTIALS, startRunningServer } from './running-server.ts'
import { startServerProcess } from './server-process.ts'
import { askWithToken, trusting } from './web-identity-request.ts'

const DISCOVERY = '/.well-known/openid-configuration'

test('a hundred first tokens at once ask the issuer once', async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer(trusting(issuer))
  const token = await issuer.token()
  const answers = await Promise.all(Array.from({ length: 100 }, () => askWithToken(running.server.url, token)))
  for (const { status } of answers) assert.equal(status, 200)
  assert.deepEqual(issuer.asked, [DISCOVERY, '/keys'])
})

test('made-up key ids do not reach the issuer, however many there are', async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer(trusting(issuer, {}, { jwksUri: `${issuer.url}/keys` }))
  const { url } = running.server
  const made = await Promise.all(Array.from({ length: 50 }, (_, at) => issuer.token({}, { header: { kid: `x${at}` } })))
  const answers = await Promise.all(made.map((token) => askWithToken(url, token)))
  for (const { code } of answers) assert.equal(code, 'InvalidIdentityToken')
  assert.equal((await askWithToken(url, await issuer.token())).status, 200)
  assert.deepEqual(issuer.asked, ['/keys'])
})

test('a token of an issuer that nobody configured, or with a refused algorithm, asks nobody', async () => {
  await using issuer = await startIssuer()
  await using stranger = await startIssuer()
  await using running = await startRunningServer(trusting(issuer, {}, { algorithms: ['ES256'] }))
  for (const token of [await stranger.token(), await issuer.token()])
    assert.equal((await askWithToken(running.server.url, token)).code, 'InvalidIdentityToken')
  assert.deepEqual([issuer.asked, stranger.asked], [[], []])
})

test('an issuer that does not answer as it should gives no keys', async (t) => {
  const cases: [what: string, path: string, answer: object, cause: RegExp][] = [
    ['it is away', DISCOVERY, { status: 503 }, /answered 503/],
    ['it hangs', DISCOVERY, { hangs: true }, /timeout|aborted/i],
    ['redirects', '/keys', { status: 302, headers: { location: '/other-keys' } }, /fetch failed|redirect/],
  ]
  for (const [what, path, answer, cause] of cases) {
    await t.test(what, async () => {
      await using issuer = await startIssuer()
      issuer.answers.set(path, answer)
      const failures: string[] = []
      await using running = await startRunningServer({
        ...trusting(issuer),
        issuerTimeout: 300,
        onIssuerFailure: (error) => failures.push(String((error.cause as Error | undefined)?.message)),
      })
      const token = await issuer.token()
      const got = await askWithToken(running.server.url, token)
      assert.deepEqual([got.status, got.code], [400, 'IDPCommunicationError'], got.text)
      const asked = issuer.asked.length
      issuer.answers.clear()
      assert.equal((await askWithToken(running.server.url, token)).code, 'IDPCommunicationError')
      assert.equal(issuer.asked.length, asked, 'it is not asked again at once')
      assert.equal(failures.length, 1)
      assert.match(failures[0] ?? '', cause)
    })
  }
})

test('an issuer that nobody answers for', async () => {
  const issuer = await startIssuer()
  const token = await issuer.token()
  await issuer[Symbol.asyncDispose]()
  await using running = await startRunningServer(trusting(issuer))
  assert.equal((await askWithToken(running.server.url, token)).code, 'IDPCommunicationError')
})

test('a server of its own reads its issuers from a file, and names every mistake in it', async () => {
  await using issuer = await startIssuer()
  const folder = await mkdtemp(join(tmpdir(), 's3-issuers-'))
  const file = join(folder, 'issuers.json')
  try {
    await writeFile(file, JSON.stringify(trusting(issuer).webIdentity))
    {
      await using server = await startServerProcess(join(folder, 'data'), '--web-identity', file)
      assert.equal((await askWithToken(server.url, await issuer.token())).status, 200)
    }
    await writeFile(file, JSON.stringify([{ issuer: 'http://idp.example', audience: [], roles: [] }]))
    const wrong = startServerProcess(join(folder, 'data'), '--web-identity', file)
    await assert.rejects(wrong, (error: Error) =>
      [/\[0\]: issuer has to be an https URL/, /\[0\]: audience has to be/, /\[0\]: roles has to be/].every((mistake) =>
        mistake.test(error.message),
      ),
    )
    await writeFile(file, '{')
    await assert.rejects(startServerProcess(join(folder, 'data'), '--web-identity', file), /issuers\.json: .*JSON/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('a server in a thread takes issuers too', async () => {
  await using issuer = await startIssuer()
  const dataDir = await mkdtemp(join(tmpdir(), 's3-issuers-'))
  const thread = await startS3Thread({
    host: '127.0.0.1',
    port: 0,
    credentials: CREDENTIALS,
    dataDir,
    ...trusting(issuer),
  })
  try {
    assert.equal((await askWithToken(thread.url, await issuer.token())).status, 200)
  } finally {
    await thread.close()
    await rm(dataDir, { recursive: true, force: true })
  }
})
