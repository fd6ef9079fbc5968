import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { createPostPolicy } from '@skycrate/core/sigv4/post-policy'
import * as s3 from '@aws-sdk/client-s3'
import { send } from './raw-request.ts'
import { CREDENTIALS, startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'
import { startWebhook } from './webhook-receiver.ts'
import type { EventRecord, WebhookReceiver } from './webhook-receiver.ts'

const DAY = 86_400_000
const Bucket = 'noted'
const QueueArn = 'arn:aws:sqs:us-east-1:123456789012:hook'
const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSBob29r'

const start = async (
  hook: WebhookReceiver,
  options: Parameters<typeof startRunningServer>[0] = {},
): Promise<RunningServer> => {
  const running = await startRunningServer({ webhooks: [{ name: 'hook', url: hook.url, secret: SECRET }], ...options })
  await running.client.send(new s3.CreateBucketCommand({ Bucket }))
  return running
}

const configure = async (
  { client }: RunningServer,
  NotificationConfiguration: s3.NotificationConfiguration,
): Promise<void> => {
  await client.send(new s3.PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }))
}

const queue = (
  Events: readonly string[],
  rules: readonly (readonly ['prefix' | 'suffix', string])[] = [],
  Id = 'all',
): s3.QueueConfiguration => ({
  Id,
  QueueArn,
  Events: Events as s3.Event[],
  ...(rules.length === 0 ? {} : { Filter: { Key: { FilterRules: rules.map(([Name, Value]) => ({ Name, Value })) } } }),
})

const keepVersions = async ({ client }: RunningServer, Status: 'Enabled' | 'Suspended' = 'Enabled'): Promise<void> => {
  await client.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
}

const put = async ({ client }: RunningServer, Key: string, Body = Key): Promise<s3.PutObjectCommandOutput> =>
  client.send(new s3.PutObjectCommand({ Bucket, Key, Body }))

const arrived = async (hook: WebhookReceiver, count: number): Promise<readonly EventRecord[]> => {
  await hook.until(() => hook.taken().length >= count)
  return hook.taken()
}

/** Different keys overtake each other; those of one key do not. */
const told = (records: readonly EventRecord[]): string[] =>
  records.map(({ eventName, s3: { object } }) => `${eventName} ${object.key}`).toSorted()

test('a configuration is read back as it was put, and an empty one takes it away', async () => {
  await using hook = await startWebhook()
  await using running = await start(hook)
  const { client } = running
  const read = async () => {
    const { $metadata: _, ...rest } = await client.send(new s3.GetBucketNotificationConfigurationCommand({ Bucket }))
    return rest
  }
  assert.deepEqual(await read(), {})
  const configuration = {
    QueueConfigurations: [
      queue(
        ['s3:ObjectCreated:*'],
        [
          ['prefix', 'a & b/'],
          ['suffix', '.jpg'],
        ],
        'q',
      ),
    ],
    TopicConfigurations: [
      { Id: 't', TopicArn: 'arn:aws:sns:us-east-1::hook', Events: ['s3:ObjectRemoved:Delete', 's3:ObjectRestore:*'] },
    ],
    LambdaFunctionConfigurations: [
      {
        Id: 'l',
        LambdaFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:hook',
        Events: ['s3:ObjectTagging:*', 's3:LifecycleTransition', 's3:LifecycleExpiration:Delete'],
      },
    ],
  } satisfies s3.NotificationConfiguration
  await configure(running, configuration)
  const stored = await read()
  const rules = stored.QueueConfigurations?.[0]?.Filter?.Key?.FilterRules
  assert.deepEqual(
    rules?.map(({ Name, Value }) => [String(Name).toLowerCase(), Value]),
    [
      ['prefix', 'a & b/'],
      ['suffix', '.jpg'],
    ],
  )
  assert.deepEqual({ ...stored, QueueConfigurations: undefined }, { ...configuration, QueueConfigurations: undefined })
  await configure(running, {})
  assert.deepEqual(await read(), {})
  await configure(running, { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:Put'] }] })
  assert.match((await read()).QueueConfigurations?.[0]?.Id ?? '', /.+/)
})

test('what names no webhook, overlaps or is not raised here is refused, and leaves what was there', async () => {
  await using hook = await startWebhook()
  await using running = await start(hook)
  await configure(running, { QueueConfigurations: [queue(['s3:ObjectCreated:*'])] })
  const rule = (event: string, filter = '', arn = QueueArn, id = ''): string =>
    `<QueueConfiguration>${id}<Queue>${arn}</Queue><Event>${event}</Event>${filter}</QueueConfiguration>`
  const filter = (...rules: (readonly [string, string])[]): string =>
    `<Filter><S3Key>${rules
      .map(([name, value]) => `<FilterRule><Name>${name}</Name><Value>${value}</Value></FilterRule>`)
      .join('')}</S3Key></Filter>`
  const overlapping = /overlapping suffixes/
  const cases: readonly (readonly [xml: string, code: string, text?: RegExp])[] = [
    [rule('s3:ObjectCreated:*', '', 'arn:aws:sqs:us-east-1::other'), 'InvalidArgument', /Unable to validate the/],
    [rule('s3:ObjectCreated:*', '', 'arn:aws:sqs:eu-west-1::hook'), 'InvalidArgument', /Unable to validate the/],
    [rule('s3:ObjectCreated:*', '', 'arn:aws:sns:us-east-1::hook'), 'InvalidArgument', /Unable to validate the/],
    [rule('s3:ObjectCreated:*', '', 'http://127.0.0.1/'), 'InvalidArgument', /Unable to validate the/],
    [rule('s3:ObjectCreated'), 'InvalidArgument', /event is not supported/],
    [rule('s3:*'), 'InvalidArgument', /event is not supported/],
    [rule('ObjectCreated:Put'), 'InvalidArgument', /event is not supported/],
    [rule('s3:ReducedRedundancyLostObject'), 'InvalidArgument', /event is not supported/],
    [rule('s3:Replication:*'), 'InvalidArgument', /event is not supported/],
    [rule('s3:ObjectCreated:Put', filter(['contains', 'x'])), 'InvalidArgument', /either prefix or suffix/],
    [rule('s3:ObjectCreated:Put', filter(['prefix', 'x'], ['Prefix', 'y'])), 'InvalidArgument', /more than one prefix/],
    [rule('s3:ObjectCreated:Put', filter(['suffix', 'é'.repeat(513)])), 'InvalidArgument', /1024 bytes/],
    [rule('s3:ObjectCreated:Put') + rule('s3:ObjectCreated:*'), 'InvalidArgument', overlapping],
    [
      rule('s3:ObjectCreated:Put', filter(['prefix', 'a/'])) + rule('s3:ObjectCreated:Put', filter(['prefix', 'a/b'])),
      'InvalidArgument',
      overlapping,
    ],
    [
      rule('s3:ObjectCreated:Put', filter(['prefix', 'a/'], ['suffix', 'jpg'])) +
        rule('s3:ObjectCreated:Put', filter(['suffix', '.jpg'])),
      'InvalidArgument',
      overlapping,
    ],
    [
      rule('s3:ObjectCreated:Put', filter(['prefix', 'a']), QueueArn, '<Id>1</Id>') +
        rule('s3:ObjectCreated:Put', filter(['prefix', 'b']), QueueArn, '<Id>1</Id>'),
      'InvalidArgument',
      /IDs must be unique/,
    ],
    [rule('s3:ObjectCreated:Put', '', QueueArn, `<Id>${'x'.repeat(256)}</Id>`), 'InvalidArgument'],
    ['<EventBridgeConfiguration/>', 'NotImplemented', /EventBridge/],
    [`<QueueConfiguration><Queue>${QueueArn}</Queue></QueueConfiguration>`, 'MalformedXML'],
    ['<QueueConfiguration><Event>s3:ObjectCreated:*</Event></QueueConfiguration>', 'MalformedXML'],
    ['<BucketConfiguration/>', 'MalformedXML'],
    [rule('s3:ObjectCreated:Put', '<Filter><S3Metadata/></Filter>'), 'MalformedXML'],
  ]
  const request = { method: 'PUT', path: `/${Bucket}`, query: [['notification', '']] } as const
  for (const [xml, code, text = /./] of cases) {
    const answer = await send(running.server.url, {
      ...request,
      body: `<NotificationConfiguration>${xml}</NotificationConfiguration>`,
    })
    assert.equal(answer.code, code, `${xml}: ${answer.text}`)
    assert.equal(answer.status, code === 'NotImplemented' ? 501 : 400)
    assert.match(answer.text, text)
  }
  const fine =
    rule('s3:ObjectCreated:Put', filter(['prefix', 'a/'], ['suffix', '.jpg'])) +
    rule('s3:ObjectCreated:Put', filter(['prefix', 'a/'], ['suffix', '.png'])) +
    rule('s3:ObjectRemoved:*')
  const skipped = await send(running.server.url, {
    ...request,
    headers: { 'x-amz-skip-destination-validation': 'true' },
    body: `<NotificationConfiguration>${fine}</NotificationConfiguration>`,
  })
  assert.equal(skipped.code, 'NotImplemented')
  const kept = await running.client.send(new s3.GetBucketNotificationConfigurationCommand({ Bucket }))
  assert.deepEqual(kept.QueueConfigurations, [queue(['s3:ObjectCreated:*'])])
  const taken = await send(running.server.url, {
    ...request,
    body: `<NotificationConfiguration>${fine}</NotificationConfiguration>`,
  })
  assert.equal(taken.status, 200, taken.text)
})

test('each way to make an object has its event, as S3 writes it, signed', async () => {
  await using hook = await startWebhook()
  await using running = await start(hook)
  const { client, server } = running
  await configure(running, { QueueConfigurations: [queue(['s3:ObjectCreated:*'], [], 'made')] })
  const before = Date.now()
  const stored = await put(running, 'put me/ä+b (1)!.txt', 'four')
  await client.send(
    new s3.CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/put%20me/%C3%A4%2Bb%20(1)!.txt` }),
  )
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key: 'large' }))
  const part = { Bucket, Key: 'large', UploadId, PartNumber: 1 }
  const { ETag } = await client.send(new s3.UploadPartCommand({ ...part, Body: 'one part' }))
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
  const complete = { Bucket, Key: 'large', UploadId, MultipartUpload }
  const completed = await client.send(new s3.CompleteMultipartUploadCommand(complete))
  // Asked again it answers the same, and nothing new is there to tell.
  await client.send(new s3.CompleteMultipartUploadCommand(complete))
  const { fields } = createPostPolicy({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    addressing: 'path',
    bucket: Bucket,
    key: 'form',
    expiresIn: 60,
    now: Date.now(),
  })
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob(['from a form']))
  assert.equal((await fetch(`${server.url}/${Bucket}`, { method: 'POST', body: form })).status, 204)

  const records = await arrived(hook, 4)
  assert.deepEqual(told(records), [
    'ObjectCreated:CompleteMultipartUpload large',
    'ObjectCreated:Copy copy',
    'ObjectCreated:Post form',
    'ObjectCreated:Put put+me/%C3%A4%2Bb+%281%29%21.txt',
  ])
  const first = records.find(({ eventName }) => eventName === 'ObjectCreated:Put')
  const { eventTime = '', s3: s3Part, responseElements } = first ?? {}
  assert.ok(Date.parse(eventTime) >= before && Date.parse(eventTime) <= Date.now(), eventTime)
  const { sequencer = '' } = s3Part?.object ?? {}
  assert.match(sequencer, /^[0-9A-F]{18}$/)
  assert.equal(responseElements?.['x-amz-request-id'], stored.$metadata.requestId)
  assert.deepEqual(first, {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime,
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: 'AWS:000000000000' },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: {
      'x-amz-request-id': stored.$metadata.requestId,
      'x-amz-id-2': stored.$metadata.extendedRequestId,
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'made',
      bucket: {
        name: Bucket,
        ownerIdentity: { principalId: (await client.send(new s3.ListBucketsCommand({}))).Owner?.ID },
        arn: `arn:aws:s3:::${Bucket}`,
      },
      object: {
        key: 'put+me/%C3%A4%2Bb+%281%29%21.txt',
        size: 4,
        eTag: stored.ETag?.replaceAll('"', ''),
        sequencer,
      },
    },
  })
  const whole = records.find(({ eventName }) => eventName.endsWith('CompleteMultipartUpload'))
  assert.equal(whole?.s3.object.eTag, completed.ETag?.replaceAll('"', ''))
  assert.equal(whole?.s3.object.size, 8)

  const [tested] = hook.messages.filter(({ records: found }) => found.length === 0)
  const { Time, RequestId, HostId, ...sent } = JSON.parse(tested?.body ?? '{}') as Record<string, string>
  assert.deepEqual(sent, { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket })
  assert.ok(Time !== undefined && Date.parse(Time) <= Date.now() && RequestId !== undefined && HostId !== undefined)
  for (const { headers, body } of hook.messages) {
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
    const key = Buffer.from(SECRET.slice(6), 'base64')
    const signature = createHmac('sha256', key).update(signed).digest('base64')
    assert.equal(headers['webhook-signature'], `v1,${signature}`)
    assert.ok(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000) < 60)
    assert.equal(headers['content-type'], 'application/json')
  }
})

test('deletes, tags and restores are told with their versions, and what changes nothing is not', async () => {
  await using hook = await startWebhook()
  await using running = await start(hook)
  const { client } = running
  const Events = ['s3:ObjectRemoved:*', 's3:ObjectTagging:*', 's3:ObjectRestore:*']
  await configure(running, { QueueConfigurations: [queue(Events)] })
  await put(running, 'plain')
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'never was' }))
  await assert.rejects(client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'plain', IfMatch: '"other"' })))
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'plain' }))
  await keepVersions(running)
  const { VersionId } = await put(running, 'kept')
  const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] }
  await client.send(new s3.PutObjectTaggingCommand({ Bucket, Key: 'kept', Tagging }))
  await client.send(new s3.DeleteObjectTaggingCommand({ Bucket, Key: 'kept', VersionId }))
  const marker = await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'kept' }))
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'kept', VersionId }))
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'kept', VersionId }))
  const Objects = [{ Key: 'kept', VersionId: marker.VersionId }, { Key: 'new marker' }]
  await client.send(new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'cold', Body: 'x', StorageClass: 'GLACIER' }))
  const RestoreRequest = { Days: 1 }
  await client.send(new s3.RestoreObjectCommand({ Bucket, Key: 'cold', RestoreRequest }))
  await client.send(new s3.RestoreObjectCommand({ Bucket, Key: 'cold', RestoreRequest }))

  const records = await arrived(hook, 10)
  const of = (key: string) =>
    records
      .filter(({ s3: { object } }) => object.key === key)
      .map(({ eventVersion, eventName, s3: { object } }) => [eventVersion, eventName, object.versionId])
  assert.deepEqual(of('plain'), [['2.1', 'ObjectRemoved:Delete', undefined]])
  assert.deepEqual(of('kept'), [
    ['2.3', 'ObjectTagging:Put', VersionId],
    ['2.3', 'ObjectTagging:Delete', VersionId],
    ['2.1', 'ObjectRemoved:DeleteMarkerCreated', marker.VersionId],
    ['2.1', 'ObjectRemoved:Delete', VersionId],
    ['2.1', 'ObjectRemoved:Delete', marker.VersionId],
  ])
  assert.deepEqual(
    of('cold').map(([, name]) => name),
    ['ObjectRestore:Post', 'ObjectRestore:Completed', 'ObjectRestore:Post'],
  )
  assert.equal(records.length, 10)
  const made = records.find(({ eventName }) => eventName === 'ObjectRemoved:DeleteMarkerCreated')
  assert.equal(made?.s3.object.eTag, 'd41d8cd98f00b204e9800998ecf8427e')
  const sequencers = records.filter(({ s3: { object } }) => object.key === 'kept').map((it) => it.s3.object.sequencer)
  assert.deepEqual(sequencers, sequencers.toSorted())
  assert.equal(new Set(sequencers).size, sequencers.length)
})

test('what lifecycle rules do is told in the name of S3', async () => {
  let offset = 0
  await using hook = await startWebhook()
  await using running = await start(hook, { now: () => Date.now() + offset })
  const { client, server } = running
  const Events = ['s3:LifecycleExpiration:*', 's3:LifecycleTransition', 's3:ObjectRemoved:*']
  await configure(running, { QueueConfigurations: [queue(Events)] })
  const Rules: s3.LifecycleRule[] = [
    { Status: 'Enabled', Filter: { Prefix: 'gone/' }, Expiration: { Days: 1 } },
    { Status: 'Enabled', Filter: { Prefix: 'old/' }, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
    {
      Status: 'Enabled',
      Filter: { And: { Prefix: 'cold/', ObjectSizeGreaterThan: 1 } },
      Transitions: [{ Days: 1, StorageClass: 'GLACIER_IR' }],
    },
  ]
  await client.send(new s3.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
  await put(running, 'gone/plain')
  offset = 2 * DAY
  await server.runLifecycle()
  offset = 0
  await keepVersions(running)
  await put(running, 'gone/kept')
  const { VersionId } = await put(running, 'old/1')
  await put(running, 'old/1')
  await put(running, 'cold/1')
  offset = 3 * DAY
  await server.runLifecycle()
  const records = await arrived(hook, 4)
  assert.deepEqual(told(records), [
    'LifecycleExpiration:Delete gone/plain',
    'LifecycleExpiration:Delete old/1',
    'LifecycleExpiration:DeleteMarkerCreated gone/kept',
    'LifecycleTransition cold/1',
  ])
  for (const { eventVersion, userIdentity } of records) {
    assert.deepEqual([eventVersion, userIdentity.principalId], ['2.3', 's3.amazonaws.com'])
  }
  const find = (name: string, key: string) =>
    records.find(({ eventName, s3: { object } }) => eventName === name && object.key === key)
  assert.equal(find('LifecycleExpiration:Delete', 'old/1')?.s3.object.versionId, VersionId)
  const moved = find('LifecycleTransition', 'cold/1') as unknown as Record<string, unknown>
  assert.deepEqual(moved['lifecycleEventData'], {
    transitionEventData: { destinationStorageClass: 'GLACIER_IR' },
  })
})

test('filters take keys as they are, whatever is in them', async () => {
  await using first = await startWebhook()
  await using second = await startWebhook()
  await using running = await start(first, {
    webhooks: [
      { name: 'hook', url: first.url },
      { name: 'other-hook', url: second.url },
    ],
  })
  await configure(running, {
    QueueConfigurations: [
      queue(
        ['s3:ObjectCreated:*'],
        [
          ['prefix', 'a/../%2F*?é '],
          ['suffix', '.JPG'],
        ],
        '1',
      ),
      queue(
        ['s3:ObjectCreated:Put'],
        [
          ['prefix', 'a/../%2F*?é '],
          ['suffix', '.png'],
        ],
        '2',
      ),
    ],
    TopicConfigurations: [
      {
        Id: '3',
        TopicArn: 'arn:aws:sns:us-east-1:000000000000:other-hook',
        Events: ['s3:ObjectCreated:*'],
        Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'b' }] } },
      },
    ],
  })
  const keys = [
    'a/../%2F*?é .JPG',
    'a/../%2F*?é x\n.JPG',
    'a/../%2F*?é x.jpg',
    'a/../%2F*?é x.png',
    'a/../%2FXYé x.JPG',
    '%2F*?é .JPG',
    'b',
    'B',
    'b/日本語 😀',
  ]
  for (const key of keys) await put(running, key, 'x')
  const records = [...(await arrived(first, 3)), ...(await arrived(second, 2))]
  assert.deepEqual(
    records
      .map(
        ({ s3: { configurationId: id, object } }) => `${id} ${decodeURIComponent(object.key.replaceAll('+', '%20'))}`,
      )
      .toSorted(),
    ['1 a/../%2F*?é .JPG', '1 a/../%2F*?é x\n.JPG', '2 a/../%2F*?é x.png', '3 b', '3 b/日本語 😀'],
  )
  assert.equal(first.taken().length, 3)
})

test('a write that is refused raises no event', async () => {
  await using hook = await startWebhook()
  await using running = await start(hook)
  await configure(running, { QueueConfigurations: [queue(['s3:ObjectCreated:*', 's3:ObjectRemoved:*'])] })
  await put(running, 'k')
  const { client } = running
  const changed = { Bucket, Key: 'k', Body: '2' }
  await assert.rejects(client.send(new s3.PutObjectCommand({ ...changed, IfNoneMatch: '*' })))
  await assert.rejects(client.send(new s3.PutObjectCommand({ ...changed, IfMatch: '"other"' })))
  await assert.rejects(client.send(new s3.PutObjectCommand({ ...changed, ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })))
  await assert.rejects(client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'k', IfMatch: '"other"' })))
  await put(running, 'last')
  assert.deepEqual(told(await arrived(hook, 2)), ['ObjectCreated:Put k', 'ObjectCreated:Put last'])
  await running.server.close()
  assert.equal(hook.taken().length, 2)
})
