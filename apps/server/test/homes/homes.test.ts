import assert from 'node:assert/strict'
import { after, before, beforeEach, suite, test } from 'node:test'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { UserId } from '@skycrate/core/naming/id'
import { AppError } from '../../src/errors/app-error.ts'
import { testDatabase, type TestDatabase } from '../../src/db/test-database.ts'
import type { Database } from '../../src/db/database.ts'
import { createHomes } from '../../src/homes/homes.ts'
import { type S3Fixture, startS3Fixture } from './s3-fixture.ts'
import { s3Error, startS3Proxy } from './s3-proxy.ts'
import { spawnHomesChild } from './spawn-homes-child.ts'
import { addUser, CONFIG, ORIGIN, quiet, testHomes, testStore } from './test-homes.ts'

const personal = (userId: UserId) => ({ userId, personal: true })
const BY = { by: null, origin: ORIGIN }
const coded = (code: string) => (error: unknown) => error instanceof AppError && error.code === code

suite('homes', () => {
  let s3: S3Fixture
  let database: TestDatabase
  let userId: UserId

  before(async () => {
    s3 = await startS3Fixture()
    database = await testDatabase()
  })
  after(async () => {
    await database[Symbol.asyncDispose]()
    await s3[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    userId = await addUser(database)
  })

  /** The user's buckets at S3. */
  const bucketsAtS3 = async (): Promise<string[]> =>
    (await s3.buckets()).filter((bucket) => bucket.includes(userId.slice(4))).toSorted()

  const recorded = async (): Promise<Record<string, string>> => {
    const rows = await database.query<{ bucket: string; state: string }>(
      `select name as bucket, state from buckets where user_id = $1`,
      [userId],
    )
    return Object.fromEntries(rows.map(({ bucket, state }) => [bucket, state]))
  }

  const audited = (): Promise<{ outcome: string; reason: string | null; bucket: string | null }[]> =>
    database.query(`select outcome, reason, bucket from audit_events where user_id = $1 order by id`, [userId])

  const permissions = (): Promise<{ bucket: string; prefix: string }[]> =>
    database.query(`select bucket, prefix from permissions where principal = $1`, [userId])

  test('the first request makes a bucket with every setting, a permission and an audit event', async () => {
    const homes = testHomes({ database, endpoint: s3.url })
    const home = await homes.home(personal(userId), ORIGIN)
    assert.match(home.bucket, new RegExp(`^skycrate-${userId.slice(4)}-\\d{13}$`))
    assert.deepEqual(
      home.steps.map(({ step, outcome }) => `${step} ${outcome}`),
      [
        'create',
        'public-access-block',
        'encryption',
        'ownership-controls',
        'versioning',
        'cors',
        'lifecycle',
        'tags',
      ].map((step) => `${step} applied`),
    )
    const Bucket = home.bucket
    const block = await s3.client.send(new GetPublicAccessBlockCommand({ Bucket }))
    assert.deepEqual(Object.values(block.PublicAccessBlockConfiguration ?? {}), [true, true, true, true])
    const encryption = await s3.client.send(new GetBucketEncryptionCommand({ Bucket }))
    assert.equal(
      encryption.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
      'AES256',
    )
    assert.equal((await s3.client.send(new GetBucketVersioningCommand({ Bucket }))).Status, 'Enabled')
    const { TagSet = [] } = await s3.client.send(new GetBucketTaggingCommand({ Bucket }))
    assert.deepEqual(Object.fromEntries(TagSet.map((tag) => [tag.Key, tag.Value])), {
      'skycrate:managed': 'true',
      'skycrate:user': userId,
    })
    assert.deepEqual(await permissions(), [{ bucket: Bucket, prefix: '' }])
    assert.deepEqual(await audited(), [{ outcome: 'allow', reason: null, bucket: Bucket }])
    assert.deepEqual(await recorded(), { [Bucket]: 'ready' })
  })

  test('100 first requests at once make one home and one bucket, and take one session', async () => {
    let sessions = 0
    const counting: Database = {
      ...database,
      session(work) {
        sessions += 1
        return database.session(work)
      },
    }
    const homes = testHomes({ database: counting, endpoint: s3.url })
    const made = await Promise.all(Array.from({ length: 100 }, () => homes.home(personal(userId), ORIGIN)))
    assert.equal(new Set(made.map((home) => home.bucket)).size, 1)
    assert.deepEqual(await bucketsAtS3(), [made[0]!.bucket])
    assert.equal((await permissions()).length, 1)
    assert.equal((await audited()).length, 1)
    assert.equal(sessions, 1)
  })

  test('100 first requests at once in two processes make one home and one bucket', async () => {
    const task = { connection: database.connection, endpoint: s3.url, userId, config: {}, requests: 50 }
    const children = [spawnHomesChild(task), spawnHomesChild(task)]
    const buckets = (await Promise.all(children.map((child) => child.buckets))).flat()
    assert.equal(buckets.length, 2)
    assert.equal(new Set(buckets).size, 1)
    assert.deepEqual(await bucketsAtS3(), [buckets[0]])
    assert.deepEqual(await permissions(), [{ bucket: buckets[0], prefix: '' }])
    assert.equal((await audited()).length, 1)
  })

  for (const [what, when] of [
    ['before it is looked for', 1],
    ['after it was found free', 2],
  ] as const) {
    test(`a name that a stranger takes ${what} is left alone, and another is used`, async () => {
      let taken = ''
      await using proxy = await startS3Proxy(s3.url, {
        async before({ number, path }) {
          if (number === when) {
            taken = path.slice(1).split('?')[0]!.replace(/\/$/, '')
            await s3.client.send(new CreateBucketCommand({ Bucket: taken }))
            await s3.client.send(new PutObjectCommand({ Bucket: taken, Key: 'theirs', Body: 'x' }))
          }
          return 'forward' as const
        },
      })
      const homes = testHomes({ database, endpoint: proxy.url })
      const home = await homes.home(personal(userId), ORIGIN)
      assert.notEqual(home.bucket, taken)
      assert.match(home.bucket, /-\d{13}-[0-9a-f]{6}$/)
      assert.deepEqual(await bucketsAtS3(), [taken, home.bucket].toSorted())
      assert.deepEqual(await recorded(), { [taken]: 'collided', [home.bucket]: 'ready' })
      const { Status } = await s3.client.send(new GetBucketVersioningCommand({ Bucket: taken }))
      assert.equal(Status, undefined, 'their bucket was changed')
      await s3.client.send(new HeadObjectCommand({ Bucket: taken, Key: 'theirs' }))
    })
  }

  test('a name that another account took is refused by CreateBucket, and another is used', async () => {
    await using proxy = await startS3Proxy(s3.url, {
      before: ({ number }) =>
        number === 1 ? s3Error(403, '') : number === 2 ? s3Error(409, 'BucketAlreadyExists') : 'forward',
    })
    const homes = testHomes({ database, endpoint: proxy.url })
    const home = await homes.home(personal(userId), ORIGIN)
    assert.deepEqual(await bucketsAtS3(), [home.bucket])
    assert.deepEqual(Object.values(await recorded()).toSorted(), ['collided', 'ready'])
  })

  test('where every name is taken it gives up after a few', async () => {
    await using proxy = await startS3Proxy(s3.url, { before: () => s3Error(200, '') })
    const homes = testHomes({ database, endpoint: proxy.url })
    await assert.rejects(homes.home(personal(userId), ORIGIN), coded('provisioning-failed'))
    assert(proxy.seen.length <= 10)
    assert.deepEqual(await bucketsAtS3(), [])
  })

  test('wrong keys are not mistaken for taken names', async () => {
    await using proxy = await startS3Proxy(s3.url, { before: () => s3Error(403, 'SignatureDoesNotMatch') })
    const homes = testHomes({ database, endpoint: proxy.url })
    await assert.rejects(homes.home(personal(userId), ORIGIN), coded('store-refused'))
    assert.deepEqual(Object.values(await recorded()), ['creating'])
  })

  test('a store that is down is said, recorded, and does not matter any more when it is back', async () => {
    let down = true
    await using proxy = await startS3Proxy(s3.url, { before: () => (down ? 'break' : 'forward') })
    const homes = testHomes({ database, endpoint: proxy.url })
    await assert.rejects(homes.home(personal(userId), ORIGIN), (error) => {
      assert(error instanceof AppError)
      assert.equal(error.code, 'store-unavailable')
      assert(error.retryAfter !== undefined && error.retryAfter > 0)
      return true
    })
    assert.deepEqual(await audited(), [{ outcome: 'error', reason: 'store-unavailable', bucket: null }])
    const [planned] = Object.keys(await recorded())
    down = false
    await homes.resumeUnfinished()
    const home = await homes.home(personal(userId), ORIGIN)
    assert.equal(home.bucket, planned)
    assert.deepEqual(
      (await audited()).map((event) => event.outcome),
      ['error', 'allow'],
    )
  })

  test('an outage in the middle is resumed, not repeated', async () => {
    let down = false
    await using proxy = await startS3Proxy(s3.url, {
      before: ({ path }) => {
        if (path.includes('versioning')) down = true
        return down ? s3Error(503, 'SlowDown') : 'forward'
      },
    })
    await assert.rejects(
      testHomes({ database, endpoint: proxy.url }).home(personal(userId), ORIGIN),
      coded('store-unavailable'),
    )
    const [bucket] = await bucketsAtS3()
    await using second = await startS3Proxy(s3.url)
    const home = await testHomes({ database, endpoint: second.url }).home(personal(userId), ORIGIN)
    assert.equal(home.bucket, bucket)
    assert(second.seen[0]?.includes('versioning'), `began again with ${second.seen[0]}`)
  })

  test('a store that hangs ends in an error', async () => {
    await using proxy = await startS3Proxy(s3.url, { before: () => new Promise<never>(() => {}) })
    const homes = testHomes({ database, endpoint: proxy.url, requestTimeoutMs: 300 })
    await assert.rejects(homes.home(personal(userId), ORIGIN), coded('store-unavailable'))
  })

  const withoutEncryption = (answer: ReturnType<typeof s3Error>) => ({
    before: ({ method, path }: { method: string; path: string }) =>
      method === 'PUT' && path.includes('encryption') ? answer : ('forward' as const),
  })

  test('strict: a store that cannot protect a bucket is refused, and the bucket goes', async () => {
    await using proxy = await startS3Proxy(s3.url, withoutEncryption(s3Error(501, 'NotImplemented')))
    const homes = testHomes({ database, endpoint: proxy.url })
    await assert.rejects(homes.home(personal(userId), ORIGIN), (error) => {
      assert(coded('provisioning-failed')(error))
      assert.match((error as AppError).detail ?? '', /encryption/)
      return true
    })
    assert.deepEqual(await bucketsAtS3(), [])
    assert.deepEqual(Object.values(await recorded()), ['deleted'])
    assert.deepEqual(await permissions(), [])
    const asked = proxy.seen.length
    await assert.rejects(homes.home(personal(userId), ORIGIN), coded('provisioning-failed'))
    assert.equal(proxy.seen.length, asked, 'buckets are made and removed in vain')
    assert.deepEqual(
      (await audited()).map(({ outcome, reason }) => `${outcome} ${reason}`),
      ['error provisioning-failed', 'error provisioning-failed'],
    )

    const restarted = await testHomes({ database, endpoint: s3.url }).home(personal(userId), ORIGIN)
    assert.deepEqual(await bucketsAtS3(), [restarted.bucket])
  })

  test('strict: what could not be removed then goes at the next start', async () => {
    const refusing = withoutEncryption(s3Error(501, 'NotImplemented'))
    await using proxy = await startS3Proxy(s3.url, {
      before: (passing) => (passing.method === 'DELETE' ? s3Error(503, 'SlowDown') : refusing.before(passing)),
    })
    await assert.rejects(
      testHomes({ database, endpoint: proxy.url }).home(personal(userId), ORIGIN),
      coded('provisioning-failed'),
    )
    assert.deepEqual(Object.keys(await recorded()), await bucketsAtS3())
    assert.deepEqual(Object.values(await recorded()), ['failed'])
    await testHomes({ database, endpoint: s3.url }).resumeUnfinished()
    assert.deepEqual(await bucketsAtS3(), [])
    assert.deepEqual(Object.values(await recorded()), ['deleted'])
  })

  test('not strict: the home is made and tells what the store cannot do', async () => {
    await using proxy = await startS3Proxy(s3.url, withoutEncryption(s3Error(501, 'NotImplemented')))
    const homes = testHomes({ database, endpoint: proxy.url, config: { strict: false } })
    const home = await homes.home(personal(userId), ORIGIN)
    assert.deepEqual(
      home.steps.filter((step) => step.outcome !== 'applied'),
      [{ step: 'encryption', outcome: 'unsupported', reason: 'HTTP 501 NotImplemented' }],
    )
  })

  test('a store that says yes and keeps nothing is found out', async () => {
    await using proxy = await startS3Proxy(s3.url, {
      before: ({ method, path }) =>
        method === 'PUT' && path.includes('publicAccessBlock') ? { status: 200, body: '' } : 'forward',
    })
    const homes = testHomes({ database, endpoint: proxy.url })
    await assert.rejects(homes.home(personal(userId), ORIGIN), coded('provisioning-failed'))
    assert.deepEqual(await bucketsAtS3(), [])
  })

  test('no step is ever a DELETE', async () => {
    await using proxy = await startS3Proxy(s3.url)
    await testHomes({ database, endpoint: proxy.url }).home(personal(userId), ORIGIN)
    assert.deepEqual(
      proxy.seen.filter((request) => request.startsWith('DELETE')),
      [],
    )
  })

  test('a bucket policy denies what comes without TLS, where that is wanted', async () => {
    const homes = testHomes({ database, endpoint: s3.url, config: { tlsOnly: true } })
    const home = await homes.home(personal(userId), ORIGIN)
    assert.deepEqual(home.steps.at(-1), { step: 'tls-only-policy', outcome: 'applied', reason: null })
  })

  test('a ready home costs the store nothing', async () => {
    await using proxy = await startS3Proxy(s3.url)
    const homes = testHomes({ database, endpoint: proxy.url })
    const home = await homes.home(personal(userId), ORIGIN)
    const asked = proxy.seen.length
    assert.deepEqual(await homes.home(personal(userId), ORIGIN), home)
    assert.deepEqual(await testHomes({ database, endpoint: proxy.url }).home(personal(userId), ORIGIN), home)
    assert.equal(proxy.seen.length, asked)
  })

  test('a new origin of the web app reaches homes that are there', async () => {
    const home = await testHomes({ database, endpoint: s3.url }).home(personal(userId), ORIGIN)
    const webOrigins = ['https://files.example.test', 'http://localhost:9999']
    await testHomes({ database, endpoint: s3.url, config: { webOrigins } }).home(personal(userId), ORIGIN)
    const { CORSRules = [] } = await s3.client.send(new GetBucketCorsCommand({ Bucket: home.bucket }))
    assert.deepEqual(CORSRules[0]?.AllowedOrigins?.toSorted(), webOrigins.toSorted())
  })

  test("a program's identity gets no home", async () => {
    const homes = testHomes({ database, endpoint: s3.url })
    await assert.rejects(homes.home({ userId, personal: false }, ORIGIN), coded('no-personal-storage'))
    assert.deepEqual(await recorded(), {})
    assert.deepEqual(await audited(), [{ outcome: 'deny', reason: 'no-personal-storage', bucket: null }])
  })

  test('a home is not ready before its audit event is durable', async () => {
    let broken = true
    const store = testStore(s3.url)
    const homes = createHomes({
      database,
      store,
      audit: {
        async record() {
          if (broken) throw new AppError('audit-unavailable')
        },
      },
      logger: quiet(),
      now: Date.now,
      config: CONFIG,
    })
    await assert.rejects(homes.home(personal(userId), ORIGIN), coded('audit-unavailable'))
    assert.deepEqual(await permissions(), [])
    assert.deepEqual(Object.values(await recorded()), ['created'])
    broken = false
    const home = await homes.home(personal(userId), ORIGIN)
    assert.deepEqual(await recorded(), { [home.bucket]: 'ready' })
  })

  test('who loses the lock stops, and the next goes on', async () => {
    await using proxy = await startS3Proxy(s3.url, {
      async answered({ path }) {
        if (path.includes('versioning')) {
          await database.query(`select pg_terminate_backend(pid) from pg_locks
            where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`)
        }
        return 'forward' as const
      },
    })
    const homes = testHomes({ database, endpoint: proxy.url })
    await assert.rejects(homes.home(personal(userId), ORIGIN), coded('database-unavailable'))
    assert(proxy.seen.at(-1)?.includes('versioning'), `it went on with ${proxy.seen.at(-1)}`)
    const [bucket] = await bucketsAtS3()
    const home = await testHomes({ database, endpoint: s3.url }).home(personal(userId), ORIGIN)
    assert.equal(home.bucket, bucket)
    assert.deepEqual(await recorded(), { [home.bucket]: 'ready' })
  })

  test('who waits too long for another process is told to come again', async () => {
    await database.session(async (other) => {
      await other.query(`select pg_advisory_lock(hashtextextended($1, 0))`, [`skycrate.home:${userId}`])
      const homes = testHomes({ database, endpoint: s3.url, config: { lockWaitMs: 200 } })
      await assert.rejects(
        homes.home(personal(userId), ORIGIN),
        (error) => coded('provisioning-failed')(error) && (error as AppError).retryAfter !== undefined,
      )
    })
  })

  test('deleting a home deletes versions, markers and unfinished uploads, and never reuses its name', async () => {
    const homes = testHomes({ database, endpoint: s3.url })
    const { bucket: Bucket } = await homes.home(personal(userId), ORIGIN)
    for (const Key of ['a', 'b/c d+é.txt']) {
      await s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'one' }))
      await s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'two' }))
      await s3.client.send(new DeleteObjectCommand({ Bucket, Key }))
    }
    await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'big' }))
    await homes.endHome(userId, { contents: 'delete' }, BY)
    assert.deepEqual(await bucketsAtS3(), [])
    assert.deepEqual(await permissions(), [])
    assert.deepEqual(await recorded(), { [Bucket]: 'deleted' })
    const again = await homes.home(personal(userId), ORIGIN)
    assert.notEqual(again.bucket, Bucket)
    await homes.endHome(userId, { contents: 'delete' }, BY)
    await homes.endHome(userId, { contents: 'delete' }, BY)
  })

  test('a deletion that the store interrupts ends the access at once, and goes on when it is called again', async () => {
    const { bucket: Bucket } = await testHomes({ database, endpoint: s3.url }).home(personal(userId), ORIGIN)
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'one' }))
    await using proxy = await startS3Proxy(s3.url, { before: () => s3Error(503, 'SlowDown') })
    const failing = testHomes({ database, endpoint: proxy.url }).endHome(userId, { contents: 'delete' }, BY)
    await assert.rejects(failing, coded('store-unavailable'))
    assert.deepEqual(await permissions(), [])
    assert.deepEqual(await recorded(), { [Bucket]: 'deleting' })
    const homes = testHomes({ database, endpoint: s3.url })
    await assert.rejects(homes.home(personal(userId), ORIGIN), coded('provisioning-failed'))
    await homes.endHome(userId, { contents: 'delete' }, BY)
    assert.deepEqual(await bucketsAtS3(), [])
    assert.deepEqual(await recorded(), { [Bucket]: 'deleted' })
  })

  test("a home that is kept is nobody's, and its bucket stays with what is in it", async () => {
    const homes = testHomes({ database, endpoint: s3.url })
    const { bucket: Bucket } = await homes.home(personal(userId), ORIGIN)
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'one' }))
    for (let again = 0; again < 2; again++) await homes.endHome(userId, { contents: 'keep' }, BY)
    await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'a' }))
    assert.deepEqual(await permissions(), [])
    const kept = await database.query(`select kind, state from buckets where name = $1`, [Bucket])
    assert.deepEqual(kept, [{ kind: 'created', state: 'ready' }])
    const next = await homes.home(personal(userId), ORIGIN)
    assert.notEqual(next.bucket, Bucket)
  })

  test("a home that is handed over is the other's to use, once, and recorded with what was given and taken", async () => {
    const other = await addUser(database)
    const homes = testHomes({ database, endpoint: s3.url, config: { libraryBucket: 'hand-over-library' } })
    const { bucket: Bucket } = await homes.home(personal(userId), ORIGIN)
    for (let again = 0; again < 2; again++) await homes.endHome(userId, { contents: 'hand-over', to: other }, BY)
    assert.deepEqual(await permissions(), [])
    const given = await database.query(
      `select bucket, prefix from permissions where principal = $1 order by bucket, prefix`,
      [other],
    )
    assert.deepEqual(given, [
      { bucket: 'hand-over-library', prefix: `private/${userId}/` },
      { bucket: 'hand-over-library', prefix: `protected/${userId}/` },
      { bucket: Bucket, prefix: '' },
    ])
    const events = await database.query<{ action: string; target: string; bucket: string }>(
      `select action, target_user_id as target, bucket from audit_events
       where target_user_id = any($1) and action like 'permission.%' and bucket = $2 order by id`,
      [[userId, other], Bucket],
    )
    assert.deepEqual(events, [
      { action: 'permission.create', target: other, bucket: Bucket },
      { action: 'permission.delete', target: userId, bucket: Bucket },
    ])
  })
})
