import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { signInAsAdmin } from './api.ts'
import { home, upload } from './client-steps.ts'
import { poll } from './poll.ts'
import { askStore } from './store-root.ts'
import { startSystem } from './system.ts'
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
