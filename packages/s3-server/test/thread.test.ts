import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { S3Notice } from '../src/notice.ts'
import { startS3Thread } from '../src/thread.ts'
import { send } from './raw-request.ts'
import { CREDENTIALS } from './running-server.ts'

test('the server runs in a thread, reports requests and closes', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-thread-'))
  const operations: (string | undefined)[] = []
  const options = {
    dataDir,
    host: '127.0.0.1',
    port: 0,
    credentials: CREDENTIALS,
    onRequest: (record: { operation: string | undefined }) => {
      operations.push(record.operation)
    },
  }
  const thread = await startS3Thread(options)
  await assert.rejects(startS3Thread(options), /in use by process/)
  assert.equal((await send(thread.url, { method: 'PUT', path: '/thread' })).status, 200)
  assert.equal((await send(thread.url, { method: 'PUT', path: '/thread/k', body: 'x' })).status, 200)
  await thread.close()
  await thread.close()
  assert.equal(await thread.ended, undefined)
  assert.deepEqual(operations, ['CreateBucket', 'PutObject'])
  await assert.rejects(send(thread.url, { path: '/' }))
  const again = await startS3Thread(options)
  assert.equal((await send(again.url, { path: '/thread/k' })).text, 'x')
  await again.close()
  await rm(dataDir, { recursive: true })
})

test('what the server notices by itself crosses over to who started the thread', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-thread-'))
  const noticed = Promise.withResolvers<S3Notice>()
  const thread = await startS3Thread({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    credentials: CREDENTIALS,
    // Nothing listens there.
    webhooks: [{ name: 'hook', url: 'http://127.0.0.1:9/' }],
    onNotice: noticed.resolve,
  })
  await send(thread.url, { method: 'PUT', path: '/thread' })
  const body = `<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1::hook</Queue>
    <Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>`
  const put = await send(thread.url, { method: 'PUT', path: '/thread', query: [['notification', '']], body })
  assert.equal(put.status, 200, put.text)
  const note = { kind: 'failing', webhook: 'hook', reason: 'ECONNREFUSED' }
  assert.deepEqual(await noticed.promise, { kind: 'delivery', note })
  await thread.close()
  await rm(dataDir, { recursive: true })
})

test('a port that is taken is reported to who starts the thread', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-thread-'))
  const first = await startS3Thread({
    dataDir: join(dataDir, '1'),
    host: '127.0.0.1',
    port: 0,
    credentials: CREDENTIALS,
  })
  const second = startS3Thread({
    dataDir: join(dataDir, '2'),
    host: '127.0.0.1',
    port: first.port,
    credentials: CREDENTIALS,
  })
  await assert.rejects(second, /EADDRINUSE/)
  await first.close()
  await rm(dataDir, { recursive: true })
})
