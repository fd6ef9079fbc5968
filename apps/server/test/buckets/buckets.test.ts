import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { UserId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { testDatabase, type TestDatabase } from '../../src/db/test-database.ts'
import { AppError } from '../../src/errors/app-error.ts'
import { preconditionOf } from '../../src/precondition.ts'
import { type S3Fixture, startS3Fixture } from '../homes/s3-fixture.ts'
import { type Passing, s3Error, startS3Proxy } from '../homes/s3-proxy.ts'
import { addUser, ORIGIN } from '../homes/test-homes.ts'
import { LIBRARY, testBuckets, type TestBuckets } from './test-buckets.ts'

const coded = (code: string, text = /./) => {
  return (error: unknown) =>
    error instanceof AppError && error.code === code && text.test(`${error.detail} ${JSON.stringify(error.errors)}`)
}

suite('buckets of administrators', () => {
  let s3: S3Fixture
  let database: TestDatabase
  let admin: UserId
  let count = 0

  before(async () => {
    s3 = await startS3Fixture()
    database = await testDatabase()
    admin = await addUser(database)
  })
  after(async () => {
    await database[Symbol.asyncDispose]()
    await s3[Symbol.asyncDispose]()
  })

  const newName = (): string => `bucket-${Date.now()}-${(count += 1)}`
  const start = (endpoint = s3.url): Promise<TestBuckets> => testBuckets({ database, endpoint })
  const by = () => ({ userId: admin, origin: ORIGIN, precondition: preconditionOf(undefined) })
  const atS3 = async (): Promise<string> => {
    const Bucket = newName()
    await s3.client.send(new CreateBucketCommand({ Bucket }))
    return Bucket
  }
  const put = (Bucket: string, Key: string, Body = 'x') => s3.client.send(new PutObjectCommand({ Bucket, Key, Body }))
  /** Creates a bucket and waits until it is there. */
  async function created(system: TestBuckets, more: { retentionDays?: number } = {}): Promise<string> {
    const name = newName()
    const { bucket } = await system.buckets.add({ name, mode: 'create', ...more }, admin, ORIGIN)
    assert.equal((await system.ended(bucket.jobId!, admin)).state, 'done')
    return name
  }
  const allow = (bucket: string) =>
    database.query(
      `insert into permissions (id, principal_kind, principal, bucket, prefix, can_read, can_write, can_delete, can_list)
       values ($1, 'group', 'staff', $2, '', true, false, false, false)`,
      [`prm_${(count += 1)}`, bucket],
    )

  test('a bucket is registered, looked at and counted without a single change at the store', async () => {
    const name = await atS3()
    await s3.client.send(
      new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }),
    )
    for (const key of ['a', 'a', 'b/c']) await put(name, key, 'four')
    await s3.client.send(new DeleteObjectCommand({ Bucket: name, Key: 'b/c' }))
    await s3.client.send(new CreateMultipartUploadCommand({ Bucket: name, Key: 'big' }))
    await using proxy = await startS3Proxy(s3.url)
    await using system = await start(proxy.url)
    const { buckets } = system

    const check = await buckets.check(undefined, name)
    assert.deepEqual([check.presence, check.region, check.known], ['owned', 'us-east-1', false])
    assert.ok(check.may.every(({ allowed }) => allowed))
    const { bucket, known } = await buckets.add({ name, mode: 'register' }, admin, ORIGIN)
    assert.deepEqual([known, bucket.kind, bucket.state, bucket.adopted], [false, 'registered', 'ready', true])
    assert.equal((await buckets.add({ name, mode: 'register' }, admin, ORIGIN)).known, true)
    assert.equal((await buckets.check(undefined, name)).known, true)
    const state = Object.fromEntries(bucket.settings.map((setting) => [setting.aim, setting.state]))
    assert.deepEqual(
      [state['versioned'], state['encrypted'], state['tls-only'], state['tagged']],
      ['met', 'unmet', 'unsupported', undefined],
    )
    const job = await buckets.count(DEFAULT_STORE, name, { userId: admin, isAdmin: true })
    assert.equal((await system.ended(job.id, admin)).state, 'done')
    const { countedAt: _, ...contents } = (await buckets.find(DEFAULT_STORE, name)).contents!
    assert.deepEqual(contents, {
      objects: 1,
      bytes: 4,
      oldVersions: 2,
      oldBytes: 8,
      deleteMarkers: 1,
      unfinishedUploads: 1,
    })
    assert.deepEqual(
      proxy.seen.filter((request) => !/^(GET|HEAD) /.test(request)),
      [],
    )
  })

  test('what is not there, is not ours or has no name of a bucket is refused with the reason', async () => {
    await using forbidding = await startS3Proxy(s3.url, { before: () => s3Error(403, '') })
    await using system = await start()
    await using refused = await start(forbidding.url)
    const register = (from: TestBuckets, name: string) => from.buckets.add({ name, mode: 'register' }, admin, ORIGIN)
    await assert.rejects(register(system, 'nothing-of-this-name'), coded('bucket-missing'))
    await assert.rejects(register(refused, 'somebody-elses'), coded('invalid-request', /denies/))
    assert.equal((await refused.buckets.check(undefined, 'somebody-elses')).presence, 'forbidden')
    for (const name of ['No_Bucket', 'a', '1.2.3.4', 'a..b', 'x'.repeat(64)]) {
      await assert.rejects(register(system, name), coded('invalid-request', /not a bucket name/), name)
    }
    await assert.rejects(
      system.buckets.add({ name: 'abc', mode: 'register', retentionDays: 3 }, admin, ORIGIN),
      coded('invalid-request', /retentionDays/),
    )
  })

  test('a bucket is created with every aim, each step to be seen as it is done', async () => {
    const { promise: held, resolve: goOn } = Promise.withResolvers<void>()
    await using proxy = await startS3Proxy(s3.url, {
      before: ({ method, path }) =>
        method === 'PUT' && path.includes('versioning') ? held.then(() => 'forward') : 'forward',
    })
    await using system = await start(proxy.url)
    const name = newName()
    const { bucket } = await system.buckets.add({ name, mode: 'create', retentionDays: 90 }, admin, ORIGIN)
    assert.deepEqual([bucket.kind, bucket.state], ['created', 'planned'])
    const steps = async () => (await system.buckets.find(DEFAULT_STORE, name)).steps.map(({ step }) => step)
    const before = ['create', 'public-access-block', 'encryption', 'ownership-controls']
    while ((await steps()).length < before.length) await sleep(10)
    assert.deepEqual(await steps(), before)
    goOn()
    assert.equal((await system.ended(bucket.jobId!, admin)).state, 'done')
    const ready = await system.buckets.find(DEFAULT_STORE, name)
    assert.equal(ready.state, 'ready')
    assert.deepEqual(
      ready.settings.filter(({ state }) => state !== 'met').map(({ aim }) => aim),
      ['tls-only'],
    )
    const { Rules = [] } = await s3.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: name }))
    assert.ok(Rules.some((rule) => rule.NoncurrentVersionExpiration?.NoncurrentDays === 90))
    await assert.rejects(system.buckets.add({ name, mode: 'create' }, admin, ORIGIN), coded('conflict', /exists/))
  })

  test('a name that is taken and access that is denied end the creation with the reason, and it can be tried again', async () => {
    let answer: ReturnType<typeof s3Error> | 'forward' = 'forward'
    await using proxy = await startS3Proxy(s3.url, {
      before: ({ method, path }: Passing) => (method === 'PUT' && !path.includes('?') ? answer : 'forward'),
    })
    await using system = await start(proxy.url)
    const name = newName()
    for (const [given, state, reason] of [
      [s3Error(409, 'BucketAlreadyExists'), 'collided', /taken/],
      [s3Error(403, 'AccessDenied'), 'failed', /AccessDenied/],
    ] as const) {
      answer = given
      const { bucket } = await system.buckets.add({ name, mode: 'create' }, admin, ORIGIN)
      const job = await system.ended(bucket.jobId!, admin)
      assert.deepEqual([job.state, job.problem?.code], ['failed', 'conflict'])
      const failed = await system.buckets.find(DEFAULT_STORE, name)
      assert.equal(failed.state, state)
      assert.equal(failed.steps[0]?.outcome, 'failed')
      assert.match(failed.steps[0]?.reason ?? '', reason)
    }
    answer = 'forward'
    const { bucket } = await system.buckets.add({ name, mode: 'create' }, admin, ORIGIN)
    assert.equal((await system.ended(bucket.jobId!, admin)).state, 'done')
    assert.equal((await system.buckets.find(DEFAULT_STORE, name)).state, 'ready')
  })

  test('a bucket is deleted with all that is in it, also where the store fails in between, and the permissions first', async () => {
    let failures = 0
    await using proxy = await startS3Proxy(s3.url, {
      before: ({ method, path }) =>
        method === 'POST' && path.includes('delete') && failures++ < 4 ? s3Error(503, 'SlowDown') : 'forward',
    })
    await using system = await start(proxy.url)
    const name = await created(system)
    for (let i = 0; i < 30; i++) await put(name, `k${i % 20}`)
    await s3.client.send(new DeleteObjectCommand({ Bucket: name, Key: 'k1' }))
    await s3.client.send(new CreateMultipartUploadCommand({ Bucket: name, Key: 'big' }))
    await allow(name)
    const remove = (query: object) => system.buckets.remove(DEFAULT_STORE, name, query, admin, ORIGIN)
    await assert.rejects(remove({ confirm: name }), coded('conflict', /not empty/))
    for (const confirm of [undefined, '', name.toUpperCase(), `${name} `]) {
      await assert.rejects(remove({ confirm, contents: 'true' }), coded('invalid-request', /confirm/))
    }
    const { state, jobId } = await remove({ confirm: name, contents: 'true' })
    assert.equal(state, 'deleting')
    assert.deepEqual(await database.query('select 1 from permissions where bucket = $1', [name]), [])
    const job = await system.ended(jobId!, admin)
    assert.deepEqual([job.state, job.progress.done], ['done', 32])
    assert.ok(!(await s3.buckets()).includes(name))
    await assert.rejects(system.buckets.find(DEFAULT_STORE, name), coded('not-found'))
    const events = await database.query<{ action: string; outcome: string }>(
      `select action, outcome from audit_events where bucket = $1 order by id`,
      [name],
    )
    assert.deepEqual(
      events.map(({ action, outcome }) => `${action} ${outcome}`),
      [
        'bucket.create allow',
        'bucket.delete allow',
        'bucket.delete error',
        'permission.delete allow',
        'bucket.delete allow',
      ],
    )
  })

  test('an empty bucket is deleted at once, and its name can be used again', async () => {
    await using system = await start()
    const name = await created(system)
    const deletion = await system.buckets.remove(DEFAULT_STORE, name, { confirm: name }, admin, ORIGIN)
    assert.deepEqual(deletion, { state: 'deleted', jobId: null })
    assert.ok(!(await s3.buckets()).includes(name))
    const { bucket } = await system.buckets.add({ name, mode: 'create' }, admin, ORIGIN)
    assert.equal((await system.ended(bucket.jobId!, admin)).state, 'done')
  })

  test('homes and the library are not deleted as buckets; a registered bucket can be left to itself', async () => {
    await using system = await start()
    await system.homes.ensureLibrary()
    const userId = await addUser(database)
    const home = await system.homes.home({ userId, personal: true }, ORIGIN)
    const registered = await atS3()
    await put(registered, 'kept')
    await system.buckets.add({ name: registered, mode: 'register' }, admin, ORIGIN)
    await allow(registered)
    const remove = (name: string, query: object) =>
      system.buckets.remove(DEFAULT_STORE, name, { confirm: name, ...query }, admin, ORIGIN)
    for (const query of [{}, { contents: 'true' }, { forget: 'true' }]) {
      await assert.rejects(remove(LIBRARY, query), coded('conflict', /library/))
      await assert.rejects(remove(home.bucket, query), coded('conflict', /home/))
    }
    await assert.rejects(remove(await created(system), { forget: 'true' }), coded('conflict', /created/))
    assert.deepEqual(await remove(registered, { forget: 'true' }), { state: 'forgotten', jobId: null })
    await s3.client.send(new HeadObjectCommand({ Bucket: registered, Key: 'kept' }))
    assert.deepEqual(await database.query('select 1 from permissions where bucket = $1', [registered]), [])
    await assert.rejects(system.buckets.find(DEFAULT_STORE, registered), coded('not-found'))
    const { homes, homesTotal } = await system.buckets.find(DEFAULT_STORE, home.bucket)
    assert.deepEqual([homes[0]?.userId, homesTotal], [userId, 1])
  })

  test('a retention is applied to created buckets, to registered ones only when asked, and not to what has changed', async () => {
    await using system = await start()
    const daysOf = async (Bucket: string) => {
      try {
        const { Rules = [] } = await s3.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
        return Rules.find((rule) => rule.NoncurrentVersionExpiration)?.NoncurrentVersionExpiration?.NoncurrentDays
      } catch {
        return undefined
      }
    }
    const own = await created(system)
    assert.equal(await daysOf(own), 30)
    const { updatedAt } = await system.buckets.change(DEFAULT_STORE, own, { retentionDays: 7 }, by())
    assert.equal(await daysOf(own), 7)
    const stale = { ...by(), precondition: preconditionOf('"2020-01-01T00:00:00.000Z"') }
    await assert.rejects(
      system.buckets.change(DEFAULT_STORE, own, { retentionDays: 8 }, stale),
      coded('precondition-failed'),
    )
    const current = { ...by(), precondition: preconditionOf(`"${updatedAt}"`) }
    assert.equal(
      (await system.buckets.change(DEFAULT_STORE, own, { retentionDays: null }, current)).retentionDays,
      null,
    )
    assert.equal(await daysOf(own), 30)

    const theirs = await atS3()
    await system.buckets.add({ name: theirs, mode: 'register' }, admin, ORIGIN)
    await system.buckets.change(DEFAULT_STORE, theirs, { retentionDays: 7 }, by())
    assert.equal(await daysOf(theirs), undefined)
    await system.buckets.change(DEFAULT_STORE, theirs, { retentionDays: 7, apply: ['lifecycle'] }, by())
    assert.equal(await daysOf(theirs), 7)
    const { Status } = await s3.client.send(new GetBucketVersioningCommand({ Bucket: theirs }))
    assert.equal(Status, undefined, 'more was changed than was asked for')
  })

  test('the list is paged, filtered and searched, without what is gone', async () => {
    await using system = await start()
    const mark = `page-${Date.now()}`
    for (const letter of ['a', 'b', 'c']) {
      const name = `${mark}-${letter}`
      await s3.client.send(new CreateBucketCommand({ Bucket: name }))
      await system.buckets.add({ name, mode: 'register' }, admin, ORIGIN)
    }
    const names = async (query: object) => {
      const { buckets, nextCursor } = await system.buckets.list({ limit: 2, search: mark.toUpperCase(), ...query })
      return { names: buckets.map(({ name }) => name.slice(-1)).join(''), nextCursor }
    }
    const first = await names({})
    assert.equal(first.names, 'ab')
    assert.deepEqual(await names({ cursor: first.nextCursor }), { names: 'c', nextCursor: null })
    assert.equal((await names({ kind: 'home' })).names, '')
    assert.equal((await names({ store: 'another' })).names, '')
    await assert.rejects(names({ cursor: 'no-slash' }), coded('invalid-cursor'))
    await system.buckets.remove(DEFAULT_STORE, `${mark}-a`, { confirm: `${mark}-a` }, admin, ORIGIN)
    assert.equal((await names({})).names, 'bc')
    assert.equal((await names({ state: 'deleted' })).names, 'a')
  })

  test('a new origin of the web app reaches every bucket of SkyCrate and no other, once, and after an outage', async () => {
    await using before = await start()
    const own = await created(before)
    const userId = await addUser(database)
    const home = await before.homes.home({ userId, personal: true }, ORIGIN)
    const registered = await atS3()
    await before.buckets.add({ name: registered, mode: 'register' }, admin, ORIGIN)
    await before[Symbol.asyncDispose]()

    const originsOf = async (Bucket: string) => {
      try {
        const { CORSRules = [] } = await s3.client.send(new GetBucketCorsCommand({ Bucket }))
        return CORSRules.flatMap((rule) => rule.AllowedOrigins ?? [])
      } catch {
        return []
      }
    }
    let down = true
    await using proxy = await startS3Proxy(s3.url, { before: () => (down ? s3Error(503, 'SlowDown') : 'forward') })
    const config = { webOrigins: ['https://new.example.test'] }
    await using after = await testBuckets({ database, endpoint: proxy.url, config })
    await after.buckets.bringUpToDate()
    while (proxy.seen.length === 0) await sleep(10)
    down = false
    const jobs = () =>
      database.query<{ id: string; state: string }>(`select id, state from jobs where kind = 'buckets.update'`)
    const [job] = await jobs()
    assert.equal((await after.ended(job!.id, admin)).state, 'done')
    assert.deepEqual(await originsOf(own), config.webOrigins)
    assert.deepEqual(await originsOf(home.bucket), config.webOrigins)
    assert.deepEqual(await originsOf(registered), [])

    await after.buckets.bringUpToDate()
    assert.equal((await jobs()).length, 1, 'what was done is not done again')
    const old = { webOrigins: ['https://old.example.test'] }
    await using third = await testBuckets({ database, endpoint: s3.url, config: old })
    await third.buckets.bringUpToDate()
    const [, next] = (await jobs()).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    assert.equal((await third.ended(next!.id, admin)).state, 'done')
    assert.deepEqual(await originsOf(own), old.webOrigins)
  })

  test('a bucket that a permission names is in the list from then on', async () => {
    await using system = await start()
    const name = await atS3()
    await allow(name)
    const { kind, state, adopted, region } = await system.buckets.find(DEFAULT_STORE, name)
    assert.deepEqual([kind, state, adopted, region], ['registered', 'ready', true, 'us-east-1'])
    const own = await created(system)
    await allow(own)
    assert.equal((await system.buckets.find(DEFAULT_STORE, own)).kind, 'created')
  })
})
