import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { send, sendUnsigned } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'

const DAY = 86_400_000
const Bucket = 'vault'
const inDays = (days: number): Date => new Date(Math.floor(Date.now() / 1000) * 1000 + days * DAY)

const start = async (now?: () => number): Promise<RunningServer> => {
  const running = await startRunningServer(now === undefined ? {} : { now })
  await running.client.send(new s3.CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }))
  return running
}

const put = async (
  { client }: RunningServer,
  Key: string,
  lock: Partial<s3.PutObjectCommandInput> = {},
): Promise<string> => (await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: Key, ...lock }))).VersionId ?? ''

const remove = async (
  { client }: RunningServer,
  Key: string,
  VersionId: string,
  BypassGovernanceRetention = false,
): Promise<void> => {
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention }))
}

const denied = { name: 'AccessDenied' }

test('object lock comes with versions that cannot be suspended, and its configuration is read back', async () => {
  await using running = await start()
  const { client } = running
  assert.equal((await client.send(new s3.GetBucketVersioningCommand({ Bucket }))).Status, 'Enabled')
  const suspend = new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })
  await assert.rejects(client.send(suspend), { name: 'InvalidBucketState' })
  const read = async () =>
    (await client.send(new s3.GetObjectLockConfigurationCommand({ Bucket }))).ObjectLockConfiguration
  assert.deepEqual(await read(), { ObjectLockEnabled: 'Enabled' })
  const ObjectLockConfiguration: s3.ObjectLockConfiguration = {
    ObjectLockEnabled: 'Enabled',
    Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Years: 2 } },
  }
  await client.send(new s3.PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }))
  assert.deepEqual(await read(), ObjectLockConfiguration)
})

test('a bucket without object lock has none of it, until it is switched on where versions are kept', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  await put(running, 'k')
  await assert.rejects(client.send(new s3.GetObjectLockConfigurationCommand({ Bucket })), {
    name: 'ObjectLockConfigurationNotFoundError',
  })
  await assert.rejects(put(running, 'k', { ObjectLockLegalHoldStatus: 'ON' }), { name: 'InvalidRequest' })
  await assert.rejects(client.send(new s3.GetObjectRetentionCommand({ Bucket, Key: 'k' })), { name: 'InvalidRequest' })
  await assert.rejects(client.send(new s3.GetObjectLegalHoldCommand({ Bucket, Key: 'k' })), { name: 'InvalidRequest' })
  const enable = new s3.PutObjectLockConfigurationCommand({
    Bucket,
    ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' },
  })
  await assert.rejects(client.send(enable), { name: 'InvalidBucketState' })
  await client.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  await client.send(enable)
  const version = await put(running, 'k', { ObjectLockLegalHoldStatus: 'ON' })
  await assert.rejects(remove(running, 'k', version), denied)
  await remove(running, 'k', 'null')
})

test('governance holds a version until it is bypassed; hiding it is always possible', async () => {
  await using running = await start()
  const { client } = running
  const until = inDays(1)
  const version = await put(running, 'k', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: until })
  const head = await client.send(new s3.HeadObjectCommand({ Bucket, Key: 'k' }))
  assert.equal(head.ObjectLockMode, 'GOVERNANCE')
  assert.deepEqual(head.ObjectLockRetainUntilDate, until)
  await assert.rejects(remove(running, 'k', version), denied)
  const marker = await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'k' }))
  assert.equal(marker.DeleteMarker, true)
  await remove(running, 'k', marker.VersionId ?? '')
  const several = async (BypassGovernanceRetention: boolean) =>
    client.send(
      new s3.DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: 'k', VersionId: version }, { Key: 'other' }] },
        BypassGovernanceRetention,
      }),
    )
  const refused = await several(false)
  assert.deepEqual(
    [refused.Errors?.map(({ Code }) => Code), refused.Deleted?.map(({ Key }) => Key)],
    [['AccessDenied'], ['other']],
  )
  assert.equal((await several(true)).Errors, undefined)
  await assert.rejects(client.send(new s3.HeadObjectCommand({ Bucket, Key: 'k' })), { name: 'NotFound' })
})

test('compliance holds against everybody, may be extended, and ends when it is over', async () => {
  let now = Date.now()
  await using running = await start(() => now)
  const { client } = running
  const version = await put(running, 'k', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(1) })
  const retain = async (days: number, Mode: s3.ObjectLockRetentionMode = 'COMPLIANCE'): Promise<void> => {
    await client.send(
      new s3.PutObjectRetentionCommand({
        Bucket,
        Key: 'k',
        VersionId: version,
        Retention: { Mode, RetainUntilDate: inDays(days) },
        BypassGovernanceRetention: true,
      }),
    )
  }
  await assert.rejects(remove(running, 'k', version, true), denied)
  await assert.rejects(retain(0.5), denied)
  await assert.rejects(retain(5, 'GOVERNANCE'), denied)
  await assert.rejects(retain(-1), { name: 'InvalidArgument' })
  await retain(3)
  const { Retention } = await client.send(new s3.GetObjectRetentionCommand({ Bucket, Key: 'k', VersionId: version }))
  assert.deepEqual(Retention, { Mode: 'COMPLIANCE', RetainUntilDate: inDays(3) })
  now += 4 * DAY
  const path = `/${Bucket}/k`
  const gone = await send(running.server.url, { method: 'DELETE', path, query: [['versionId', version]], now })
  assert.equal(gone.status, 204)
})

test('governance is shortened, taken away or made compliance only with the right to bypass it', async () => {
  await using running = await start()
  const { client } = running
  await put(running, 'k', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(5) })
  const retain = async (Retention: s3.ObjectLockRetention, BypassGovernanceRetention: boolean): Promise<void> => {
    await client.send(new s3.PutObjectRetentionCommand({ Bucket, Key: 'k', Retention, BypassGovernanceRetention }))
  }
  const shorter: s3.ObjectLockRetention = { Mode: 'GOVERNANCE', RetainUntilDate: inDays(1) }
  await assert.rejects(retain(shorter, false), denied)
  await retain(shorter, true)
  await assert.rejects(retain({ Mode: 'COMPLIANCE', RetainUntilDate: inDays(1) }, false), denied)
  await assert.rejects(retain({}, false), denied)
  await retain({}, true)
  await assert.rejects(client.send(new s3.GetObjectRetentionCommand({ Bucket, Key: 'k' })), {
    name: 'NoSuchObjectLockConfiguration',
  })
})

test('a legal hold is set and lifted, and nothing bypasses it', async () => {
  await using running = await start()
  const { client } = running
  const version = await put(running, 'k')
  const hold = async (Status: s3.ObjectLockLegalHoldStatus): Promise<void> => {
    await client.send(new s3.PutObjectLegalHoldCommand({ Bucket, Key: 'k', LegalHold: { Status } }))
  }
  await assert.rejects(client.send(new s3.GetObjectLegalHoldCommand({ Bucket, Key: 'k' })), {
    name: 'NoSuchObjectLockConfiguration',
  })
  await hold('ON')
  assert.equal((await client.send(new s3.GetObjectLegalHoldCommand({ Bucket, Key: 'k' }))).LegalHold?.Status, 'ON')
  await client.send(new s3.PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet: [] } }))
  await assert.rejects(remove(running, 'k', version, true), denied)
  await hold('OFF')
  await remove(running, 'k', version)
})

test('a default retention is that of every way to make a version, and a copy does not take over a lock', async () => {
  await using running = await start()
  const { client } = running
  await put(running, 'source', { ObjectLockLegalHoldStatus: 'ON' })
  const ObjectLockConfiguration: s3.ObjectLockConfiguration = {
    ObjectLockEnabled: 'Enabled',
    Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 3 } },
  }
  await client.send(new s3.PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }))
  await put(running, 'put')
  await client.send(new s3.CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/source` }))
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key: 'parts' }))
  const part = { Bucket, Key: 'parts', UploadId, PartNumber: 1 }
  const { ETag } = await client.send(new s3.UploadPartCommand({ ...part, Body: 'x' }))
  await client.send(
    new s3.CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
  )
  for (const Key of ['put', 'copy', 'parts']) {
    const head = await client.send(new s3.HeadObjectCommand({ Bucket, Key }))
    assert.equal(head.ObjectLockMode, 'GOVERNANCE', Key)
    assert.equal(head.ObjectLockLegalHoldStatus, undefined, Key)
    const left = (head.ObjectLockRetainUntilDate?.getTime() ?? 0) - Date.now()
    assert.ok(left > 2.9 * DAY && left < 3.1 * DAY, Key)
    await assert.rejects(remove(running, Key, head.VersionId ?? ''), denied)
  }
  await put(running, 'own', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(1) })
  assert.equal((await client.send(new s3.HeadObjectCommand({ Bucket, Key: 'own' }))).ObjectLockMode, 'COMPLIANCE')
})

test('what locks an object is told only to those who may ask for it', async () => {
  await using running = await start()
  const { client } = running
  const ObjectLockRetainUntilDate = inDays(1)
  await put(running, 'k', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate, ObjectLockLegalHoldStatus: 'ON' })
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:GetObjectRetention',
      Resource: `arn:aws:s3:::${Bucket}/*`,
    },
  })
  await client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }))
  const head = await client.send(new s3.HeadObjectCommand({ Bucket, Key: 'k' }))
  assert.equal(head.ObjectLockMode, undefined)
  assert.equal(head.ObjectLockRetainUntilDate, undefined)
  assert.equal(head.ObjectLockLegalHoldStatus, 'ON')
})

test('lifecycle rules leave locked versions alone until they are free', async () => {
  let now = Date.now()
  await using running = await start(() => now)
  const { client } = running
  await put(running, 'held', { ObjectLockLegalHoldStatus: 'ON' })
  await put(running, 'held')
  await put(running, 'kept', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(10) })
  await put(running, 'kept')
  await client.send(
    new s3.PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: {
        Rules: [{ Status: 'Enabled', Filter: {}, NoncurrentVersionExpiration: { NoncurrentDays: 1 } }],
      },
    }),
  )
  now += 5 * DAY
  assert.equal((await running.server.runLifecycle()).removed, 0)
  now += 6 * DAY
  assert.equal((await running.server.runLifecycle()).removed, 1)
})

const LOCK = `/${Bucket}`
const rule = (text: string): string =>
  `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>${text}</DefaultRetention></Rule></ObjectLockConfiguration>`
const REFUSED: readonly (readonly [name: string, path: string, query: string, body: string, code: string])[] = [
  [
    'days and years',
    LOCK,
    'object-lock',
    rule('<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>'),
    'MalformedXML',
  ],
  ['no days', LOCK, 'object-lock', rule('<Mode>GOVERNANCE</Mode><Days>0</Days>'), 'InvalidRetentionPeriod'],
  ['years below zero', LOCK, 'object-lock', rule('<Mode>GOVERNANCE</Mode><Years>-1</Years>'), 'InvalidRetentionPeriod'],
  ['another mode', LOCK, 'object-lock', rule('<Mode>governance</Mode><Days>1</Days>'), 'MalformedXML'],
  ['another hold', `${LOCK}/k`, 'legal-hold', '<LegalHold><Status>abc</Status></LegalHold>', 'MalformedXML'],
  [
    'a retention without date',
    `${LOCK}/k`,
    'retention',
    '<Retention><Mode>GOVERNANCE</Mode></Retention>',
    'MalformedXML',
  ],
  [
    'a date that is none',
    `${LOCK}/k`,
    'retention',
    '<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>soon</RetainUntilDate></Retention>',
    'MalformedXML',
  ],
]

test('locks that make no sense are refused', async (t) => {
  await using running = await start()
  await put(running, 'k')
  for (const [name, path, query, body, code] of REFUSED) {
    await t.test(name, async () => {
      const answer = await send(running.server.url, { method: 'PUT', path, query: [[query, '']], body })
      assert.equal(answer.code, code)
    })
  }
  const headers = { 'x-amz-object-lock-mode': 'GOVERNANCE' }
  const half = await send(running.server.url, { method: 'PUT', path: `${LOCK}/k`, body: 'x', headers })
  assert.equal(half.code, 'InvalidArgument')
})

test('policies bound the locks that are asked for, by headers and by requests of their own', async (t) => {
  await using running = await start()
  const { client } = running
  await put(running, 'k')
  const lockFor = (days: number): Partial<s3.PutObjectCommandInput> => ({
    ObjectLockMode: 'GOVERNANCE',
    ObjectLockRetainUntilDate: inDays(days),
  })
  const retain = (Mode: s3.ObjectLockRetentionMode, days: number): Promise<unknown> => {
    const Retention = { Mode, RetainUntilDate: inDays(days) }
    const asked = { Bucket, Key: 'k', Retention, BypassGovernanceRetention: true }
    return client.send(new s3.PutObjectRetentionCommand(asked))
  }
  const hold = (Status: s3.ObjectLockLegalHoldStatus): Promise<unknown> =>
    client.send(new s3.PutObjectLegalHoldCommand({ Bucket, Key: 'k', LegalHold: { Status } }))
  const asks: Readonly<Record<string, () => Promise<unknown>>> = {
    'a put for ten days': () => put(running, 'new', lockFor(10)),
    'a put for twelve days': () => put(running, 'new', lockFor(12)),
    'a put with a legal hold': () => put(running, 'new', { ObjectLockLegalHoldStatus: 'ON' }),
    'a put without any': () => put(running, 'new'),
    'a retention for ten days': () => retain('GOVERNANCE', 10),
    'a retention for twelve days': () => retain('GOVERNANCE', 12),
    'a hold': () => hold('ON'),
    'its end': () => hold('OFF'),
  }
  const cases: [name: string, condition: object, refused: string[]][] = [
    [
      'how long',
      { NumericGreaterThan: { 's3:object-lock-remaining-retention-days': '11' } },
      ['a put for twelve days', 'a retention for twelve days'],
    ],
    [
      'until when',
      { DateGreaterThan: { 's3:object-lock-retain-until-date': inDays(11).toISOString() } },
      ['a put for twelve days', 'a retention for twelve days'],
    ],
    ['a hold', { StringEquals: { 's3:object-lock-legal-hold': 'ON' } }, ['a put with a legal hold', 'a hold']],
    ['the end of a hold', { StringEquals: { 's3:object-lock-legal-hold': 'OFF' } }, ['its end']],
    [
      'a mode',
      { StringEquals: { 's3:object-lock-mode': 'GOVERNANCE' } },
      ['a put for ten days', 'a put for twelve days', 'a retention for ten days', 'a retention for twelve days'],
    ],
  ]
  for (const [name, Condition, refused] of cases) {
    await t.test(name, async () => {
      const Statement = [
        { Effect: 'Deny', Principal: '*', Action: 's3:Put*', Resource: `arn:aws:s3:::${Bucket}/*`, Condition },
      ]
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
      await client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }))
      for (const [what, ask] of Object.entries(asks)) {
        if (refused.includes(what)) await assert.rejects(ask(), denied, what)
        else await ask()
      }
      await client.send(new s3.DeleteBucketPolicyCommand({ Bucket }))
      await hold('OFF')
    })
  }
})

test('a lock is told nothing of to those who may not set it', async () => {
  await using running = await start()
  await put(running, 'k')
  const { url } = running.server
  for (const [name, body] of [
    ['legal-hold', '<LegalHold><Status>ON</Status></LegalHold>'],
    ['retention', '<Retention/>'],
  ] as const) {
    assert.equal((await sendUnsigned(url, 'PUT', `/${Bucket}/k?${name}`, {}, body)).code, 'AccessDenied')
    assert.equal((await sendUnsigned(url, 'PUT', `/${Bucket}/none?${name}`, {}, body)).code, 'AccessDenied')
  }
})
