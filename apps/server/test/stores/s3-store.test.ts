import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import {
  CreateBucketCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  ListObjectVersionsCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { AppError } from '../../src/errors/app-error.ts'
import type { BucketSetting } from '../../src/stores/bucket-setting.ts'
import { createS3Store } from '../../src/stores/s3/s3-store.ts'
import type { Store } from '../../src/stores/store.ts'
import { type S3Fixture, startS3Fixture } from '../homes/s3-fixture.ts'
import { s3Error, startS3Proxy } from '../homes/s3-proxy.ts'
import { KEYS, noRegions, quiet, REGION, testStore } from '../homes/test-homes.ts'

const coded = (code: string) => (error: unknown) => error instanceof AppError && error.code === code

const HOSTILE_KEYS = [
  'a b+c%2B.txt',
  'été/日本語/😀.txt',
  'a//b',
  'a/.hidden',
  'trailing ',
  '&<>"\'.xml',
  'line\nbreak',
  'q?x=1#frag',
  `${'k'.repeat(1024)}`,
]

suite('the S3 store', () => {
  let s3: S3Fixture
  let store: Store
  let bucket: string
  let count = 0

  before(async () => {
    s3 = await startS3Fixture()
    store = testStore(s3.url)
  })
  after(async () => {
    store.close()
    await s3[Symbol.asyncDispose]()
  })

  const newBucket = async (): Promise<string> => {
    bucket = `store-test-${Date.now()}-${(count += 1)}`
    await s3.client.send(new CreateBucketCommand({ Bucket: bucket }))
    return bucket
  }
  const put = (Key: string, Body = 'x') => s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))
  const list = async (request: Partial<Parameters<Store['listObjects']>[0]> = {}) => {
    const result = await store.listObjects({ bucket, prefix: '', limit: 1000, ...request })
    assert(result.ok)
    return result.value
  }

  test('hostile keys are listed and deleted as what they are', async () => {
    await newBucket()
    for (const key of HOSTILE_KEYS) await put(key)
    const { objects } = await list()
    assert.deepEqual(objects.map((object) => object.key).toSorted(), HOSTILE_KEYS.toSorted())
    for (const key of HOSTILE_KEYS)
      assert.deepEqual(await store.deleteObject(bucket, key), { ok: true, value: undefined })
    assert.deepEqual((await list()).objects, [])
  })

  test('an object is listed with its size, plain ETag, time and class', async () => {
    await newBucket()
    await put('a.txt', 'hello')
    const [object] = (await list()).objects
    assert(object)
    const { lastModified, ...rest } = object
    assert.deepEqual(rest, {
      key: 'a.txt',
      size: 5,
      etag: '5d41402abc4b2a76b9719d911017c592',
      storageClass: 'STANDARD',
    })
    assert(Math.abs(Date.parse(lastModified) - Date.now()) < 60_000)
    assert.match(lastModified, /^\d{4}-\d\d-\d\dT.*Z$/)
  })

  test('folders come as prefixes, and pages follow each other by the cursor', async () => {
    await newBucket()
    for (const key of ['a.txt', 'b c/1', 'b c/2', 'd/1', 'e.txt']) await put(key)
    const seen: string[] = []
    let cursor: string | null = null
    let pages = 0
    do {
      const page: Awaited<ReturnType<typeof list>> = await list({
        delimiter: '/',
        limit: 1,
        cursor: cursor ?? undefined,
      })
      seen.push(...page.objects.map((object) => object.key), ...page.prefixes)
      cursor = page.nextCursor
      pages += 1
    } while (cursor !== null && pages < 10)
    assert.deepEqual(seen, ['a.txt', 'b c/', 'd/', 'e.txt'])
    assert.equal(pages, 4)
    assert.deepEqual(
      (await list({ prefix: 'b c/' })).objects.map((object) => object.key),
      ['b c/1', 'b c/2'],
    )
  })

  test('a bucket that is not there is a result, not an error', async () => {
    const nowhere = `nowhere-${Date.now()}`
    assert.deepEqual(await store.listObjects({ bucket: nowhere, prefix: '', limit: 1 }), {
      ok: false,
      reason: 'no-such-bucket',
    })
    assert.deepEqual(await store.deleteObject(nowhere, 'a'), { ok: false, reason: 'no-such-bucket' })
    assert.equal((await store.findBucket(nowhere)).presence, 'absent')
    assert.equal(await store.deleteEmptyBucket(nowhere), true)
    assert.equal(await store.readTags(nowhere), undefined)
    await store.deleteBucketCompletely(nowhere)
  })

  test('a bucket that is in use is not deleted as an empty one', async () => {
    await newBucket()
    await put('a')
    assert.equal(await store.isEmpty(bucket), false)
    assert.equal(await store.deleteEmptyBucket(bucket), false)
    assert.equal((await store.findBucket(bucket)).presence, 'owned')
    await store.deleteBucketCompletely(bucket)
    assert.equal((await store.findBucket(bucket)).presence, 'absent')
  })

  test('everything under a prefix goes for good, over several pages, and nothing beside it', async () => {
    await newBucket()
    await s3.client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    )
    const keys = Array.from({ length: 1050 }, (_, i) => `u/${i}`)
    for (let i = 0; i < keys.length; i += 50) await Promise.all(keys.slice(i, i + 50).map((key) => put(key)))
    await put('u2/kept')
    await store.deletePrefixCompletely(bucket, 'u/')
    const { Versions = [], DeleteMarkers = [] } = await s3.client.send(
      new ListObjectVersionsCommand({ Bucket: bucket }),
    )
    assert.deepEqual(
      [...Versions, ...DeleteMarkers].map(({ Key }) => Key),
      ['u2/kept'],
    )
  })

  test('where a batch is refused, objects are deleted one by one', async () => {
    await newBucket()
    for (const key of ['a', 'b c+d']) await put(key)
    await using proxy = await startS3Proxy(s3.url, {
      before: ({ method, path }) =>
        method === 'POST' && path.includes('delete') ? s3Error(403, 'AccessDenied') : 'forward',
    })
    await testStore(proxy.url).deletePrefixCompletely(bucket, '')
    assert.deepEqual((await list()).objects, [])
  })

  test('an object that stays whatever is done ends the deletion', async () => {
    await newBucket()
    await put('a')
    await using proxy = await startS3Proxy(s3.url, {
      before: ({ method, path }) =>
        method === 'POST' && path.includes('delete')
          ? { status: 200, body: '<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>' }
          : 'forward',
    })
    await assert.rejects(testStore(proxy.url).deletePrefixCompletely(bucket, ''), coded('store-refused'))
  })

  test('a busy store is asked again, a few times', async () => {
    await newBucket()
    await using once = await startS3Proxy(s3.url, {
      before: ({ number }) => (number === 1 ? s3Error(503, 'SlowDown') : 'forward'),
    })
    assert.equal((await testStore(once.url).findBucket(bucket)).presence, 'owned')
    await using always = await startS3Proxy(s3.url, { before: () => s3Error(503, 'SlowDown') })
    await assert.rejects(testStore(always.url).findBucket(bucket), coded('store-unavailable'))
    assert.equal(always.seen.length, 3)
  })

  test('nothing there, nobody answering and a foreign page are all an unavailable store', async () => {
    await using gone = await startS3Proxy(s3.url)
    await gone[Symbol.asyncDispose]()
    await assert.rejects(testStore(gone.url).ping(), coded('store-unavailable'))
    await using hanging = await startS3Proxy(s3.url, { before: () => new Promise<never>(() => {}) })
    await assert.rejects(testStore(hanging.url, 200).ping(), coded('store-unavailable'))
    assert.equal(hanging.seen.length, 1, 'the time-out holds for all tries together')
    await using page = await startS3Proxy(s3.url, { before: () => ({ status: 502, body: '<html>Bad Gateway' }) })
    await assert.rejects(testStore(page.url).ping(), coded('store-unavailable'))
  })

  test('ping knows wrong keys from few rights', async () => {
    await store.ping()
    const wrong = createS3Store({
      id: DEFAULT_STORE,
      regions: noRegions(),
      endpoint: s3.url,
      region: REGION,
      credentials: { ...KEYS, secretAccessKey: 'not-the-secret-key-of-the-store' },
      pathStyle: true,
      kind: 's3',
      logger: quiet(),
    })
    await assert.rejects(wrong.ping(), coded('store-refused'))
    await using few = await startS3Proxy(s3.url, { before: () => s3Error(403, 'AccessDenied') })
    await testStore(few.url).ping()
  })

  test('a setting that a store refuses is unsupported or failed, by what it says', async () => {
    const settings: BucketSetting[] = [{ kind: 'encryption', with: 'AES256' }]
    const answers: [status: number, code: string, kind: 'aws' | 's3', outcome: string][] = [
      [501, 'NotImplemented', 'aws', 'unsupported'],
      [405, 'MethodNotAllowed', 's3', 'unsupported'],
      [400, 'InvalidArgument', 's3', 'unsupported'],
      [400, 'InvalidArgument', 'aws', 'failed'],
      [403, 'AccessDenied', 's3', 'failed'],
    ]
    for (const [status, code, kind, outcome] of answers) {
      await using proxy = await startS3Proxy(s3.url, { before: () => s3Error(status, code) })
      const refusing = createS3Store({
        id: DEFAULT_STORE,
        regions: noRegions(),
        endpoint: proxy.url,
        region: REGION,
        credentials: KEYS,
        pathStyle: true,
        kind,
        logger: quiet(),
      })
      for (const setting of settings) {
        const result = await refusing.applySetting('any-bucket', setting)
        assert.deepEqual(result, { outcome, reason: `HTTP ${status} ${code}` }, `${kind} ${code}`)
        assert.equal(proxy.seen.length, 1, 'a sub-resource that was refused is not asked for again')
      }
    }
  })

  test('where blocking public ACLs stops every upload, they are ignored instead', async () => {
    await using proxy = await startS3Proxy(s3.url, {
      before: ({ method, path }) =>
        method === 'PUT' && path.includes('.skycrate-probe') ? s3Error(403, 'AccessDenied') : 'forward',
    })
    const unknown = createS3Store({
      id: DEFAULT_STORE,
      regions: noRegions(),
      endpoint: proxy.url,
      region: REGION,
      credentials: KEYS,
      pathStyle: true,
      kind: 's3',
      logger: quiet(),
    })
    for (const [, probes] of [
      [1, 1],
      [2, 1],
    ]) {
      await newBucket()
      const { outcome, reason } = await unknown.applySetting(bucket, { kind: 'public-access-block' })
      assert.equal(outcome, 'unsupported')
      assert.match(reason ?? '', /BlockPublicAcls/)
      const { PublicAccessBlockConfiguration: set } = await s3.client.send(
        new GetPublicAccessBlockCommand({ Bucket: bucket }),
      )
      assert.deepEqual(set, {
        BlockPublicAcls: false,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      })
      assert.equal(proxy.seen.filter((request) => request.includes('.skycrate-probe')).length, probes)
    }
  })

  test('the probe of an unknown store leaves nothing behind', async () => {
    const unknown = createS3Store({
      id: DEFAULT_STORE,
      regions: noRegions(),
      endpoint: s3.url,
      region: REGION,
      credentials: KEYS,
      pathStyle: true,
      kind: 's3',
      logger: quiet(),
    })
    await newBucket()
    await s3.client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    )
    await unknown.applySetting(bucket, { kind: 'public-access-block' })
    const { Versions, DeleteMarkers } = await s3.client.send(new ListObjectVersionsCommand({ Bucket: bucket }))
    assert.deepEqual([...(Versions ?? []), ...(DeleteMarkers ?? [])], [])
  })

  test('what others have set beside a setting stays, and what SkyCrate set before is replaced', async () => {
    const Bucket = await newBucket()
    const { client } = s3
    const theirs = { AllowedOrigins: ['https://theirs.test'], AllowedMethods: ['GET'] }
    await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [theirs] } }))
    const rule = { ID: 'theirs', Status: 'Enabled', Filter: { Prefix: 'logs/' }, Expiration: { Days: 3 } } as const
    await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }))
    await client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'team', Value: 'a' }] } }))
    const statement = {
      Sid: 'Theirs',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${Bucket}/x`,
      Condition: { Bool: { 'aws:SecureTransport': 'true' } },
    }
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    await client.send(new PutBucketPolicyCommand({ Bucket, Policy }))
    const cors = { kind: 'cors', methods: ['GET', 'PUT'], allowedHeaders: ['*'], exposedHeaders: ['ETag'] } as const
    for (const settings of [
      [
        { ...cors, origins: ['https://old.test'] },
        { kind: 'lifecycle', abortUploadsAfterDays: 7, keepOldVersionsDays: 90 },
      ],
      [
        { ...cors, origins: ['https://new.test'] },
        { kind: 'lifecycle', abortUploadsAfterDays: 7, keepOldVersionsDays: 30 },
        { kind: 'tags', tags: { 'skycrate:managed': 'true' } },
      ],
    ] satisfies BucketSetting[][]) {
      for (const setting of settings) assert.equal((await store.applySetting(Bucket, setting)).outcome, 'applied')
    }
    const { CORSRules = [] } = await client.send(new GetBucketCorsCommand({ Bucket }))
    assert.deepEqual(CORSRules.flatMap((each) => each.AllowedOrigins ?? []).toSorted(), [
      'https://new.test',
      'https://theirs.test',
    ])
    const { Rules = [] } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
    assert.deepEqual(
      Rules.map((each) => each.ID),
      ['theirs', 'skycrate-abort-unfinished-uploads', 'skycrate-expire-old-versions'],
    )
    assert.equal(Rules[2]?.NoncurrentVersionExpiration?.NoncurrentDays, 30)
    assert.deepEqual(await store.readTags(Bucket), { team: 'a', 'skycrate:managed': 'true' })
    // The last one: it shuts this client out, which comes by http.
    assert.equal((await store.applySetting(Bucket, { kind: 'tls-only-policy' })).outcome, 'applied')
    const policy = await client.send(new GetBucketPolicyCommand({ Bucket }))
    assert.match(policy.Policy ?? '', /Theirs.*SkyCrateTlsOnly/s)
  })
})
