import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import * as s3 from '@aws-sdk/client-s3'
import type { DeliveryNote } from '../src/notifications/delivery-note.ts'
import type { S3ServerOptions } from '../src/server.ts'
import { send, sendUnsigned } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'
import { startServerProcess } from './server-process.ts'
import { startWebhook } from './webhook-receiver.ts'
import type { EventRecord } from './webhook-receiver.ts'

const Bucket = 'noted'
const FAST: NonNullable<S3ServerOptions['deliveryLimits']> = { pace: { first: 5, most: 40 } }
/** Where nothing listens. */
const NOWHERE = 'http://127.0.0.1:9/'

const configuration = `<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1::hook</Queue>
  <Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event></QueueConfiguration></NotificationConfiguration>`

const configure = async (url: string): Promise<void> => {
  assert.equal((await send(url, { method: 'PUT', path: `/${Bucket}` })).status, 200)
  const query = [['notification', '']] as const
  const put = await send(url, { method: 'PUT', path: `/${Bucket}`, query, body: configuration })
  assert.equal(put.status, 200, put.text)
}

const start = async (url: string, options: Partial<S3ServerOptions> = {}): Promise<RunningServer> => {
  const running = await startRunningServer({ webhooks: [{ name: 'hook', url }], deliveryLimits: FAST, ...options })
  if (options.dataDir === undefined) await configure(running.server.url)
  return running
}

const put = async ({ client }: RunningServer, Key: string, Body = Key): Promise<void> => {
  await client.send(new s3.PutObjectCommand({ Bucket, Key, Body }))
}

const keysOf = (records: readonly EventRecord[]): string[] => records.map(({ s3: { object } }) => object.key)

const untilTrue = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(5)
}

const statusOf = ({ server }: RunningServer) => {
  const [status] = server.status().deliveries
  assert.ok(status !== undefined)
  return status
}

test('events of a webhook that is down wait, requests go on, and each key comes in its order when it is up', async () => {
  const notes: DeliveryNote[] = []
  let isUp = false
  await using hook = await startWebhook(() => (isUp ? 200 : 503))
  await using running = await start(hook.url, { onDelivery: (note) => notes.push(note) })
  const { client } = running
  for (let round = 0; round < 10; round++) {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await put(running, key, 'x'.repeat(round + 1))
    await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'a' }))
  }
  await hook.until(() => hook.messages.length >= 3)
  assert.ok(hook.messages.length < 60, `${hook.messages.length} messages while it was down`)
  assert.equal(statusOf(running).waiting, 61)
  isUp = true
  await untilTrue(() => statusOf(running).waiting === 0)
  const records = hook.taken()
  assert.equal(records.length, 60)
  const of = (key: string) => records.filter(({ s3: { object } }) => object.key === key)
  assert.deepEqual(
    of('b').map(({ s3: { object } }) => object.size),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  )
  assert.deepEqual(
    of('a').map(({ eventName }) => eventName),
    Array.from({ length: 10 }, () => ['ObjectCreated:Put', 'ObjectRemoved:Delete']).flat(),
  )
  assert.deepEqual(
    notes.map(({ kind }) => kind),
    ['failing', 'recovered'],
  )
  assert.deepEqual(notes[0], { kind: 'failing', webhook: 'hook', reason: 'status 503' })
  const { delivered, failed, dropped } = statusOf(running)
  assert.deepEqual({ delivered, dropped }, { delivered: 61, dropped: { age: 0, room: 0 } })
  assert.ok(failed >= 3)
})

test('a message that is sent again has the same id, and its events the same sequencers', async () => {
  let failures = 2
  await using hook = await startWebhook(({ records }) => (records.length > 0 && failures-- > 0 ? 500 : 204))
  await using running = await start(hook.url)
  await put(running, 'k')
  await hook.until(() => hook.taken().length === 1)
  const sent = hook.messages.filter(({ records }) => records.length > 0)
  assert.deepEqual(
    sent.map(({ status }) => status),
    [500, 500, 204],
  )
  assert.equal(new Set(sent.map(({ body }) => body)).size, 1)
  assert.equal(new Set(sent.map(({ headers }) => headers['webhook-id'])).size, 1)
})

test('a redirect is not followed, and counts as a failure', async () => {
  let redirects = 1
  await using hook = await startWebhook(({ records }) => (records.length > 0 && redirects-- > 0 ? 307 : 204))
  await using running = await start(hook.url)
  await put(running, 'k')
  await hook.until(() => hook.taken().length === 1)
  assert.deepEqual([...new Set(hook.messages.map(({ path }) => path))], ['/hook'])
})

test('an event that the webhook refuses holds up its own key alone, and is tried again', async () => {
  const notes: DeliveryNote[] = []
  let isPicky = true
  await using hook = await startWebhook(({ records }) =>
    isPicky && records.some(({ s3: { object } }) => object.key === 'poison') ? 422 : 204,
  )
  await using running = await start(hook.url, { onDelivery: (note) => notes.push(note) })
  const keys = Array.from({ length: 40 }, (_, at) => `k${at}`)
  // Together, so that they come in common messages with the one that is refused.
  await Promise.all([put(running, 'poison', '1'), ...keys.map((key) => put(running, key))])
  await put(running, 'poison', '22')
  await hook.until(() => hook.taken().length === 40)
  assert.deepEqual(keysOf(hook.taken()).toSorted(), keys.toSorted())
  await hook.until(
    () => hook.messages.filter(({ status, records }) => status === 422 && records.length === 1).length > 2,
  )
  isPicky = false
  await hook.until(() => hook.taken().length === 42)
  assert.deepEqual(
    hook
      .taken()
      .filter(({ s3: { object } }) => object.key === 'poison')
      .map(({ s3: { object } }) => object.size),
    [1, 2],
  )
  assert.deepEqual(notes, [{ kind: 'failing', webhook: 'hook', reason: 'status 422' }])
})

test('a webhook that refused everything gets everything once it comes round, in order still', async () => {
  let isPicky = true
  await using hook = await startWebhook(({ records }) => (isPicky && records.length > 0 ? 400 : 204))
  await using running = await start(hook.url, { deliveryLimits: { pace: { first: 500, most: 500 } } })
  const keys = Array.from({ length: 300 }, (_, at) => `k${at}`)
  for (let at = 0; at < keys.length; at += 50) {
    await Promise.all(keys.slice(at, at + 50).map((key) => put(running, key, 'x')))
  }
  for (const key of keys.slice(0, 20)) await put(running, key, 'xx')
  const triedAlone = (): number =>
    new Set(hook.messages.filter(({ records }) => records.length === 1).flatMap(({ records }) => keysOf(records))).size
  await untilTrue(() => triedAlone() >= 100)
  isPicky = false
  await untilTrue(() => statusOf(running).waiting === 0)
  const taken = hook.taken()
  assert.equal(taken.length, 320)
  for (const key of keys.slice(0, 20)) {
    const sizes = taken.filter(({ s3: { object } }) => object.key === key).map(({ s3: { object } }) => object.size)
    assert.deepEqual(sizes, [1, 2], key)
  }
})

test('a webhook that does not answer is given up in time, and holds up no request and no other webhook', async () => {
  const stalled = Promise.withResolvers<number>()
  await using slow = await startWebhook(() => stalled.promise)
  await using quick = await startWebhook()
  const notes: DeliveryNote[] = []
  await using running = await startRunningServer({
    webhooks: [
      { name: 'hook', url: slow.url },
      { name: 'quick', url: quick.url },
    ],
    deliveryLimits: { ...FAST, timeout: 50 },
    onDelivery: (note) => notes.push(note),
  })
  await configure(running.server.url)
  const other = new s3.PutBucketNotificationConfigurationCommand({
    Bucket: 'other',
    NotificationConfiguration: {
      QueueConfigurations: [{ QueueArn: 'arn:aws:sqs:us-east-1::quick', Events: ['s3:ObjectCreated:*'] }],
    },
  })
  await running.client.send(new s3.CreateBucketCommand({ Bucket: 'other' }))
  await running.client.send(other)
  for (let at = 0; at < 20; at++) {
    await put(running, `k${at}`)
    await running.client.send(new s3.PutObjectCommand({ Bucket: 'other', Key: `k${at}`, Body: 'x' }))
  }
  await quick.until(() => quick.taken().length === 20)
  await untilTrue(() => notes.length > 0)
  assert.deepEqual(notes[0], { kind: 'failing', webhook: 'hook', reason: 'no answer in time' })
  assert.equal(slow.taken().length, 0)
  stalled.resolve(204)
  await untilTrue(() => running.server.status().deliveries.every(({ waiting }) => waiting === 0))
  assert.deepEqual(
    [...new Set(keysOf(slow.taken()))].toSorted(),
    Array.from({ length: 20 }, (_, at) => `k${at}`).toSorted(),
  )
})

test('events go out many in a message, no more than a message may have, and in eight messages at once', async () => {
  const gate = Promise.withResolvers<number>()
  let open = 0
  let mostOpen = 0
  await using hook = await startWebhook(async () => {
    mostOpen = Math.max(mostOpen, ++open)
    const status = await gate.promise
    open -= 1
    return status
  })
  await using running = await start(hook.url, { deliveryLimits: { ...FAST, batch: 7 } })
  await Promise.all(Array.from({ length: 200 }, (_, at) => put(running, `k${at}`)))
  await untilTrue(() => open === 8)
  gate.resolve(204)
  await hook.until(() => hook.taken().length === 200)
  assert.equal(mostOpen, 8)
  const sizes = hook.messages.map(({ records }) => records.length)
  assert.equal(Math.max(...sizes), 7)
  assert.ok(sizes.length < 60, `${sizes.length} messages`)
  assert.equal(new Set(keysOf(hook.taken())).size, 200)
})

test('what is too old or too much is given up, counted and told', async () => {
  let offset = 0
  const notes: DeliveryNote[] = []
  await using running = await start(NOWHERE, {
    now: () => Date.now() + offset,
    deliveryLimits: { ...FAST, maxWaiting: 5, maxAge: 3_600_000 },
    onDelivery: (note) => notes.push(note),
  })
  for (let at = 0; at < 12; at++) await put(running, `k${at}`)
  await running.server.sweepEvents()
  assert.equal(statusOf(running).waiting, 5)
  assert.equal(statusOf(running).dropped.room, 8)
  offset = 3_599_000
  await running.server.sweepEvents()
  assert.equal(statusOf(running).waiting, 5)
  assert.ok(statusOf(running).oldestAge >= 3_599_000)
  offset = 3_700_000
  await running.server.sweepEvents()
  const { waiting, dropped, delivered, oldestAge } = statusOf(running)
  assert.deepEqual([waiting, dropped, delivered, oldestAge], [0, { age: 5, room: 8 }, 0, 0])
  const lost = notes.flatMap((note) => (note.kind === 'dropped' ? [[note.reason, note.count] as const] : []))
  const sum = (reason: string) => lost.reduce((total, [of, count]) => total + (of === reason ? count : 0), 0)
  assert.deepEqual([sum('room'), sum('age')], [8, 5])
})

test('a graceful stop keeps what waits for the next start, also for a webhook that comes later', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-events-'))
  try {
    {
      await using running = await start(NOWHERE, { dataDir })
      await configure(running.server.url)
      for (let at = 0; at < 5; at++) await put(running, `k${at}`)
    }
    {
      await using running = await start(NOWHERE, { dataDir, webhooks: [] })
      await put(running, 'k5')
      assert.equal(statusOf(running).waiting, 7)
    }
    await using hook = await startWebhook()
    await using running = await start(hook.url, { dataDir })
    await untilTrue(() => statusOf(running).waiting === 0)
    assert.deepEqual(keysOf(hook.taken()).toSorted(), ['k0', 'k1', 'k2', 'k3', 'k4', 'k5'])
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})

test('a stop cuts off a webhook that does not answer', async () => {
  const never = Promise.withResolvers<number>()
  await using hook = await startWebhook(() => never.promise)
  const running = await start(hook.url, { deliveryLimits: { ...FAST, timeout: 600_000 } })
  await put(running, 'k')
  await running[Symbol.asyncDispose]()
  never.resolve(204)
})

test('an event outlives kill -9 between the answer and its delivery, and metrics tell of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3-events-'))
  const dataDir = join(folder, 'data')
  try {
    const keys = Array.from({ length: 30 }, (_, at) => `k${at}`)
    let isKilled = false
    const cut = Promise.withResolvers<number>()
    await using hook = await startWebhook(() => (isKilled ? 204 : cut.promise))
    const options = ['--webhook', `hook=${hook.url}`, '--admin-port', '0'] as const
    {
      await using server = await startServerProcess(dataDir, ...options)
      await configure(server.url)
      for (const key of keys) {
        assert.equal((await send(server.url, { method: 'PUT', path: `/${Bucket}/${key}`, body: key })).status, 200)
      }
      const [, admin = ''] = /^Metrics on (\S+)\/metrics\n/m.exec(server.output()) ?? []
      const { text } = await sendUnsigned(admin, 'GET', '/metrics')
      assert.match(text, /^skycrate_s3_events_waiting\{webhook="hook"\} 31$/m)
      assert.match(text, /^skycrate_s3_events_delivered_total\{webhook="hook"\} 0$/m)
      assert.match(text, /^skycrate_s3_events_oldest_seconds\{webhook="hook"\} [0-9.]+$/m)
      assert.match(text, /^skycrate_s3_events_dropped_total\{webhook="hook",reason="age"\} 0$/m)
      await server.stop('SIGKILL')
    }
    isKilled = true
    cut.resolve(500)
    await using server = await startServerProcess(dataDir, ...options)
    await hook.until(() => new Set(keysOf(hook.taken())).size === keys.length)
    assert.equal(await server.stop('SIGTERM'), 0)
    assert.equal(server.errors(), '')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('kill -9 in the midst of writes leaves an event for each object that is there, and for no other', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-events-'))
  try {
    await using hook = await startWebhook()
    const acknowledged = new Set<string>()
    const write = async (url: string, worker: string): Promise<void> => {
      for (let at = 0; ; at++) {
        const key = `${worker}-${at}`
        const answer = await send(url, { method: 'PUT', path: `/${Bucket}/${key}`, body: key }).catch(() => undefined)
        if (answer === undefined) return
        assert.equal(answer.status, 200)
        acknowledged.add(key)
      }
    }
    for (const round of ['1', '2', '3']) {
      await using server = await startServerProcess(dataDir, '--webhook', `hook=${hook.url}`)
      if (round === '1') await configure(server.url)
      const writing = ['a', 'b', 'c', 'd'].map((worker) => write(server.url, `${worker}${round}`))
      const enough = acknowledged.size + 40
      await untilTrue(() => acknowledged.size >= enough)
      await server.stop('SIGKILL')
      await Promise.all(writing)
    }
    await using running = await startRunningServer({ dataDir, webhooks: [{ name: 'hook', url: hook.url }] })
    await untilTrue(() => statusOf(running).waiting === 0)
    const told = new Set(keysOf(hook.taken()))
    for (const key of acknowledged) assert.ok(told.has(key), key)
    const stored: string[] = []
    let ContinuationToken: string | undefined
    do {
      const page = await running.client.send(new s3.ListObjectsV2Command({ Bucket, ContinuationToken }))
      stored.push(...(page.Contents ?? []).map(({ Key = '' }) => Key))
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken !== undefined)
    assert.deepEqual([...told].toSorted(), stored.toSorted())
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})

test('webhooks that make no sense are named, all of them, before anything starts', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-events-'))
  try {
    const wrong = ['bad name=http://x/', 'a=ftp://x/', 'b=http://user:secret@x/', 'c', 'd=http://x/', 'd=http://y/']
    const options = wrong.flatMap((text) => ['--webhook', text])
    await assert.rejects(startServerProcess(dataDir, ...options, '--webhook-max-age', '0'), ({ message }: Error) => {
      for (const part of [
        'bad name',
        'a has no URL',
        'b has no URL',
        'c has no URL',
        'd is there twice',
        '336 hours',
      ]) {
        assert.ok(message.includes(part), `${part}: ${message}`)
      }
      assert.doesNotMatch(message, /user:secret/)
      return true
    })
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
