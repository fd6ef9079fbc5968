import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Metrics } from '../src/operator/metrics.ts'
import { send, sendUnsigned } from './raw-request.ts'
import { startServerProcess } from './server-process.ts'

const value = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1),
  )

test('metrics and the access log tell what was asked and answered, and no secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3-operator-'))
  const logFile = join(folder, 'access.log')
  try {
    await using server = await startServerProcess(join(folder, 'data'), '--admin-port', '0', '--access-log', logFile)
    const { url } = server
    const [, admin = ''] = /^Metrics on (\S+)\/metrics\n/m.exec(server.output()) ?? []
    await send(url, { method: 'PUT', path: '/logged' })
    const put = await send(url, { method: 'PUT', path: '/logged/a%20key', body: 'x'.repeat(10_000) })
    await send(url, { path: '/logged/a%20key', query: [['response-content-type', 'text/secret']] })
    await send(url, { path: '/logged/missing' })
    await sendUnsigned(url, 'GET', '/logged/a%20key?X-Amz-Signature=tell-nobody')

    const { text } = await sendUnsigned(admin, 'GET', '/metrics')
    assert.equal(value(text, 'skycrate_s3_requests_total{operation="GetObject",status="200"}'), 1)
    assert.equal(value(text, 'skycrate_s3_requests_total{operation="PutObject",status="200"}'), 1)
    assert.equal(value(text, 'skycrate_s3_errors_total{code="NoSuchKey"}'), 1)
    assert.equal(value(text, 'skycrate_s3_received_bytes_total'), 10_000)
    assert.ok(value(text, 'skycrate_s3_sent_bytes_total') > 10_000)
    assert.equal(value(text, 'skycrate_s3_request_seconds_bucket{operation="PutObject",le="+Inf"}'), 1)
    assert.ok(value(text, 'skycrate_s3_disk_free_bytes') > 0)
    assert.equal(value(text, 'skycrate_s3_damaged_blobs'), 0)
    assert.equal((await sendUnsigned(admin, 'GET', '/healthz')).status, 200)
    assert.equal((await sendUnsigned(admin, 'GET', '/other')).status, 404)

    await rename(logFile, `${logFile}.1`)
    server.child.kill('SIGHUP')
    while (!(await stat(logFile).catch(() => undefined))) await sleep(10)
    await send(url, { path: '/logged/after' })
    assert.equal(await server.stop('SIGTERM'), 0)
    const old = await readFile(`${logFile}.1`, 'utf8')
    const lines = old
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.equal(lines.length, 5)
    // A line is written when its answer has left, which may be after the client's next request.
    const lineOf = (operation: string) =>
      lines.find((line) => line['operation'] === operation && line['status'] === 200)
    const stored = lineOf('PutObject')
    const read = lineOf('GetObject')
    assert.deepEqual(
      [stored?.['operation'], stored?.['bucket'], stored?.['key'], stored?.['status'], stored?.['received']],
      ['PutObject', 'logged', 'a key', 200, 10_000],
    )
    assert.equal(stored?.['id'], put.headers['x-amz-request-id'])
    assert.equal(stored?.['address'], '127.0.0.1')
    assert.ok(Number(read?.['sent']) > 10_000)
    assert.doesNotMatch(old, /tell-nobody|text\/secret|Signature|Credential/)
    assert.match(await readFile(logFile, 'utf8'), /"key":"after"/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('an access log that cannot be written is told, and requests go on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3-operator-'))
  try {
    await using server = await startServerProcess(folder, '--access-log', join(folder, 'no', 'such', 'folder'))
    if (server.child.stderr !== null && server.errors() === '') await once(server.child.stderr, 'data')
    assert.match(server.errors(), /accessLog.*ENOENT/)
    assert.equal((await send(server.url, { method: 'PUT', path: '/logged' })).status, 200)
    assert.equal(await server.stop('SIGTERM'), 0)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('a histogram counts each request in every bucket that is not below it', () => {
  const metrics = new Metrics()
  const record = {
    id: '',
    method: 'GET',
    bucket: undefined,
    key: undefined,
    status: 200,
    code: undefined,
    cause: undefined,
    received: 0,
    sent: 0,
    address: undefined,
  }
  for (const milliseconds of [0.5, 1, 30, 120_000]) metrics.record({ ...record, operation: 'GetObject', milliseconds })
  metrics.record({ ...record, operation: undefined, milliseconds: 1 })
  const text = metrics.render({
    connections: 1,
    refusedConnections: 0,
    diskFreeBytes: undefined,
    diskBytes: undefined,
    damagedBlobs: 0,
    scrubbedAt: undefined,
    deliveries: [],
  })
  const bucket = (le: string): number =>
    value(text, `skycrate_s3_request_seconds_bucket{operation="GetObject",le="${le}"}`)
  assert.deepEqual(['0.001', '0.025', '0.05', '60', '+Inf'].map(bucket), [2, 2, 3, 3, 4])
  assert.equal(value(text, 'skycrate_s3_request_seconds_sum{operation="GetObject"}'), 120.0315)
  assert.equal(value(text, 'skycrate_s3_requests_total{operation="unknown",status="200"}'), 1)
  assert.doesNotMatch(text, /s3_disk|scrub_finished/)
})
