import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { signInAsAdmin } from './api.ts'
import { home, upload, use, vend } from './client-steps.ts'
import { freePort } from './free-port.ts'
import { request } from './http.ts'
import { poll } from './poll.ts'
import { askStore } from './store-root.ts'
import { runServerToItsEnd, startSystem } from './system.ts'
import { expectedSignature, startWebhookReceiver } from './webhook-receiver.ts'

const configuration = `<NotificationConfiguration><QueueConfiguration>
  <Id>all</Id><Queue>arn:aws:sqs:us-east-1:000000000000:thumbnails</Queue><Event>s3:ObjectCreated:*</Event>
  </QueueConfiguration></NotificationConfiguration>`

interface Message {
  readonly Event?: string
  readonly Records?: readonly {
    readonly eventName: string
    readonly s3: {
      readonly bucket: { readonly name: string }
      readonly object: { readonly key: string; readonly size: number }
    }
  }[]
}

test('a webhook of the settings hears, signed, of what people upload with the URLs that they were given', async () => {
  await using receiver = await startWebhookReceiver()
  const secret = `whsec_${randomBytes(24).toString('base64')}`
  await using system = await startSystem({
    env: { SKYCRATE_S3_WEBHOOKS: JSON.stringify([{ name: 'thumbnails', url: receiver.url, secret }]) },
  })
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  const put = await askStore(system, 'PUT', `/${bucket}`, { notification: '' }, configuration)
  assert.equal(put.status, 200, put.text)
  await upload(api, bucket, 'photos/a b.jpg', 'twelve bytes')

  const heard = (): Message[] => receiver.messages.map(({ body }) => JSON.parse(body) as Message)
  const records = await poll('the event has come', 10_000, () => {
    const come = heard().flatMap(({ Records = [] }) => Records)
    return come.length > 0 && come
  })
  assert.deepEqual(
    records.map(({ eventName, s3 }) => [eventName, s3.bucket.name, s3.object.key, s3.object.size]),
    [['ObjectCreated:Put', bucket, 'photos/a+b.jpg', 12]],
  )
  assert.equal(heard()[0]?.Event, 's3:TestEvent')
  for (const message of receiver.messages) {
    assert.equal(message.headers['webhook-signature'], expectedSignature(message, secret))
  }

  // A bucket may only name a webhook that there is.
  const other = configuration.replace(':thumbnails<', ':search<')
  const refused = await askStore(system, 'PUT', `/${bucket}`, { notification: '' }, other)
  assert.equal(refused.status, 400)
  assert.match(refused.text, /InvalidArgument/)
  await system.stop()
  assert.ok(!system.log().includes(secret.slice(6)) && !system.log().includes(receiver.url))
})

/** The value of a series as it stands in a scrape, 0 where there is none. */
const value = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length) ?? 0,
  )

test('counters of the embedded store are scraped on their own address while requests go on, and nowhere else', async () => {
  const metricsPort = await freePort()
  await using system = await startSystem({ env: { SKYCRATE_S3_METRICS_PORT: String(metricsPort) } })
  const metrics = `http://127.0.0.1:${metricsPort}/metrics`
  assert.ok(system.log().includes(metrics), 'the start says where')
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  const scrape = async (): Promise<string> => {
    const answer = await request(metrics)
    assert.equal(answer.status, 200)
    assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/)
    return answer.text
  }
  const puts = 'skycrate_s3_requests_total{operation="PutObject",status="200"}'
  const bytes = 'skycrate_s3_received_bytes_total'
  const before = await scrape()
  assert.equal(value(before, puts), 0)

  let running = 4
  const load = Promise.all(
    Array.from({ length: running }, async (_, worker) => {
      for (let n = 0; n < 25; n++) await upload(api, bucket, `secret-${worker}/${n}`, 'x'.repeat(1000))
      running -= 1
    }),
  )
  const seen: number[] = []
  while (running > 0) seen.push(value(await scrape(), puts))
  await load
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  )
  assert.ok(
    seen.some((count) => count > 0 && count < 100),
    `scraped in the midst of it: ${seen.join()}`,
  )

  const missing = await use(await vend(api, { bucket, key: 'missing', operation: 'get' }))
  assert.equal(missing.status, 404)
  // A request is counted once its answer has left, which the client may know first.
  const after = await poll('all is counted', 10_000, async () => {
    const text = await scrape()
    return value(text, 'skycrate_s3_errors_total{code="NoSuchKey"}') === 1 && value(text, puts) === 100 && text
  })
  assert.equal(value(after, bytes) - value(before, bytes), 100_000)
  assert.equal(value(after, 'skycrate_s3_request_seconds_bucket{operation="PutObject",le="+Inf"}'), 100)
  assert.ok(value(after, 'skycrate_s3_disk_free_bytes') > 0)
  assert.ok(!after.includes('secret-') && !after.includes(bucket), 'it names nobody and nothing')

  for (const address of [`${system.url}/metrics`, `${system.s3Url}/metrics`]) {
    const answer = await request(address)
    assert.ok(answer.status >= 400 && !answer.text.includes('skycrate_s3_'), `${address}: ${answer.status}`)
  }
  await system.stop()
  await assert.rejects(request(metrics), /ECONNREFUSED/)
})

test('a taken port of the counters keeps SkyCrate from starting, and the setting is named', async () => {
  await using receiver = await startWebhookReceiver()
  const { port } = new URL(receiver.url)
  const { code, output } = await runServerToItsEnd({
    SKYCRATE_HTTP_PORT: String(await freePort()),
    SKYCRATE_S3_PORT: '0',
    SKYCRATE_S3_METRICS_PORT: port,
  })
  assert.equal(code, 1)
  assert.match(output, new RegExp(`port ${port} is taken on 127.0.0.1: set SKYCRATE_S3_METRICS_PORT to another`))
})
