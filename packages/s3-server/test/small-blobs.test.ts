import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { ScrubFinding } from '../src/scrub.ts'
import { runVerb } from './run-verb.ts'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'

const files = async (dataDir: string): Promise<number> =>
  (await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    .length

const inIndex = (dataDir: string, sql: string): Record<string, unknown>[] => {
  const database = new DatabaseSync(join(dataDir, 'index.sqlite'))
  const rows = database.prepare(sql).all()
  database.close()
  return rows
}

test('objects of every size near the edge come back, whole and in ranges, plain and encrypted', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/small' })
  for (const headers of [undefined, { 'x-amz-server-side-encryption': 'AES256' }]) {
    for (const size of [0, 1, 1024, 16_367, 16_368, 16_369, 16_375, 16_376, 16_377, 16_380, 16_384, 16_385, 70_000]) {
      const body = randomBytes(size)
      await send(url, { method: 'PUT', path: '/small/o', body, ...(headers === undefined ? {} : { headers }) })
      assert.ok(body.equals((await send(url, { path: '/small/o' })).body), `${size}`)
      assert.equal(await files(running.dataDir), size > (headers === undefined ? 16_376 : 16_368) ? 1 : 0, `${size}`)
      if (size < 2) continue
      const part = await send(url, { path: '/small/o', headers: { range: `bytes=1-${size - 2}` } })
      assert.ok(body.subarray(1, -1).equals(part.body), `${size}`)
    }
  }
  await send(url, { method: 'DELETE', path: '/small/o' })
  await running.server.close()
  assert.deepEqual(inIndex(running.dataDir, 'SELECT * FROM blob_content'), [])
  assert.equal(await files(running.dataDir), 0)
})

test('a copy keeps the bytes of a small object that is deleted', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/small' })
  await send(url, { method: 'PUT', path: '/small/o', body: 'kept' })
  await send(url, { method: 'PUT', path: '/small/copy', headers: { 'x-amz-copy-source': '/small/o' } })
  await send(url, { method: 'DELETE', path: '/small/o' })
  assert.equal((await send(url, { path: '/small/copy' })).text, 'kept')
})

test('a small object that the disk changes is an error, found by a scrub and by check, and kept aside by repair', async () => {
  const findings: ScrubFinding[] = []
  await using running = await startRunningServer({ onDamage: (finding) => findings.push(finding) })
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/small' })
  for (const key of ['changed', 'cut', 'lost', 'whole']) {
    await send(url, { method: 'PUT', path: `/small/${key}`, body: key.padEnd(1000, '.') })
  }
  await running.server.close()
  const row = (key: string): string =>
    `(SELECT content_id FROM blob JOIN object ON blob.id = object.blob_id WHERE object.key = '${key}')`
  inIndex(
    running.dataDir,
    `UPDATE blob_content SET content = CAST('CHANGED' || substr(content, 8) AS BLOB) WHERE id = ${row('changed')}`,
  )
  inIndex(running.dataDir, `UPDATE blob_content SET content = substr(content, 1, 900) WHERE id = ${row('cut')}`)
  inIndex(running.dataDir, `DELETE FROM blob_content WHERE id = ${row('lost')}`)
  {
    await using again = await startRunningServer({
      dataDir: running.dataDir,
      onDamage: (finding) => findings.push(finding),
    })
    for (const key of ['changed', 'cut', 'lost']) {
      assert.equal((await send(again.server.url, { path: `/small/${key}` })).code, 'InternalError', key)
    }
    assert.equal((await send(again.server.url, { path: '/small/whole' })).text, 'whole'.padEnd(1000, '.'))
    assert.equal((await again.server.runScrub()).damaged, 3)
  }
  assert.deepEqual(
    // In no order: blobs of one millisecond have ids in any.
    findings.map(({ damage, users }) => `${users[0]?.key} ${damage}`).toSorted(),
    ['changed changed', 'cut cut', 'lost cut'],
  )
  assert.match((await runVerb('check', '--data', running.dataDir, '--deep')).output, /; 3 damages\n$/)
  assert.equal((await runVerb('repair', '--data', running.dataDir, '--deep', '--drop-damaged')).code, 0)
  const kept = await readdir(join(running.dataDir, 'damaged'))
  const contents = await Promise.all(kept.map((name) => readFile(join(running.dataDir, 'damaged', name), 'latin1')))
  assert.deepEqual(contents.map((content) => content.slice(0, 3)).toSorted(), ['', 'CHA', 'cut'])
  assert.match((await runVerb('check', '--data', running.dataDir, '--deep')).output, /^1 blobs.*; 0 damages\n$/)
})

test('content that no blob names is found and removed', async () => {
  await using running = await startRunningServer()
  await running.server.close()
  inIndex(running.dataDir, `INSERT INTO blob_content (content) VALUES (x'00')`)
  assert.match(
    (await runVerb('check', '--data', running.dataDir)).output,
    /^1 parts belong to nothing\n.*; 1 damages\n$/s,
  )
  assert.equal((await runVerb('repair', '--data', running.dataDir)).code, 0)
  assert.deepEqual(inIndex(running.dataDir, 'SELECT * FROM blob_content'), [])
})
