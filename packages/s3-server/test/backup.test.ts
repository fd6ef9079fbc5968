import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'
import { runVerb } from './run-verb.ts'

const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex')

const makeTarget = async (): Promise<AsyncDisposable & { path: string }> => {
  const path = await mkdtemp(join(tmpdir(), 's3-backup-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Too much for the index: it gets a file. */
const filed = (text: string): string => text.padEnd(20_000, '.')

const blobNames = async (directory: string): Promise<string[]> =>
  (await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .toSorted()

test('a backup of a running server starts as a server of its own, and a second one brings it up to date', async (t) => {
  for (const mode of ['--copy', undefined]) {
    await t.test(mode ?? 'hard links', async () => {
      await using running = await startRunningServer()
      await using target = await makeTarget()
      const { url } = running.server
      const encrypted = { 'x-amz-server-side-encryption': 'AES256' }
      await send(url, { method: 'PUT', path: '/kept' })
      await send(url, { method: 'PUT', path: '/kept/plain', body: filed('one') })
      await send(url, { method: 'PUT', path: '/kept/sealed', body: filed('two'), headers: encrypted })
      const backUp = async (): Promise<string> => {
        const { code, output, errors } = await runVerb(
          'backup',
          target.path,
          '--data',
          running.dataDir,
          ...(mode === undefined ? [] : [mode]),
        )
        assert.equal(code, 0, errors)
        return output
      }
      assert.match(await backUp(), /^2 blobs, 40000 bytes in /)
      const [blob = ''] = await blobNames(target.path)
      const path = join(target.path, 'blobs', blob.slice(-2), blob)
      assert.equal((await stat(path)).nlink, mode === undefined ? 2 : 1)

      await send(url, { method: 'PUT', path: '/kept/later', body: filed('three') })
      await send(url, { method: 'DELETE', path: '/kept/plain' })
      assert.match(await backUp(), /^2 blobs, 40000 bytes in /)
      assert.deepEqual(await blobNames(target.path), await blobNames(running.dataDir))
      assert.match((await runVerb('check', '--data', target.path, '--deep')).output, /; 0 damages\n$/)
      // The original goes on beside it, and what is deleted there stays in the backup.
      await send(url, { method: 'DELETE', path: '/kept/sealed' })
      await using restored = await startRunningServer({ dataDir: target.path })
      assert.equal((await send(restored.server.url, { path: '/kept/sealed' })).text, filed('two'))
      assert.equal((await send(restored.server.url, { path: '/kept/later' })).text, filed('three'))
      assert.equal((await send(restored.server.url, { path: '/kept/plain' })).code, 'NoSuchKey')
    })
  }
})

test('backups under load are of one moment: whole, and each writer as far as it had come', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/busy' })
  let isDone = false
  // Each writer overwrites its own key with rising numbers, then a copy of it: the copy is never ahead.
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let round = 1; !isDone; round++) {
      const body = Buffer.concat([Buffer.from(`${round}\n`), randomBytes(round % 7 === 0 ? 300_000 : 100)])
      assert.equal((await send(url, { method: 'PUT', path: `/busy/first-${writer}`, body })).status, 200)
      assert.equal((await send(url, { method: 'PUT', path: `/busy/second-${writer}`, body })).status, 200)
    }
  })
  try {
    for (let round = 0; round < 3; round++) {
      await using target = await makeTarget()
      const { code, errors } = await runVerb('backup', target.path, '--data', running.dataDir)
      assert.equal(code, 0, errors)
      const checked = await runVerb('check', '--data', target.path, '--deep')
      assert.match(checked.output, /; 0 damages\n$/)
      assert.doesNotMatch(checked.output, /belongs to nothing/)
      await using restored = await startRunningServer({ dataDir: target.path })
      for (let writer = 0; writer < 4; writer++) {
        const rounds: number[] = []
        for (const name of ['first', 'second']) {
          const got = await send(restored.server.url, { path: `/busy/${name}-${writer}` })
          if (got.status === 404) {
            rounds.push(0)
            continue
          }
          assert.equal(got.headers.etag, `"${md5(got.body)}"`)
          rounds.push(Number(got.text.split('\n', 1)[0]))
        }
        const [first = 0, second = 0] = rounds
        assert.ok(first === second || first === second + 1, `${first} and ${second}`)
      }
    }
  } finally {
    isDone = true
    await Promise.all(writers)
  }
})

test('what the store has lost does not keep the rest from its backup, and is told', async () => {
  await using running = await startRunningServer()
  await using target = await makeTarget()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/kept' })
  await send(url, { method: 'PUT', path: '/kept/a', body: filed('one') })
  const [lost = ''] = await blobNames(running.dataDir)
  await send(url, { method: 'PUT', path: '/kept/b', body: filed('two') })
  await running.server.close()
  await rm(join(running.dataDir, 'blobs', lost.slice(-2), lost))
  const { code, errors } = await runVerb('backup', target.path, '--data', running.dataDir)
  assert.equal(code, 1)
  assert.match(errors, new RegExp(`blob ${lost} is missing`))
  assert.match((await runVerb('check', '--data', target.path)).output, /is missing\n {2}kept\/a [^]*; 1 damages\n$/)
})

test('a backup refuses a target in the data directory and a directory without a store', async () => {
  await using running = await startRunningServer()
  await using target = await makeTarget()
  assert.equal((await runVerb('backup', join(running.dataDir, 'x'), '--data', running.dataDir)).code, 2)
  assert.equal((await runVerb('backup', '--data', running.dataDir)).code, 2)
  const none = await runVerb('backup', join(target.path, 'b'), '--data', join(target.path, 'a'))
  assert.match(none.errors, /index\.sqlite is missing/)
})
