import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import {
  CreateBucketCommand,
  GetBucketCorsCommand,
  GetBucketVersioningCommand,
  HeadObjectCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { UserId } from '@skycrate/core/naming/id'
import { testDatabase, type TestDatabase } from '../../src/db/test-database.ts'
import { AppError } from '../../src/errors/app-error.ts'
import { type S3Fixture, startS3Fixture } from './s3-fixture.ts'
import { s3Error, startS3Proxy } from './s3-proxy.ts'
import { addUser, ORIGIN, testHomes } from './test-homes.ts'

const personal = (userId: UserId) => ({ userId, personal: true })
const coded = (code: string) => (error: unknown) => error instanceof AppError && error.code === code

suite('the library bucket', () => {
  let s3: S3Fixture
  let database: TestDatabase

  before(async () => {
    s3 = await startS3Fixture()
    database = await testDatabase()
  })
  after(async () => {
    await database[Symbol.asyncDispose]()
    await s3[Symbol.asyncDispose]()
  })

  const withoutEncryption = (answer: ReturnType<typeof s3Error>) => ({
    before: ({ method, path }: { method: string; path: string }) =>
      method === 'PUT' && path.includes('encryption') ? answer : ('forward' as const),
  })

  const levels = (bucket: string): Promise<{ id: string; prefix: string }[]> =>
    database.query(`select id, prefix from permissions where bucket = $1 order by prefix, principal_kind`, [bucket])

  test("a home is the user's own prefix", async () => {
    const userId = await addUser(database)
    const config = { layout: 'shared-bucket', libraryBucket: 'shared-library' } as const
    const homes = testHomes({ database, endpoint: s3.url, config })
    const home = await homes.home(personal(userId), ORIGIN)
    assert.equal(home.bucket, 'shared-library')
    assert.equal(home.prefix, `private/${userId}/`)
    assert(!(await s3.buckets()).some((bucket) => bucket.includes(userId.slice(4))))
    assert((await levels('shared-library')).some(({ prefix }) => prefix === 'private/${user.id}/'))
    await s3.client.send(new PutObjectCommand({ Bucket: home.bucket, Key: `${home.prefix}mine`, Body: 'x' }))
    await s3.client.send(new PutObjectCommand({ Bucket: home.bucket, Key: `protected/${userId}/shown`, Body: 'x' }))
    const kept = ['public/theirs', `private/${userId}x/theirs`]
    for (const Key of kept) await s3.client.send(new PutObjectCommand({ Bucket: home.bucket, Key, Body: 'x' }))
    await homes.endHome(userId, { contents: 'delete' }, { by: null, origin: ORIGIN })
    for (const Key of kept) await s3.client.send(new HeadObjectCommand({ Bucket: home.bucket, Key }))
    await assert.rejects(
      s3.client.send(new HeadObjectCommand({ Bucket: home.bucket, Key: `protected/${userId}/shown` })),
    )
    await assert.rejects(s3.client.send(new HeadObjectCommand({ Bucket: home.bucket, Key: `${home.prefix}mine` })))
  })

  test('the first requests of many people at once do not wait for each other for ever', async () => {
    const config = { layout: 'shared-bucket', libraryBucket: 'crowded-library' } as const
    const homes = testHomes({ database, endpoint: s3.url, config })
    const users = await Promise.all(Array.from({ length: 8 }, () => addUser(database)))
    const made = await Promise.all(users.map((user) => homes.home(personal(user), ORIGIN)))
    assert.deepEqual(
      made.map((home) => home.prefix),
      users.map((user) => `private/${user}/`),
    )
  })

  test('the access levels are added once, and one that was removed stays removed', async () => {
    const config = { libraryBucket: 'made-library' }
    await Promise.all([1, 2, 3].map(() => testHomes({ database, endpoint: s3.url, config }).ensureLibrary()))
    const added = await levels('made-library')
    assert.equal(added.length, 6)
    await database.query(`delete from permissions where id = $1`, [added[0]!.id])
    await testHomes({ database, endpoint: s3.url, config }).ensureLibrary()
    assert.deepEqual(await levels('made-library'), added.slice(1))
  })

  test("an operator's own bucket keeps what it has, and gets what it lacks", async () => {
    const Bucket = 'their-library'
    const theirs = { AllowedOrigins: ['https://theirs.example.test'], AllowedMethods: ['GET'] }
    await s3.client.send(new CreateBucketCommand({ Bucket }))
    await s3.client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [theirs] } }))
    await testHomes({ database, endpoint: s3.url, config: { libraryBucket: Bucket } }).ensureLibrary()
    const { CORSRules = [] } = await s3.client.send(new GetBucketCorsCommand({ Bucket }))
    assert.deepEqual(CORSRules[0]?.AllowedOrigins, theirs.AllowedOrigins)
    assert.equal((await s3.client.send(new GetBucketVersioningCommand({ Bucket }))).Status, 'Enabled')
    const steps = await database.query(`select step, outcome from bucket_steps where bucket = $1`, [Bucket])
    assert(steps.some((step) => step['step'] === 'cors' && step['outcome'] === 'failed'))
  })

  test("in an operator's own bucket SkyCrate's rule follows the configuration, beside theirs", async () => {
    const Bucket = 'adopted-library'
    await s3.client.send(new CreateBucketCommand({ Bucket }))
    const origins = async () => {
      const { CORSRules = [] } = await s3.client.send(new GetBucketCorsCommand({ Bucket }))
      return CORSRules.flatMap((rule) => rule.AllowedOrigins ?? [])
    }
    for (const webOrigins of [['https://old.test'], ['https://new.test']]) {
      await testHomes({ database, endpoint: s3.url, config: { libraryBucket: Bucket, webOrigins } }).ensureLibrary()
      assert.deepEqual(await origins(), webOrigins)
    }
  })

  test('strict: a library that cannot be protected is not used, and goes when it was made for that', async () => {
    await using proxy = await startS3Proxy(s3.url, withoutEncryption(s3Error(501, 'NotImplemented')))
    const homes = testHomes({ database, endpoint: proxy.url, config: { libraryBucket: 'bare-library' } })
    await assert.rejects(homes.ensureLibrary(), coded('provisioning-failed'))
    assert(!(await s3.buckets()).includes('bare-library'))
    assert.deepEqual(await levels('bare-library'), [])
    await testHomes({ database, endpoint: s3.url, config: { libraryBucket: 'bare-library' } }).ensureLibrary()
    assert.equal((await levels('bare-library')).length, 6)
  })
})
