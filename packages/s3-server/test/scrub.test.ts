import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ScrubFinding } from '../src/scrub.ts'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'

const blobFiles = async (dataDir: string): Promise<string[]> =>
  (await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted((one, other) => (one.slice(-32) < other.slice(-32) ? -1 : 1))

const damageAt = async (path: string, at: number): Promise<void> => {
  const content = await readFile(path)
  content[at] = (content[at] ?? 0) ^ 1
  await writeFile(path, content)
}

test('a scrub finds flipped bits and lost files, tells of each once, and forgets what was deleted', async () => {
  const findings: ScrubFinding[] = []
  await using running = await startRunningServer({
    onDamage: (finding) => {
      findings.push(finding)
    },
  })
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/scrubbed' })
  for (let at = 0; at < 150; at++) {
    const headers: Record<string, string> = at === 140 ? { 'x-amz-server-side-encryption': 'AES256' } : {}
    await send(url, { method: 'PUT', path: `/scrubbed/${at}`, body: randomBytes(20_000), headers })
  }
  assert.deepEqual((({ blobs, bytes, damaged }) => ({ blobs, bytes, damaged }))(await running.server.runScrub()), {
    blobs: 150,
    bytes: 3_000_000,
    damaged: 0,
  })
  const paths = await blobFiles(running.dataDir)
  await damageAt(paths[3] ?? '', 19_999)
  await damageAt(paths[140] ?? '', 7)
  await unlink(paths[70] ?? '')

  assert.equal((await running.server.runScrub()).damaged, 3)
  assert.equal((await running.server.runScrub()).damaged, 3)
  assert.deepEqual(
    findings.map(({ damage, users }) => [damage, users.map(({ bucket, key }) => `${bucket}/${key}`)]),
    [
      ['changed', ['scrubbed/3']],
      ['missing', ['scrubbed/70']],
      ['changed', ['scrubbed/140']],
    ],
  )
  await damageAt(paths[3] ?? '', 19_999)
  await send(url, { method: 'PUT', path: '/scrubbed/70', body: 'put again' })
  assert.equal((await running.server.runScrub()).damaged, 1)
})

test('a scrub beside deletions and overwrites finds nothing', async () => {
  const findings: ScrubFinding[] = []
  await using running = await startRunningServer({
    onDamage: (finding) => {
      findings.push(finding)
    },
  })
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/scrubbed' })
  const path = (at: number): string => `/scrubbed/${at % 40}`
  for (let at = 0; at < 40; at++) await send(url, { method: 'PUT', path: path(at), body: randomBytes(70_000) })
  let isDone = false
  const churn = (async () => {
    for (let at = 0; !isDone; at++) {
      await send(url, { method: at % 3 === 0 ? 'DELETE' : 'PUT', path: path(at), body: at % 3 === 0 ? '' : 'new' })
    }
  })()
  for (let round = 0; round < 10; round++) assert.equal((await running.server.runScrub()).damaged, 0)
  isDone = true
  await churn
  assert.deepEqual(findings, [])
})

test('a round that a stop interrupts goes on where it was', async () => {
  await using running = await startRunningServer({ scrubRate: 1024 ** 2 })
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/scrubbed' })
  for (let at = 0; at < 100; at++) {
    await send(url, { method: 'PUT', path: `/scrubbed/${at}`, body: randomBytes(at < 65 ? 17_000 : 1_000_000) })
  }
  const interrupted = assert.rejects(running.server.runScrub(), { name: 'AbortError' })
  // Longer than 64 small files take at this rate, shorter than the rest does.
  await new Promise((resolve) => setTimeout(resolve, 2500))
  await running.server.close()
  await interrupted
  const paths = await blobFiles(running.dataDir)
  await Promise.all(paths.slice(0, 60).map((path) => unlink(path)))
  await using again = await startRunningServer({ dataDir: running.dataDir, scrubRate: 1024 ** 3 })
  const { blobs, damaged } = await again.server.runScrub()
  assert.deepEqual({ blobs, damaged }, { blobs: 100, damaged: 0 })
  assert.equal((await again.server.runScrub()).damaged, 60)
})
