import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { INDEX_SCHEMA } from '../src/store/index/index-schema.ts'
import { decodeSegmentHead, encodeSegmentHead, SEGMENT_HEAD_BYTES } from '../src/store/index/journal-segment.ts'
import { startRunningServer } from './running-server.ts'
import { runVerb } from './run-verb.ts'

const BODY = randomBytes(300_000)

/** A stopped store with a large object and a small one. */
const prepare = async () => {
  const running = await startRunningServer()
  await running.client.send(new CreateBucketCommand({ Bucket: 'kept' }))
  await running.client.send(new PutObjectCommand({ Bucket: 'kept', Key: 'large', Body: BODY }))
  await running.client.send(new PutObjectCommand({ Bucket: 'kept', Key: 'small', Body: 'small' }))
  await running.server.close()
  return running
}

const setSchema = async (dataDir: string, schema: number): Promise<void> => {
  const database = new DatabaseSync(join(dataDir, 'index.sqlite'))
  database.exec(`PRAGMA user_version = ${schema}`)
  database.close()
  const journal = join(dataDir, 'journal')
  for (const name of await readdir(journal)) {
    await using file = await open(join(journal, name), 'r+')
    const bytes = Buffer.alloc(SEGMENT_HEAD_BYTES)
    await file.read(bytes, 0, bytes.length, 0)
    const head = decodeSegmentHead(bytes)
    assert.ok(head)
    await file.write(encodeSegmentHead({ ...head, schema }), 0, SEGMENT_HEAD_BYTES, 0)
  }
}

/** What every file of a directory holds, but for who has it open. */
const contents = async (directory: string): Promise<Record<string, string>> => {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const paths = files
    .filter(({ name }) => name !== 'lock.pid')
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted()
  const sums = paths.map(async (path) => [
    path,
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  ])
  return Object.fromEntries(await Promise.all(sums)) as Record<string, string>
}

for (const [schema, words] of [
  [INDEX_SCHEMA - 1, /written by an older version .*skycrate-s3-copy/],
  [INDEX_SCHEMA + 1, /written by a newer version .*skycrate-s3-copy/],
] as const) {
  test(`a data directory of schema ${schema} is refused by every verb and left as it is`, async () => {
    await using running = await prepare()
    const { dataDir } = running
    await setSchema(dataDir, schema)
    const before = await contents(dataDir)
    for (const verb of [['check'], ['repair'], ['repair', '--rebuild-index']]) {
      const { code, output, errors } = await runVerb(...verb, '--data', dataDir)
      assert.notEqual(code, 0)
      assert.match(errors, words, `${verb.join(' ')}: ${output}${errors}`)
    }
    await assert.rejects(startRunningServer({ dataDir }), words)
    assert.deepEqual(await contents(dataDir), before)
    await setSchema(dataDir, INDEX_SCHEMA)
    await using again = await startRunningServer({ dataDir })
    const { Body } = await again.client.send(new GetObjectCommand({ Bucket: 'kept', Key: 'large' }))
    assert.deepEqual(Buffer.from((await Body?.transformToByteArray()) ?? []), BODY)
  })
}

test('a journal of another schema makes no index', async () => {
  await using running = await prepare()
  const { dataDir } = running
  await setSchema(dataDir, INDEX_SCHEMA - 1)
  await rm(join(dataDir, 'index.sqlite'))
  const before = await contents(join(dataDir, 'journal'))
  const { code, errors } = await runVerb('repair', '--rebuild-index', '--data', dataDir)
  assert.notEqual(code, 0)
  assert.match(errors, /written by an older version/)
  assert.deepEqual(await contents(join(dataDir, 'journal')), before)
})
