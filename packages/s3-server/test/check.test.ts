import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { startRunningServer } from './running-server.ts'
import { runVerb } from './run-verb.ts'

const BODY = randomBytes(150_000)

const put = (client: S3Client, Key: string, Body: Buffer) =>
  client.send(new PutObjectCommand({ Bucket: 'kept', Key, Body }))

/** A stopped store with two versions of `a`, one of `b`, an encrypted `c` and an upload under way. */
const prepare = async () => {
  const running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket: 'kept' }))
  await client.send(new PutBucketVersioningCommand({ Bucket: 'kept', VersioningConfiguration: { Status: 'Enabled' } }))
  await put(client, 'a', Buffer.from('first'))
  await put(client, 'a', BODY)
  await put(client, 'b', BODY)
  await client.send(new PutObjectCommand({ Bucket: 'kept', Key: 'c', Body: BODY, ServerSideEncryption: 'AES256' }))
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'kept', Key: 'd' }))
  await client.send(new UploadPartCommand({ Bucket: 'kept', Key: 'd', UploadId, PartNumber: 1, Body: BODY }))
  await running.server.close()
  return running
}

const change = (dataDir: string, sql: string): void => {
  const database = new DatabaseSync(join(dataDir, 'index.sqlite'))
  database.exec(`PRAGMA foreign_keys = OFF; ${sql}`)
  database.close()
}

const pathOf = (dataDir: string, key: string): string => {
  const database = new DatabaseSync(join(dataDir, 'index.sqlite'))
  const { id } = database.prepare('SELECT blob_id AS id FROM object WHERE key = ?').get(key) as { id: string }
  database.close()
  return join(dataDir, 'blobs', id.slice(-2), id)
}

const flip = async (path: string): Promise<void> => {
  const content = await readFile(path)
  content[100_000] = (content[100_000] ?? 0) ^ 1
  await writeFile(path, content)
}

test('check says that all is well, and that a directory is in use or holds no store', async () => {
  await using running = await prepare()
  const { dataDir } = running
  for (const parameters of [[], ['--deep']]) {
    const { code, output } = await runVerb('check', '--data', dataDir, ...parameters)
    assert.deepEqual([code, /^5 blobs, [0-9]+ bytes, .*; 0 damages\n$/.test(output)], [0, true], output)
  }
  await using again = await startRunningServer({ dataDir })
  assert.match((await runVerb('check', '--data', dataDir)).errors, /in use/)
  await again.server.close()
  const none = await runVerb('check', '--data', join(dataDir, 'tmp'))
  assert.deepEqual([none.code, /index\.sqlite is missing/.test(none.errors)], [1, true])
  assert.deepEqual(await readdir(join(dataDir, 'tmp')), [])
})

test('check finds what is damaged and names the versions; repair drops them only when told to', async () => {
  await using running = await prepare()
  const { dataDir } = running
  await flip(pathOf(dataDir, 'a'))
  await flip(pathOf(dataDir, 'c'))
  await unlink(pathOf(dataDir, 'b'))
  const orphan = join(dataDir, 'blobs', '00', `${'0'.repeat(31)}0`)
  await writeFile(orphan, 'left by a crash')

  const shallow = await runVerb('check', '--data', dataDir)
  assert.equal(shallow.code, 1)
  assert.match(shallow.output, /is missing\n {2}kept\/b version [0-9a-f]{32}\n/)
  assert.match(shallow.output, /belongs to nothing/)
  assert.match(shallow.output, /; 1 damages\n$/)

  const deep = await runVerb('check', '--data', dataDir, '--deep')
  assert.equal(deep.code, 1)
  for (const key of ['a', 'c']) assert.match(deep.output, new RegExp(`is changed\n {2}kept/${key} version`))
  assert.match(deep.output, /; 3 damages\n$/)

  const kept = await runVerb('repair', '--data', dataDir, '--deep')
  assert.match(kept.output, /4 found, 3 left\n$/)
  await assert.rejects(readFile(orphan), { code: 'ENOENT' })

  const dropped = await runVerb('repair', '--data', dataDir, '--deep', '--drop-damaged')
  assert.equal(dropped.code, 0, dropped.output + dropped.errors)
  assert.equal((await readdir(join(dataDir, 'damaged'))).length, 2)
  assert.equal((await runVerb('check', '--data', dataDir, '--deep')).code, 0)

  await using again = await startRunningServer({ dataDir })
  const older = await again.client.send(new GetObjectCommand({ Bucket: 'kept', Key: 'a' }))
  assert.equal(await older.Body?.transformToString(), 'first')
  for (const Key of ['b', 'c']) {
    await assert.rejects(again.client.send(new GetObjectCommand({ Bucket: 'kept', Key })), { name: 'NoSuchKey' })
  }
})

test('repair sets right what the index says wrongly of itself', async (t) => {
  const cases: [name: string, sql: string, found: RegExp][] = [
    ['counts', 'UPDATE blob SET references_count = 7', /has 1 references, not 7/],
    ['an entry that nothing uses', "DELETE FROM object WHERE key = 'b'", /has 0 references, not 1/],
    ['parts of an upload that is gone', 'DELETE FROM upload', /1 parts belong to nothing/],
  ]
  for (const [name, sql, found] of cases) {
    await t.test(name, async () => {
      await using running = await prepare()
      const { dataDir } = running
      change(dataDir, sql)
      const before = await runVerb('check', '--data', dataDir)
      assert.equal(before.code, 1)
      assert.match(before.output, found)
      const repaired = await runVerb('repair', '--data', dataDir)
      assert.equal(repaired.code, 0, repaired.output + repaired.errors)
      assert.match((await runVerb('check', '--data', dataDir)).output, /^[45] blobs, .*; 0 damages\n$/)
    })
  }
})

test('a version whose blob the index has lost is dropped too', async () => {
  await using running = await prepare()
  const { dataDir } = running
  change(dataDir, "DELETE FROM blob WHERE id = (SELECT blob_id FROM object WHERE key = 'b')")
  assert.match((await runVerb('check', '--data', dataDir)).output, /used but not in the index\n {2}kept\/b version/)
  assert.equal((await runVerb('repair', '--data', dataDir, '--drop-damaged')).code, 0)
  assert.match((await runVerb('check', '--data', dataDir)).output, /; 0 damages\n$/)
})

test('a damaged index is said to be damaged', async () => {
  await using running = await prepare()
  const path = join(running.dataDir, 'index.sqlite')
  const content = await readFile(path)
  content.fill(0x5a, 4096, content.length)
  await writeFile(path, content)
  const { code, output, errors } = await runVerb('check', '--data', running.dataDir)
  assert.equal(code, 1)
  assert.match(output + errors, /index/)
  assert.match((await runVerb('repair', '--data', running.dataDir)).errors, /--rebuild-index/)
})
