import assert from 'node:assert/strict'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Store } from '../src/store/store.ts'
import { send } from './raw-request.ts'
import { startServerProcess } from './server-process.ts'

const WORKERS = 6
const KEYS = 8
const ROUNDS = 6
const PART = 5 * 1024 * 1024

const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex')

/** What a key may hold: the state last acknowledged, or that of the one request whose answer never came. */
interface Expectation {
  /** MD5 of the bytes; undefined: nothing there. */
  acknowledged: string | undefined
  pending: { readonly md5: string | undefined } | undefined
}

const multipart = async (url: string, path: string, body: Buffer): Promise<number> => {
  const begun = await send(url, { method: 'POST', path, query: [['uploads', '']] })
  const uploadId = /<UploadId>([^<]*)</.exec(begun.text)?.[1] ?? ''
  let xml = ''
  for (let number = 1, at = 0; at < body.length; number++, at += PART) {
    const part = body.subarray(at, at + PART)
    const query = [
      ['partNumber', String(number)],
      ['uploadId', uploadId],
    ] as const
    const done = await send(url, { method: 'PUT', path, query, body: part })
    xml += `<Part><PartNumber>${number}</PartNumber><ETag>${done.headers.etag}</ETag></Part>`
  }
  const complete = `<CompleteMultipartUpload>${xml}</CompleteMultipartUpload>`
  return (await send(url, { method: 'POST', path, query: [['uploadId', uploadId]], body: complete })).status
}

/** Writes, overwrites and deletes the worker's own keys until the server is gone. Gives the number of acknowledgements. */
const work = async (url: string, worker: number, state: Map<string, Expectation>): Promise<number> => {
  for (let done = 0; ; done++) {
    const path = `/crash/${worker}/${randomInt(KEYS)}`
    const expected = state.get(path) ?? { acknowledged: undefined, pending: undefined }
    state.set(path, expected)
    const kind = randomInt(20)
    const body = randomBytes(kind === 0 ? PART + 1000 : randomInt(200_000))
    const wanted = kind < 3 && kind > 0 ? undefined : md5(body)
    expected.pending = { md5: wanted }
    try {
      const status =
        wanted === undefined
          ? (await send(url, { method: 'DELETE', path })).status
          : kind === 0
            ? await multipart(url, path, body)
            : (await send(url, { method: 'PUT', path, body })).status
      assert.ok(status === 200 || status === 204, `${status}`)
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
      return done
    }
    expected.acknowledged = wanted
    expected.pending = undefined
  }
}

const verify = async (url: string, state: Map<string, Expectation>): Promise<void> => {
  for (const [path, expected] of state) {
    const got = await send(url, { path })
    const found = got.status === 404 ? undefined : md5(got.body)
    assert.ok(got.status === 200 || got.status === 404, `${path}: ${got.status} ${got.text}`)
    if (got.status === 200 && !(got.headers.etag ?? '').includes('-')) assert.equal(got.headers.etag, `"${found}"`)
    const allowed = [expected.acknowledged, ...(expected.pending === undefined ? [] : [expected.pending.md5])]
    assert.ok(allowed.includes(found), `${path} holds ${found}, not one of ${allowed.join(', ')}`)
    expected.acknowledged = found
    expected.pending = undefined
  }
}

const blobFiles = async (dataDir: string): Promise<string[]> =>
  (await readdir(join(dataDir, 'blobs'), { recursive: true }))
    .map((name) => name.slice(3))
    .filter((name) => name !== '')

test('kill -9 in the midst of writes loses nothing acknowledged, tears nothing and leaves no rubbish', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-crash-'))
  const state = new Map<string, Expectation>()
  let acknowledged = 0
  {
    await using server = await startServerProcess(dataDir)
    assert.equal((await send(server.url, { method: 'PUT', path: '/crash' })).status, 200)
    await server.stop('SIGKILL')
  }
  for (let round = 0; round < ROUNDS; round++) {
    await using server = await startServerProcess(dataDir)
    await verify(server.url, state)
    const workers = Array.from({ length: WORKERS }, (_, worker) => work(server.url, worker, state))
    await new Promise((resolve) => setTimeout(resolve, 150 + randomInt(300)))
    await server.stop('SIGKILL')
    for (const done of await Promise.all(workers)) acknowledged += done
  }
  assert.ok(acknowledged > 30, `only ${acknowledged} writes were acknowledged`)
  {
    await using server = await startServerProcess(dataDir)
    await verify(server.url, state)
    assert.equal(await server.stop('SIGTERM'), 0)
    assert.equal(server.errors(), '')
  }
  const store = await Store.open({ dataDir, now: Date.now() })
  await store.swept
  await store.close()
  using database = Object.assign(new DatabaseSync(join(dataDir, 'index.sqlite')), {
    [Symbol.dispose](this: DatabaseSync) {
      this.close()
    },
  })
  const rows = database.prepare('SELECT id FROM blob WHERE content_id IS NULL ORDER BY id').all() as { id: string }[]
  assert.deepEqual(
    (await blobFiles(dataDir)).toSorted(),
    rows.map(({ id }) => id),
  )
  assert.deepEqual(await readdir(join(dataDir, 'tmp')), [])
  assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok')
  await rm(dataDir, { recursive: true })
})

test('two processes can not open one data directory, and a killed one does not keep it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-lock-'))
  {
    await using first = await startServerProcess(dataDir)
    await assert.rejects(startServerProcess(dataDir), new RegExp(`in use by process ${first.child.pid}`))
    assert.equal((await send(first.url, { path: '/' })).status, 200)
    await first.stop('SIGKILL')
    await using second = await startServerProcess(dataDir)
    assert.equal((await send(second.url, { path: '/' })).status, 200)
  }
  await rm(dataDir, { recursive: true })
})
