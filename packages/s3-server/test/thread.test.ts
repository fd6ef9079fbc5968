import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { S3Notice } from '../src/notice.ts'
import { changeKeyFile, rotateKey } from '../src/store/keys/key-file.ts'
import { startS3Thread } from '../src/thread.ts'
import { send, sendUnsigned } from './raw-request.ts'
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

test('a thread counts its requests and tells so on a port of its own, until it closes', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-thread-'))
  const admin = { host: '127.0.0.1', port: 0 }
  const options = { dataDir, host: '127.0.0.1', port: 0, credentials: CREDENTIALS, admin }
  const thread = await startS3Thread(options)
  const { adminUrl = '' } = thread
  await send(thread.url, { method: 'PUT', path: '/counted' })
  await send(thread.url, { path: '/counted/missing' })
  const { text } = await sendUnsigned(adminUrl, 'GET', '/metrics')
  assert.match(text, /^skycrate_s3_requests_total\{operation="CreateBucket",status="200"\} 1$/m)
  assert.match(text, /^skycrate_s3_disk_free_bytes [1-9]/m)
  assert.equal((await sendUnsigned(adminUrl, 'GET', '/healthz')).status, 200)

  const taken = { host: '127.0.0.1', port: Number(new URL(adminUrl).port) }
  const second = startS3Thread({ ...options, dataDir: join(dataDir, 'other'), admin: taken })
  await assert.rejects(second, { code: 'EADDRINUSE', port: taken.port })
  await thread.close()
  await assert.rejects(sendUnsigned(adminUrl, 'GET', '/healthz'))
  // Neither directory is held any longer.
  const again = await startS3Thread({ ...options, dataDir: join(dataDir, 'other') })
  await again.close()
  await rm(dataDir, { recursive: true })
})

test('a thread takes up a key file that changed, keeps what it has when that is damaged, and says which', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-thread-'))
  const thread = await startS3Thread({ dataDir, host: '127.0.0.1', port: 0, credentials: CREDENTIALS })
  const headers = { 'x-amz-server-side-encryption': 'AES256' }
  await send(thread.url, { method: 'PUT', path: '/sealed' })
  await send(thread.url, { method: 'PUT', path: '/sealed/k', body: 'x', headers })
  assert.equal(await thread.reloadKeys(), 0)
  const path = join(dataDir, 'keys.json')
  await changeKeyFile(path, (file) => rotateKey(file, undefined))
  // One after the other, whoever asks: the second has nothing left to do.
  assert.deepEqual(await Promise.all([thread.reloadKeys(), thread.reloadKeys()]), [1, 0])
  const good = await readFile(path)
  await writeFile(path, '{}')
  await assert.rejects(thread.reloadKeys(), /is damaged/)
  assert.equal((await send(thread.url, { path: '/sealed/k' })).text, 'x')
  await writeFile(path, good)
  await thread.close()
  await assert.rejects(thread.reloadKeys(), /ended/)
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
