import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { send, sendUnsigned } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'
import { shiftClock } from './shift-clock.ts'

const Bucket = 'archive'
const DAY = 86_400_000
const ARCHIVED = { name: 'InvalidObjectState' }

test('an archived object is read only while it stands restored', async (t) => {
  let now = Date.UTC(2026, 10, 21, 12)
  await using running = await startRunningServer({ now: () => now })
  const { client } = running
  shiftClock(running, () => now - Date.now())
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  for (const StorageClass of ['GLACIER', 'DEEP_ARCHIVE'] as const) {
    await t.test(StorageClass, async () => {
      const object = { Bucket, Key: StorageClass }
      await client.send(new s3.PutObjectCommand({ ...object, Body: 'cold bytes', StorageClass }))
      const read = async (): Promise<string | undefined> =>
        (await client.send(new s3.GetObjectCommand(object))).Body?.transformToString()
      const restore = async (Days: number): Promise<number | undefined> =>
        (await client.send(new s3.RestoreObjectCommand({ ...object, RestoreRequest: { Days } }))).$metadata
          .httpStatusCode
      const head = (): Promise<s3.HeadObjectCommandOutput> => client.send(new s3.HeadObjectCommand(object))
      const CopySource = `${Bucket}/${StorageClass}`
      const copy = (): Promise<unknown> =>
        client.send(new s3.CopyObjectCommand({ Bucket, Key: `${StorageClass} copy`, CopySource }))
      const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key: 'parts' }))
      const copyPart = (): Promise<unknown> =>
        client.send(new s3.UploadPartCopyCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1, CopySource }))

      for (const reading of [read, copy, copyPart]) await assert.rejects(reading(), ARCHIVED)
      assert.deepEqual([(await head()).ContentLength, (await head()).Restore], [10, undefined])
      assert.equal(await restore(1), 202)
      assert.equal(await read(), 'cold bytes')
      await copy()
      await copyPart()
      assert.equal((await head()).Restore, 'ongoing-request="false", expiry-date="Mon, 23 Nov 2026 00:00:00 GMT"')
      assert.equal((await head()).StorageClass, StorageClass)
      assert.equal(await restore(3), 200)
      assert.match((await head()).Restore ?? '', /25 Nov 2026/)

      const copied = { Bucket, Key: `${StorageClass} copy` }
      assert.equal((await client.send(new s3.HeadObjectCommand(copied))).Restore, undefined)
      const archived = { ...copied, CopySource: `${Bucket}/${copied.Key.replace(' ', '%20')}`, StorageClass }
      await client.send(new s3.CopyObjectCommand(archived))
      await assert.rejects(client.send(new s3.GetObjectCommand(copied)), ARCHIVED)
    })
  }
  now += 4 * DAY
  const gone = { Bucket, Key: 'GLACIER' }
  await assert.rejects(client.send(new s3.GetObjectCommand(gone)), ARCHIVED)
  assert.equal((await client.send(new s3.HeadObjectCommand(gone))).Restore, undefined)
  await client.send(new s3.PutObjectCommand({ ...gone, Body: 'warm' }))
  assert.equal((await client.send(new s3.GetObjectCommand(gone))).ContentLength, 4)
})

test('listings tell who stands restored, when they are asked', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  for (const Key of ['asleep', 'restored']) {
    await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: 'x', StorageClass: 'GLACIER' }))
  }
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'warm', Body: 'x' }))
  await client.send(new s3.RestoreObjectCommand({ Bucket, Key: 'restored', RestoreRequest: { Days: 2 } }))
  const OptionalObjectAttributes: s3.OptionalObjectAttributes[] = ['RestoreStatus']
  const lists = [
    (await client.send(new s3.ListObjectsV2Command({ Bucket, OptionalObjectAttributes }))).Contents,
    (await client.send(new s3.ListObjectsCommand({ Bucket, OptionalObjectAttributes }))).Contents,
    (await client.send(new s3.ListObjectVersionsCommand({ Bucket, OptionalObjectAttributes }))).Versions,
  ]
  for (const entries of lists) {
    const told = entries?.map(({ Key, RestoreStatus }) => [Key, RestoreStatus?.IsRestoreInProgress])
    assert.deepEqual(told, [
      ['asleep', undefined],
      ['restored', false],
      ['warm', undefined],
    ])
    const until = entries?.[1]?.RestoreStatus?.RestoreExpiryDate?.getTime() ?? 0
    assert.ok(until > Date.now() + 2 * DAY && until <= Date.now() + 3 * DAY)
  }
  const plain = await client.send(new s3.ListObjectsV2Command({ Bucket }))
  assert.ok(plain.Contents?.every(({ RestoreStatus }) => RestoreStatus === undefined))
})

test('what can not be restored is refused', async (t) => {
  await using running = await startRunningServer()
  const { client } = running
  const { url } = running.server
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'warm', Body: 'x' }))
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'cold', Body: 'x', StorageClass: 'GLACIER' }))
  const cases: [key: string, body: string, code: string][] = [
    ['warm', '<RestoreRequest><Days>1</Days></RestoreRequest>', 'InvalidObjectState'],
    ['none', '<RestoreRequest><Days>1</Days></RestoreRequest>', 'NoSuchKey'],
    ['cold', '<RestoreRequest></RestoreRequest>', 'MalformedXML'],
    ['cold', '', 'MalformedXML'],
    ['cold', '<RestoreRequest><Days>0</Days></RestoreRequest>', 'InvalidArgument'],
    ['cold', '<RestoreRequest><Days>-1</Days></RestoreRequest>', 'MalformedXML'],
    ['cold', '<RestoreRequest><Days>1</Days><Tier>Slow</Tier></RestoreRequest>', 'MalformedXML'],
    ['cold', '<RestoreRequest><Type>SELECT</Type></RestoreRequest>', 'NotImplemented'],
    ['cold', '<RestoreRequest><Days>1</Days><OutputLocation/></RestoreRequest>', 'NotImplemented'],
  ]
  for (const [key, body, code] of cases) {
    await t.test(`${key} ${body}`, async () => {
      const raw = { method: 'POST', path: `/${Bucket}/${key}`, query: [['restore', '']] as const, body }
      assert.equal((await send(url, raw)).code, code)
    })
  }
  const body =
    '<RestoreRequest><Days>2147483647</Days><GlacierJobParameters><Tier>Bulk</Tier></GlacierJobParameters></RestoreRequest>'
  assert.equal((await sendUnsigned(url, 'POST', `/${Bucket}/cold?restore`, {}, body)).code, 'AccessDenied')
  const longest = await send(url, { method: 'POST', path: `/${Bucket}/cold`, query: [['restore', '']], body })
  assert.equal(longest.status, 202)
  const head = await client.send(new s3.HeadObjectCommand({ Bucket, Key: 'cold' }))
  assert.doesNotMatch(head.Restore ?? 'Invalid', /Invalid/)
})
