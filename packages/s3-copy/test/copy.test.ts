import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { makeCopier } from './copy-process.ts'
import { startFaultyProxy } from './faulty-proxy.ts'
import { readBucket } from './read-bucket.ts'
import { ODD_KEYS, putMultipart, seedLocks, seedSettings, seedVersions } from './seed.ts'
import { startStore } from './store-process.ts'

const RETAINED_UNTIL = new Date('2033-05-18T03:33:20Z')

test('every version comes over in order, with all that it has, and a second run finds nothing to do', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await using copier = await makeCopier(source.url, target.url)
  await seedVersions(source.client, 'kept')

  const planned = await copier.run('--dry-run')
  assert.equal(planned.code, 1, planned.errors)
  assert.match(planned.output, /^would copy +26$/m)
  assert.deepEqual((await target.client.send(new ListBucketsCommand({}))).Buckets ?? [], [])

  const copied = await copier.run()
  assert.equal(copied.code, 0, copied.output + copied.errors)
  assert.equal(copied.errors, '')
  assert.match(copied.output, /^copied +26$/m)
  const wanted = await readBucket(source.client, 'kept')
  assert.equal(wanted.length, 26)
  assert.deepEqual(await readBucket(target.client, 'kept'), wanted)
  for (const key of ODD_KEYS)
    assert.ok(
      wanted.some((version) => version.key === key),
      key,
    )

  // The report tells of each old id which new one it has become.
  const moved = copier.report().filter((line) => line.kind === 'version' && line.status === 'copied')
  for (const line of moved) {
    if (line.kind !== 'version' || line.isMarker) continue
    const [before, after] = await Promise.all([
      source.client.send(new GetObjectCommand({ Bucket: 'kept', Key: line.key, VersionId: line.versionId })),
      target.client.send(new GetObjectCommand({ Bucket: 'kept', Key: line.toKey, VersionId: line.toVersionId })),
    ])
    assert.equal(before.ETag, after.ETag)
    assert.equal(line.verifiedBy, 'etag')
    assert.deepEqual(line.lost, [])
    before.Body?.transformToByteArray().catch(() => undefined)
    after.Body?.transformToByteArray().catch(() => undefined)
  }
  assert.deepEqual(
    copier.report().flatMap((line) => (line.kind === 'unfinished upload' ? [line.key] : [])),
    ['never completed', 'never completed'],
  )
  assert.equal((await target.client.send(new ListMultipartUploadsCommand({ Bucket: 'kept' }))).Uploads, undefined)

  const again = await copier.run()
  assert.equal(again.code, 0)
  assert.match(again.output, /^present +26$/m)
  assert.doesNotMatch(again.output, /^copied/m)
  const verified = await copier.run('--verify', '--deep')
  assert.equal(verified.code, 0, verified.output)
  assert.deepEqual(await readBucket(target.client, 'kept'), wanted)
})

test('what came to the source after a run comes over with the next, and verifying tells what differs', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await using copier = await makeCopier(source.url, target.url)
  const put = (client: typeof source.client, Key: string, Body: string): Promise<unknown> =>
    client.send(new PutObjectCommand({ Bucket: 'grows', Key, Body }))
  await source.client.send(new CreateBucketCommand({ Bucket: 'grows' }))
  await put(source.client, 'plain', 'first')
  await put(source.client, 'same size', 'aaa')
  assert.equal((await copier.run()).code, 0)
  // Without versions: overwritten, and made anew with the same bytes but other tags.
  await put(source.client, 'same size', 'bbb')
  assert.equal((await copier.run('--verify')).code, 1)
  assert.match((await copier.run()).output, /^copied +1$/m)
  assert.deepEqual(await readBucket(target.client, 'grows'), await readBucket(source.client, 'grows'))

  const VersioningConfiguration = { Status: 'Enabled' } as const
  await source.client.send(new PutBucketVersioningCommand({ Bucket: 'grows', VersioningConfiguration }))
  await put(source.client, 'plain', 'second')
  await source.client.send(new DeleteObjectCommand({ Bucket: 'grows', Key: 'same size' }))
  await put(source.client, 'added', 'third')
  assert.match((await copier.run()).output, /^copied +3$/m)
  assert.deepEqual(await readBucket(target.client, 'grows'), await readBucket(source.client, 'grows'))

  const TagSet = [{ Key: 'a', Value: 'b' }]
  await source.client.send(new PutObjectTaggingCommand({ Bucket: 'grows', Key: 'added', Tagging: { TagSet } }))
  await put(target.client, 'foreign', 'not of the source')
  const verified = await copier.run('--verify')
  assert.equal(verified.code, 1)
  assert.match(verified.output, /^differing +1$/m)
  assert.match(verified.output, /^extra +1$/m)
  const lost = copier.report().flatMap((line) => (line.kind === 'version' && line.lost?.length === 1 ? [line] : []))
  assert.deepEqual(
    lost.map((line) => [line.key, line.lost]),
    [['added', ['tags']]],
  )
})

test('settings come over under another name, after the objects where they would be in their way', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await using copier = await makeCopier(source.url, target.url)
  await source.client.send(new CreateBucketCommand({ Bucket: 'old-name' }))
  await source.client.send(new PutObjectCommand({ Bucket: 'old-name', Key: 'a', Body: 'b' }))
  const Status = 'Suspended'
  await source.client.send(new PutBucketVersioningCommand({ Bucket: 'old-name', VersioningConfiguration: { Status } }))
  await seedSettings(source.client, 'old-name')
  const copied = await copier.run('--map', 'old-name=new-name')
  assert.equal(copied.code, 0, copied.output + copied.errors)

  const read = async (client: typeof source.client, Bucket: string): Promise<object> => {
    const answers = await Promise.all([
      client.send(new GetBucketCorsCommand({ Bucket })),
      client.send(new GetBucketEncryptionCommand({ Bucket })),
      client.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
      client.send(new GetBucketTaggingCommand({ Bucket })),
      client.send(new GetBucketVersioningCommand({ Bucket })),
      client.send(new GetPublicAccessBlockCommand({ Bucket })),
    ])
    return answers.map((answer) => ({ ...answer, $metadata: undefined }))
  }
  assert.deepEqual(await read(target.client, 'new-name'), await read(source.client, 'old-name'))
  const { Policy = '' } = await target.client.send(new GetBucketPolicyCommand({ Bucket: 'new-name' }))
  assert.match(Policy, /arn:aws:s3:::new-name\/public\/\*/)
  assert.match((await copier.run('--map', 'old-name=new-name', '--verify')).output, /everything is there/)
})

/** Puts an object without a lock into a bucket with a default retention, which stands back for it. */
const putFree = async (client: S3Client, Bucket: string, Key: string): Promise<void> => {
  const { ObjectLockConfiguration } = await client.send(new GetObjectLockConfigurationCommand({ Bucket }))
  const none = { ObjectLockEnabled: 'Enabled' } as const
  await client.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: none }))
  await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))
  await client.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }))
}

test('locks come over with their versions, and the default retention locks nothing that was free', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await using copier = await makeCopier(source.url, target.url)
  await seedLocks(source.client, 'locked')
  const free = ['free', 'free later']
  for (const round of [1, 2]) {
    if (round === 2) await putFree(source.client, 'locked', 'free later')
    const copied = await copier.run()
    assert.equal(copied.code, 0, `${round}: ${copied.output}`)
    const { client } = target
    const Bucket = 'locked'
    for (const [Key, Mode] of [
      ['governance', 'GOVERNANCE'],
      ['compliance', 'COMPLIANCE'],
    ] as const) {
      const { Retention } = await client.send(new GetObjectRetentionCommand({ Bucket, Key }))
      assert.deepEqual(Retention, { Mode, RetainUntilDate: RETAINED_UNTIL })
    }
    const { LegalHold } = await client.send(new GetObjectLegalHoldCommand({ Bucket, Key: 'held' }))
    assert.deepEqual(LegalHold, { Status: 'ON' })
    for (const Key of free.slice(0, round)) {
      await assert.rejects(client.send(new GetObjectRetentionCommand({ Bucket, Key })), {
        name: 'NoSuchObjectLockConfiguration',
      })
    }
    const { ObjectLockConfiguration } = await client.send(new GetObjectLockConfigurationCommand({ Bucket }))
    assert.deepEqual(ObjectLockConfiguration?.Rule?.DefaultRetention, { Mode: 'GOVERNANCE', Days: 2 })
  }
})

test('a bucket can become a folder of another, and its settings are told as left out', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await using copier = await makeCopier(source.url, target.url)
  await source.client.send(new CreateBucketCommand({ Bucket: 'home' }))
  await seedSettings(source.client, 'home')
  await source.client.send(new PutObjectCommand({ Bucket: 'home', Key: 'a/b', Body: 'mine' }))
  await target.client.send(new CreateBucketCommand({ Bucket: 'library' }))
  await target.client.send(new PutObjectCommand({ Bucket: 'library', Key: 'private/other/x', Body: 'theirs' }))
  const copied = await copier.run('--bucket', 'home', '--map', 'home=library/private/me/')
  assert.equal(copied.code, 0, copied.output + copied.errors)
  assert.doesNotMatch(copied.output, /extra/)
  assert.deepEqual(
    (await readBucket(target.client, 'library')).map(({ key }) => key),
    ['private/me/a/b', 'private/other/x'],
  )
  const settings = copier.report().filter((line) => line.kind === 'setting')
  assert.deepEqual([...new Set(settings.map(({ status }) => status))], ['left out'])
  await assert.rejects(target.client.send(new GetBucketPolicyCommand({ Bucket: 'library' })), {
    name: 'NoSuchBucketPolicy',
  })
})

test('what names other things of its place is told and stays', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await source.client.send(new CreateBucketCommand({ Bucket: 'site' }))
  const document =
    '<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>'
  await using proxy = await startFaultyProxy(source.url, ({ method, path }) =>
    method === 'GET' && path.includes('?website') ? { document } : 'none',
  )
  await using copier = await makeCopier(proxy.url, target.url)
  assert.equal((await copier.run()).code, 1)
  const told = copier.report().flatMap((line) => (line.kind === 'setting' && line.status === 'missing' ? [line] : []))
  assert.deepEqual(
    told.map(({ setting, reason }) => [setting, reason]),
    [['website', 'it is not carried over']],
  )
  assert.equal((await copier.run('--leave', 'website')).code, 0)
})

test('objects under a KMS key are read and sealed anew, those under a customer key are told', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await using copier = await makeCopier(source.url, target.url)
  const Bucket = 'sealed'
  await source.client.send(new CreateBucketCommand({ Bucket }))
  const kms = { ServerSideEncryption: 'aws:kms' } as const
  await source.client.send(new PutObjectCommand({ Bucket, Key: 'kms', Body: 'under KMS', ...kms }))
  await putMultipart(source.client, { Bucket, Key: 'kms parts', ...kms }, [5 * 1024 ** 2, 7])
  const key = createHash('sha256').update('a key').digest()
  const customer = {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
  }
  await source.client.send(new PutObjectCommand({ Bucket, Key: 'theirs', Body: 'x', ...customer }))

  const copied = await copier.run('--accept', 'encryption,etag')
  assert.equal(copied.code, 1, copied.output)
  assert.match(copied.output, /^copied +2$/m)
  assert.match(copied.output, /^missing +1$/m)
  assert.doesNotMatch(copied.output, /differing/)
  const versions = copier.report().filter((line) => line.kind === 'version')
  const told = Object.fromEntries(versions.map((line) => [line.key, [line.status, line.lost]]))
  const sealedAnew = ['copied', ['encryption', 'etag']]
  assert.deepEqual(told, { kms: sealedAnew, 'kms parts': sealedAnew, theirs: ['missing', undefined] })
  for (const Key of ['kms', 'kms parts']) {
    const [here, there] = await Promise.all(
      [source, target].map(async ({ client }) => {
        const got = await client.send(new GetObjectCommand({ Bucket, Key }))
        return Buffer.from((await got.Body?.transformToByteArray()) ?? [])
      }),
    )
    assert.ok(here?.equals(there ?? Buffer.alloc(0)), Key)
  }
  // ETags don't tell that they are there, their bytes do.
  assert.match((await copier.run()).output, /^present +2$/m)
})

test('archived objects are told, or restored to be read', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await using copier = await makeCopier(source.url, target.url)
  const Bucket = 'archive'
  await source.client.send(new CreateBucketCommand({ Bucket }))
  const archived = { Bucket, StorageClass: 'GLACIER' } as const
  await source.client.send(new PutObjectCommand({ ...archived, Key: 'whole', Body: 'cold' }))
  await putMultipart(source.client, { ...archived, Key: 'parts' }, [5 * 1024 ** 2, 3])
  assert.match((await copier.run()).output, /^missing +2$/m)
  const reasons = copier.report().flatMap((line) => (line.kind === 'version' ? [line.reason?.split(':')[0]] : []))
  assert.deepEqual(reasons, ['InvalidObjectState', 'InvalidObjectState'])
  const copied = await copier.run('--restore', '1')
  assert.equal(copied.code, 0, copied.output)
  for (const Key of ['whole', 'parts']) {
    const [here, there] = await Promise.all(
      [source, target].map(({ client }) => client.send(new HeadObjectCommand({ Bucket, Key }))),
    )
    assert.deepEqual([there?.ETag, there?.StorageClass], [here?.ETag, 'GLACIER'])
  }
  assert.equal((await target.client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads, undefined)
})

test('a bucket that is not there is missing, makes none, and keeps no other from coming', async () => {
  await using source = await startStore()
  await using target = await startStore()
  await using copier = await makeCopier(source.url, target.url)
  await source.client.send(new CreateBucketCommand({ Bucket: 'there' }))
  const { code, output } = await copier.run('--bucket', 'not-there', '--bucket', 'there')
  assert.equal(code, 1)
  assert.match(output, /^missing +1$/m)
  const { Buckets = [] } = await target.client.send(new ListBucketsCommand({}))
  assert.deepEqual(
    Buckets.map(({ Name }) => Name),
    ['there'],
  )
  assert.deepEqual(
    copier.report().flatMap((line) => (line.kind === 'bucket' ? [line.bucket, line.reason] : [])),
    ['not-there', 'NotFound'],
  )
})

test('a command line with mistakes names each of them', async () => {
  await using copier = await makeCopier('ftp://x', 'nowhere')
  const { code, errors } = await copier.run('--map', 'a', '--accept', 'bytes', '--concurrency', '0', '--deep')
  assert.equal(code, 2)
  for (const mistake of ['--from is not', '--to is not', '--map a', '--accept bytes', '--concurrency', '--deep']) {
    assert.ok(errors.includes(mistake), mistake)
  }
})
