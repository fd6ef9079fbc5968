import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { IndexDatabase } from '../src/store/index/index-database.ts'
import { BucketTable } from '../src/store/tables/bucket-table.ts'
import { runVerb } from './run-verb.ts'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'

const LARGE = randomBytes(300_000)

/** Every row of every table. */
const dump = (path: string): Record<string, unknown[]> => {
  const database = new DatabaseSync(path, { readOnly: true })
  const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).all()
  const rows = tables.map(({ name }) => [
    String(name),
    database
      .prepare(`SELECT * FROM "${String(name)}"`)
      .all()
      .map((row) => JSON.stringify(row))
      .toSorted(),
  ])
  database.close()
  return Object.fromEntries(rows) as Record<string, unknown[]>
}

/** Some of everything, with things that came and went. */
const work = async (client: S3Client, bucket: string): Promise<void> => {
  const Bucket = bucket
  await client.send(new CreateBucketCommand({ Bucket }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'unversioned', Body: 'gone soon' }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'unversioned', Body: LARGE }))
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  await client.send(
    new PutBucketCorsCommand({
      Bucket,
      CORSConfiguration: { CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['https://a.example'] }] },
    }),
  )
  for (let at = 0; at < 20; at++) {
    await client.send(
      new PutObjectCommand({ Bucket, Key: `key ${at % 7}`, Body: randomBytes(at * 100), Tagging: `n=${at}` }),
    )
  }
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'key 1' }))
  await client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${bucket}/unversioned` }))
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'unversioned', VersionId: 'null' }))
  await client.send(
    new PutObjectTaggingCommand({ Bucket, Key: 'key 2', Tagging: { TagSet: [{ Key: 'a', Value: 'ü' }] } }),
  )
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }))
  const part = { Bucket, Key: 'parts', UploadId, PartNumber: 1, Body: LARGE }
  await client.send(new UploadPartCommand({ ...part, Body: 'replaced' }))
  const { ETag } = await client.send(new UploadPartCommand(part))
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
  await client.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'parts', UploadId, MultipartUpload }))
  const begun = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'begun' }))
  await client.send(new UploadPartCommand({ ...part, Key: 'begun', UploadId: begun.UploadId }))
  await client.send(new CreateBucketCommand({ Bucket: `${bucket}-gone` }))
  await client.send(
    new PutBucketCorsCommand({
      Bucket: `${bucket}-gone`,
      CORSConfiguration: { CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'] }] },
    }),
  )
  await client.send(new DeleteBucketCommand({ Bucket: `${bucket}-gone` }))
}

const indexOf = ({ dataDir }: RunningServer): string => join(dataDir, 'index.sqlite')

const removeIndex = async (running: RunningServer): Promise<void> => {
  for (const suffix of ['', '-wal', '-shm']) await rm(indexOf(running) + suffix, { force: true })
}

test('an index that is lost is made anew from the journal, row by row as it was', async () => {
  await using running = await startRunningServer()
  await work(running.client, 'one')
  await running.server.close()
  const before = dump(indexOf(running))
  await removeIndex(running)
  await assert.rejects(startRunningServer({ dataDir: running.dataDir }), /repair --rebuild-index/)
  const { code, output } = await runVerb('repair', '--rebuild-index', '--data', running.dataDir)
  assert.deepEqual([code, /from the beginning and [0-9]+ entries/.test(output)], [0, true], output)
  assert.deepEqual(dump(indexOf(running)), before)
  await using again = await startRunningServer({ dataDir: running.dataDir })
  await work(again.client, 'two')
  const copy = await again.client.send(new GetObjectCommand({ Bucket: 'one', Key: 'copy' }))
  assert.deepEqual(Buffer.from((await copy.Body?.transformToByteArray()) ?? []), LARGE)
  await again.server.close()
  assert.match((await runVerb('check', '--deep', '--data', running.dataDir)).output, /; 0 damages\n$/)
})

test('an index that is damaged is kept aside and made anew', async () => {
  await using running = await startRunningServer()
  await work(running.client, 'one')
  await running.server.close()
  const before = dump(indexOf(running))
  const content = await readFile(indexOf(running))
  content.fill(0x5a, 4096)
  await writeFile(indexOf(running), content)
  assert.equal((await runVerb('repair', '--rebuild-index', '--data', running.dataDir)).code, 0)
  assert.deepEqual(dump(indexOf(running)), before)
  assert.deepEqual(await readFile(join(running.dataDir, 'damaged', 'index.sqlite')), content)
})

test('what the index had not synced when the power failed comes back from the journal', async () => {
  await using running = await startRunningServer()
  await running.client.send(new CreateBucketCommand({ Bucket: 'before' }))
  await running.server.close()
  const stale = await readFile(indexOf(running))
  await using later = await startRunningServer({ dataDir: running.dataDir })
  await work(later.client, 'one')
  // What a disk holds that has synced the journal, and of the index only what was there before.
  const copy = `${running.dataDir}-copy`
  await cp(running.dataDir, copy, { recursive: true, filter: (path) => !/index\.sqlite|lock\./.test(path) })
  await writeFile(join(copy, 'index.sqlite'), stale)
  await later.server.close()
  {
    await using restarted = await startRunningServer({ dataDir: copy })
    await restarted.server.close()
    assert.deepEqual(dump(indexOf(restarted)), dump(indexOf(later)))
  }
  await rm(copy, { recursive: true })
})

test('a journal that is damaged is told by check, stops no index that is whole, and gives what came before', async () => {
  await using running = await startRunningServer()
  await running.client.send(new CreateBucketCommand({ Bucket: 'first' }))
  await work(running.client, 'one')
  await running.server.close()
  const before = dump(indexOf(running))
  const [name = ''] = await readdir(join(running.dataDir, 'journal'))
  const path = join(running.dataDir, 'journal', name)
  const content = await readFile(path)
  const at = content.indexOf('https://a.example')
  content.fill('x', at, at + 5)
  await writeFile(path, content)

  const checked = await runVerb('check', '--data', running.dataDir)
  assert.deepEqual([checked.code, /can't be read/.test(checked.output)], [1, true], checked.output)
  assert.deepEqual(dump(indexOf(running)), before)

  await removeIndex(running)
  const whole = await runVerb('repair', '--rebuild-index', '--data', running.dataDir)
  assert.deepEqual([whole.code, /is damaged/.test(whole.errors)], [1, true], whole.errors)
  const rest = await runVerb('repair', '--rebuild-index', '--drop-damaged', '--data', running.dataDir)
  assert.deepEqual([rest.code, /what came after is lost/.test(rest.output)], [1, true], rest.output)
  assert.equal(dump(indexOf(running))['bucket']?.length, 2)
  assert.equal((await readdir(join(running.dataDir, 'damaged'))).includes('journal'), true)
  await using again = await startRunningServer({ dataDir: running.dataDir })
  await again.client.send(new CreateBucketCommand({ Bucket: 'second' }))
})

const waitFor = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await sleep(20)
}

test('a restored backup, whose journal is not there, gets a base and can be made anew from then on', async () => {
  await using running = await startRunningServer()
  await work(running.client, 'one')
  const target = `${running.dataDir}-backup`
  assert.equal((await runVerb('backup', target, '--data', running.dataDir)).code, 0)
  const journal = join(target, 'journal')
  {
    await using restored = await startRunningServer({ dataDir: target })
    await waitFor(async () => (await readdir(journal)).some((name) => name.endsWith('.sqlite')))
    await restored.client.send(new PutObjectCommand({ Bucket: 'one', Key: 'later', Body: 'later' }))
    await restored.server.close()
    const before = dump(indexOf(restored))
    await removeIndex(restored)
    const { output } = await runVerb('repair', '--rebuild-index', '--data', target)
    assert.match(output, /from the base at [0-9]+ and 1 entries/)
    assert.deepEqual(dump(indexOf(restored)), before)
  }
  await rm(target, { recursive: true })
})

test('a base takes the place of a long journal while changes go on', async () => {
  await using running = await startRunningServer()
  await running.server.close()
  const journal = join(running.dataDir, 'journal')
  const index = await IndexDatabase.open(indexOf(running), journal)
  const buckets = new BucketTable(index)
  const filler = 'x'.repeat(1024 ** 2)
  for (let at = 0; at < 150; at++) {
    await index.write(() => {
      buckets.create(`bucket-${at}`, at)
      index
        .prepare(`INSERT INTO bucket_setting SELECT id, 'filler', ? FROM bucket WHERE name = ?`)
        .run(filler, `bucket-${at}`)
    })
    if (at % 2 === 1) {
      await index.write(() => {
        index.prepare('DELETE FROM bucket_setting').run()
      })
    }
  }
  await waitFor(async () => (await readdir(journal)).some((name) => name.endsWith('.sqlite')))
  await index.write(() => {
    buckets.create('last', 0)
  })
  await waitFor(async () => {
    const names = await readdir(journal)
    return !names.some((name) => name.endsWith('.new')) && !names.includes(`${'0'.repeat(16)}.log`)
  })
  await index.close()
  const names = await readdir(journal)
  assert.equal(names.filter((name) => name.endsWith('.sqlite')).length, 1, names.join())
  const before = dump(indexOf(running))
  await removeIndex(running)
  assert.match((await runVerb('repair', '--rebuild-index', '--data', running.dataDir)).output, /from the base/)
  assert.deepEqual(dump(indexOf(running)), before)
})
