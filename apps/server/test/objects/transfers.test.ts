import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import {
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { TransferRequest } from '@skycrate/contract/operations/schemas'
import { testDatabase, type TestDatabase } from '../../src/db/test-database.ts'
import { AppError } from '../../src/errors/app-error.ts'
import type { Person } from '../../src/objects/object-jobs.ts'
import { type S3Fixture, startS3Fixture } from '../homes/s3-fixture.ts'
import { addUser, ORIGIN } from '../homes/test-homes.ts'
import { allow, testObjects, type TestObjects } from './test-objects.ts'

const EVERY = ['read', 'write', 'delete', 'list'] as const

/** Legal for S3, and written by other tools. `.` and `..` segments and controls have no URL that browsers leave alone. */
const ODD_KEYS = [
  'a//b',
  'trailing ',
  'trailing.',
  ' leading',
  '.hidden',
  './dot',
  'a/../up',
  'back\\slash',
  'line\nbreak',
  'été/日本語/😀.txt',
  'a b+c%2B&<>"\'.xml',
  'q?x=1#frag',
]

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code

suite('copying, moving and deleting objects', () => {
  let s3: S3Fixture
  let database: TestDatabase
  let objects: TestObjects
  let ada: Person
  let bucket: string
  let other: string
  let count = 0

  before(async () => {
    s3 = await startS3Fixture()
  })
  after(() => s3[Symbol.asyncDispose]())
  beforeEach(async () => {
    database = await testDatabase()
    objects = await testObjects({ database, endpoint: s3.url })
    ada = { userId: await addUser(database), groups: [] }
    bucket = await newBucket()
    other = await newBucket()
    await allow(database, ada, bucket, '', EVERY)
    await allow(database, ada, other, '', EVERY)
  })
  afterEach(async () => {
    await objects[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  async function newBucket(): Promise<string> {
    const name = `objects-${Date.now()}-${(count += 1)}`
    await s3.client.send(new CreateBucketCommand({ Bucket: name }))
    await s3.client.send(
      new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }),
    )
    return name
  }
  const put = (key: string, body = `bytes of ${key}`, more: object = {}) =>
    s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...more }))
  const get = async (key: string, from = bucket): Promise<string> =>
    (await (await s3.client.send(new GetObjectCommand({ Bucket: from, Key: key }))).Body?.transformToString()) ?? ''
  const keys = async (prefix = '', of = bucket): Promise<string[]> => {
    const page = await objects.store.listObjects({ bucket: of, prefix, limit: 1000 })
    assert(page.ok)
    return page.value.objects.map(({ key }) => key)
  }
  const run = async (kind: 'copy' | 'move', request: TransferRequest) => {
    const { id } = await objects.operations.transfer(kind, ada, request, ORIGIN)
    return objects.ended(id, ada)
  }
  const events = (action: string) =>
    database.query<{ bucket: string; key: string; outcome: string; user_id: string; detail: Record<string, unknown> }>(
      `select bucket, key, outcome, user_id, detail from audit_events where action = $1 order by key`,
      [action],
    )

  test('a folder is copied with everything that its objects have, and each copy is recorded', async () => {
    await put('from/a.txt', 'one', {
      ContentType: 'text/x-odd',
      Metadata: { colour: 'green' },
      CacheControl: 'no-cache',
      Tagging: 'project=x',
    })
    await put('from/deep/b.txt')
    await put('from/')
    await put('fromage.txt')
    const job = await run('copy', { from: { bucket, prefix: 'from/' }, to: { bucket: other, prefix: 'to/' } })
    assert.equal(job.state, 'done')
    assert.deepEqual(job.progress, { done: 3, total: 3 })
    assert.deepEqual(await keys('', other), ['to/', 'to/a.txt', 'to/deep/b.txt'])
    const copied = await s3.client.send(new GetObjectCommand({ Bucket: other, Key: 'to/a.txt' }))
    assert.deepEqual(
      [copied.ContentType, copied.Metadata, copied.CacheControl],
      ['text/x-odd', { colour: 'green' }, 'no-cache'],
    )
    const { TagSet } = await s3.client.send(new GetObjectTaggingCommand({ Bucket: other, Key: 'to/a.txt' }))
    assert.deepEqual(TagSet, [{ Key: 'project', Value: 'x' }])
    assert.equal((await keys()).length, 4, 'the sources stay')
    const told = await events('object.copy')
    assert.deepEqual(
      told.map((each) => [
        each.bucket,
        each.key,
        each.outcome,
        each.user_id,
        each.detail['from'],
        each.detail['jobId'],
      ]),
      ['', 'a.txt', 'deep/b.txt'].map((key) => [
        other,
        `to/${key}`,
        'allow',
        ada.userId,
        { bucket, key: `from/${key}` },
        job.id,
      ]),
    )
  })

  test('a folder is moved: every object once, with its bytes, and the deletion is recorded', async () => {
    for (let i = 0; i < 250; i++) await put(`old/${i}.txt`)
    const job = await run('move', { from: { bucket, prefix: 'old/' }, to: { bucket, prefix: 'new/' } })
    assert.deepEqual([job.state, job.progress], ['done', { done: 250, total: 250 }])
    assert.deepEqual(await keys('old/'), [])
    assert.equal((await keys('new/')).length, 250)
    assert.equal(await get('new/249.txt'), 'bytes of old/249.txt')
    assert.equal((await events('object.move')).length, 250)
    assert.equal((await events('object.delete')).length, 250)
  })

  test('several objects and folders keep their names in another folder', async () => {
    for (const key of ['x/a.txt', 'x/p/1.txt', 'x/p/q/2.txt', 'x/stays.txt']) await put(key)
    const from = { bucket, keys: ['x/a.txt'], prefixes: ['x/p/'] }
    assert.equal((await run('move', { from, to: { bucket, prefix: 'y/' } })).state, 'done')
    assert.deepEqual(await keys(), ['x/stays.txt', 'y/a.txt', 'y/p/1.txt', 'y/p/q/2.txt'])
  })

  const star = async (person: Person, ...starred: readonly string[]): Promise<void> => {
    await database.query(
      `insert into starred (user_id, store, bucket, key) select $1, 'default', $2, unnest($3::text[])`,
      [person.userId, bucket, [...starred]],
    )
  }
  /** Those that are shown, whoever set them: `key`, or `other: key`. */
  const stars = async (person: Person = ada): Promise<string[]> => {
    const rows = await database.query<{ bucket: string; key: string }>(
      `select bucket, key from starred where user_id = $1 and deleted_at is null order by bucket = $2, key`,
      [person.userId, bucket],
    )
    return rows.map((row) => (row.bucket === bucket ? row.key : `other: ${row.key}`))
  }

  test('stars go where their files and folders are moved, whoever set them, and stay with what is copied', async () => {
    const bob: Person = { userId: await addUser(database), groups: [] }
    for (const key of ['x/a.txt', 'x/p/1.txt', 'x/p/q/2.txt', 'x/plain.txt', 'y/a.txt']) await put(key)
    await star(ada, 'x/a.txt', 'x/p/', 'x/p/q/', 'x/p/q/2.txt', 'y/a.txt', 'x/')
    await star(bob, 'x/a.txt')
    await run('copy', { from: { bucket, key: 'x/a.txt' }, to: { bucket, key: 'x/copy.txt' } })
    assert.deepEqual(await stars(bob), ['x/a.txt'])
    await run('move', { from: { bucket, key: 'x/a.txt' }, to: { bucket, key: 'x/b.txt' } })
    assert.deepEqual(await stars(bob), ['x/b.txt'])
    await run('move', { from: { bucket, prefixes: ['x/p/'] }, to: { bucket: other, prefix: 'z/' } })
    assert.deepEqual(await stars(), ['other: z/p/', 'other: z/p/q/', 'other: z/p/q/2.txt', 'x/', 'x/b.txt', 'y/a.txt'])
    // Two of one person become one.
    await run('move', {
      from: { bucket, key: 'x/b.txt' },
      to: { bucket, key: 'y/a.txt' },
      onConflict: 'replace',
    })
    assert.deepEqual(await stars(), ['other: z/p/', 'other: z/p/q/', 'other: z/p/q/2.txt', 'x/', 'y/a.txt'])
    assert.deepEqual(await stars(bob), ['y/a.txt'])
    // What stays where it is keeps its star, and so does its folder.
    await put('w/plain.txt', 'theirs')
    await star(ada, 'x/plain.txt')
    await run('move', { from: { bucket, prefix: 'x/' }, to: { bucket, prefix: 'w/' }, onConflict: 'skip' })
    assert.deepEqual((await stars()).slice(3), ['x/', 'x/plain.txt', 'y/a.txt'])
  })

  test('stars of what is deleted are shown no more, and come back with what is restored', async () => {
    for (const key of ['x/a.txt', 'x/p/1.txt', 'x/p/q/2.txt', 'keep.txt']) await put(key)
    await star(ada, 'x/a.txt', 'x/p/', 'x/p/q/', 'x/p/q/2.txt', 'keep.txt')
    const { deletedSince } = await objects.operations.delete(
      ada,
      { bucket, keys: ['x/a.txt'], prefixes: ['x/p/'] },
      ORIGIN,
    )
    assert.deepEqual(await stars(), ['keep.txt'])
    const restored = await objects.operations.restoreDeleted(
      ada,
      { bucket, keys: ['x/a.txt'], prefixes: ['x/p/q/'], deletedSince: deletedSince! },
      ORIGIN,
    )
    assert.equal((await objects.ended(restored.id, ada)).state, 'done')
    // A folder is there again with what lies in it.
    assert.deepEqual(await stars(), ['keep.txt', 'x/a.txt', 'x/p/', 'x/p/q/', 'x/p/q/2.txt'])
  })

  test('nothing is replaced unless that was chosen', async () => {
    await put('from/a.txt', 'mine')
    await put('from/b.txt', 'mine')
    await put('to/a.txt', 'theirs')
    const request = { from: { bucket, prefix: 'from/' }, to: { bucket, prefix: 'to/' } }
    const failed = await run('copy', request)
    assert.deepEqual([failed.state, failed.problem?.code], ['failed', 'precondition-failed'])
    assert.deepEqual(await keys('to/'), ['to/a.txt'], 'nothing at all was copied')

    const skipped = await run('copy', { ...request, onConflict: 'skip' })
    assert.deepEqual([skipped.state, skipped.about?.skipped], ['done', 1])
    assert.deepEqual([await get('to/a.txt'), await get('to/b.txt')], ['theirs', 'mine'])

    await run('copy', { ...request, onConflict: 'keep-both' })
    assert.deepEqual(await keys('to/'), ['to/a (1).txt', 'to/a.txt', 'to/b (1).txt', 'to/b.txt'])
    assert.deepEqual([await get('to/a.txt'), await get('to/a (1).txt')], ['theirs', 'mine'])

    await run('move', { ...request, onConflict: 'replace' })
    assert.deepEqual([await get('to/a.txt'), await keys('from/')], ['mine', []])
    const kept = await objects.store.listVersions(bucket, 'to/a.txt', undefined, 10)
    assert(kept.ok)
    assert.equal(kept.value.versions.length, 2, 'what was replaced is a version')
  })

  test('one object whose new name is taken is refused at once; into itself, onto itself and twice one name are mistakes', async () => {
    await put('a.txt')
    await put('b.txt')
    await put('p/1.txt')
    await put('q/a.txt')
    const start = (request: TransferRequest) => objects.operations.transfer('move', ada, request, ORIGIN)
    await assert.rejects(
      start({ from: { bucket, key: 'a.txt' }, to: { bucket, key: 'b.txt' } }),
      isCode('precondition-failed'),
    )
    for (const request of [
      { from: { bucket, prefix: 'p/' }, to: { bucket, prefix: 'p/deeper/' } },
      { from: { bucket, prefix: 'p/' }, to: { bucket, prefix: '' } },
      { from: { bucket, prefix: 'p/' }, to: { bucket, prefix: 'p/' } },
      { from: { bucket, key: 'a.txt' }, to: { bucket, key: 'a.txt' } },
      { from: { bucket, keys: ['a.txt', 'q/a.txt'] }, to: { bucket, prefix: 'z/' }, onConflict: 'replace' as const },
      { from: { bucket, key: 'a.txt', prefix: 'p/' }, to: { bucket, prefix: 'z/' } },
      { from: { bucket }, to: { bucket, prefix: 'z/' } },
      { from: { bucket, key: 'a.txt' }, to: { bucket } },
    ]) {
      await assert.rejects(start(request), isCode('invalid-request'), JSON.stringify(request))
    }
    await assert.rejects(start({ from: { bucket, key: 'a.txt' }, to: { bucket, key: '../x' } }), isCode('invalid-key'))
    await assert.rejects(start({ from: { bucket, prefix: 'p' }, to: { bucket, prefix: 'z/' } }), isCode('invalid-key'))
    assert.deepEqual(await keys(), ['a.txt', 'b.txt', 'p/1.txt', 'q/a.txt'])
  })

  test('keys that other tools wrote are copied, moved and deleted as what they are', async () => {
    for (const key of ODD_KEYS) await put(`odd/${key}`)
    await put('k'.repeat(1024))
    const moved = await run('move', { from: { bucket, prefix: 'odd/' }, to: { bucket, prefix: 'new/' } })
    assert.equal(moved.state, 'done')
    assert.deepEqual((await keys('new/')).toSorted(), ODD_KEYS.map((key) => `new/${key}`).toSorted())
    const [key = ''] = ODD_KEYS.filter((each) => each.includes('..'))
    assert.equal(
      (await run('move', { from: { bucket, key: `new/${key}` }, to: { bucket, key: 'proper' } })).state,
      'done',
    )
    assert.equal(await get('proper'), `bytes of odd/${key}`)
    const gone = await objects.operations.delete(
      ada,
      { bucket, keys: ['k'.repeat(1024), 'proper', 'new/trailing '], prefixes: ['new/'] },
      ORIGIN,
    )
    assert.equal(gone.job, null)
    assert.deepEqual(await keys(), [])
    // One key too long where it would go: it stays, and is told of.
    await put(`deep/${'n'.repeat(1000)}`)
    const long = await run('move', { from: { bucket, prefix: 'deep/' }, to: { bucket, prefix: `${'d'.repeat(60)}/` } })
    assert.deepEqual([long.state, long.about?.failed, (await keys('deep/')).length], ['done', 1, 1])
  })

  test('what the caller may do is decided at each step, by what they may do then', async () => {
    const bob: Person = { userId: await addUser(database), groups: [] }
    await allow(database, bob, bucket, 'from/', ['read', 'list'])
    const writing = await allow(database, bob, bucket, 'to/', ['write'])
    for (let i = 0; i < 400; i++) await put(`from/${String(i).padStart(3, '0')}`)
    const request = { from: { bucket, prefix: 'from/' }, to: { bucket, prefix: 'to/' } }
    const { operations } = objects
    await assert.rejects(operations.transfer('move', bob, request, ORIGIN), isCode('forbidden'))
    for (const wrong of [
      { ...request, to: { bucket, prefix: 'elsewhere/' } },
      { ...request, from: { bucket, prefix: 'private/' } },
      { ...request, from: { bucket: other, prefix: 'from/' } },
    ]) {
      await assert.rejects(operations.transfer('copy', bob, wrong, ORIGIN), isCode('forbidden'))
    }
    const { id } = await operations.transfer('copy', bob, request, ORIGIN)
    while ((await objects.jobs.find(id, { userId: bob.userId, isAdmin: false })).progress.done < 20) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await database.query('delete from permissions where id = $1', [writing])
    const job = await objects.ended(id, bob)
    assert.deepEqual([job.state, job.problem?.code], ['failed', 'forbidden'])
    const there = await keys('to/')
    assert.ok(there.length < 400, `${there.length} were copied`)
    const told = await events('object.copy')
    const allowed = told.filter(({ outcome }) => outcome === 'allow').map(({ key }) => key)
    assert.deepEqual(
      there.filter((key) => !allowed.includes(key)),
      [],
      'no copy without its event',
    )
    assert.ok(told.some(({ outcome }) => outcome === 'deny'))
  })

  test('a cancelled move ends between two objects: each is at one place', async () => {
    for (let i = 0; i < 400; i++) await put(`from/${i}`)
    const request = { from: { bucket, prefix: 'from/' }, to: { bucket, prefix: 'to/' } }
    const { id } = await objects.operations.transfer('move', ada, request, ORIGIN)
    while ((await objects.jobs.find(id, { userId: ada.userId, isAdmin: false })).progress.done < 20) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await objects.jobs.cancel(id, { userId: ada.userId, isAdmin: false })
    const job = await objects.ended(id, ada)
    assert.equal(job.state, 'cancelled')
    const [left, there] = [await keys('from/'), await keys('to/')]
    assert.equal(left.length + there.length, 400)
    assert.ok(there.length > 0 && left.length > 0, `${there.length} were moved`)
  })

  test('a source that is written anew while it is moved is not deleted', async () => {
    await using slow = await testObjects({ database, endpoint: s3.url, works: false })
    await put('from/a', 'first')
    const store = Object.create(slow.store) as typeof slow.store
    store.copyObject = async (request) => {
      const result = await slow.store.copyObject(request)
      await put('from/a', 'second')
      return result
    }
    // The very store of the running process is replaced for this one object.
    Object.assign(objects.store, {
      copyObject: (...given: Parameters<typeof store.copyObject>) => store.copyObject(...given),
    })
    const job = await run('move', { from: { bucket, prefix: 'from/' }, to: { bucket, prefix: 'to/' } })
    assert.deepEqual([job.state, job.about?.changed], ['done', 1])
    assert.deepEqual([await get('from/a'), await get('to/a')], ['second', 'first'])
  })

  test('an object that S3 copies only in parts is copied with its metadata and tags', async () => {
    const limits = { copyAtOnce: 6 * 1024 ** 2, partSize: 5 * 1024 ** 2 }
    await objects[Symbol.asyncDispose]()
    objects = await testObjects({ database, endpoint: s3.url, copyLimits: limits })
    const bytes = randomBytes(17 * 1024 ** 2)
    await s3.client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: 'large.bin',
        Body: bytes,
        ContentType: 'text/x-large',
        Metadata: { colour: 'green' },
        Tagging: 'project=x',
      }),
    )
    const job = await run('move', { from: { bucket, key: 'large.bin' }, to: { bucket: other, key: 'large.bin' } })
    assert.equal(job.state, 'done', job.problem?.detail ?? '')
    const copied = await s3.client.send(new GetObjectCommand({ Bucket: other, Key: 'large.bin' }))
    assert(copied.Body)
    assert.ok(Buffer.from(await copied.Body.transformToByteArray()).equals(bytes))
    assert.deepEqual([copied.ContentType, copied.Metadata], ['text/x-large', { colour: 'green' }])
    assert.match(copied.ETag ?? '', /-4"$/)
    const { TagSet } = await s3.client.send(new GetObjectTaggingCommand({ Bucket: other, Key: 'large.bin' }))
    assert.deepEqual(TagSet, [{ Key: 'project', Value: 'x' }])
    assert.deepEqual(await keys(), [])
  })

  test('a deletion is counted first; a large one is a job; and what it deleted comes back, and nothing else', async () => {
    for (let i = 0; i < 1100; i++) await put(`many/${i}`, 'x')
    await put('few/1')
    await put('few/2')
    await put('many/gone before', 'x')
    await objects.operations.delete(ada, { bucket, keys: ['many/gone before'] }, ORIGIN)
    const { operations } = objects
    const counted = await operations.delete(ada, { bucket, prefixes: ['many/'], countOnly: true }, ORIGIN)
    assert.deepEqual([counted.objects, counted.bytes, counted.more], [1100, 1100, false])
    assert.equal((await keys('few/')).length, 2)

    const few = await operations.delete(ada, { bucket, prefixes: ['few/'] }, ORIGIN)
    assert.deepEqual([few.objects, few.job, await keys('few/')], [2, null, []])
    // Stores tell the time of a deletion to the second.
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const many = await operations.delete(ada, { bucket, prefixes: ['many/'] }, ORIGIN)
    assert(many.job)
    const job = await objects.ended(many.job.id, ada)
    assert.deepEqual([job.state, job.progress, await keys()], ['done', { done: 1100, total: 1100 }, []])
    assert.equal((await events('object.delete')).length, 1103)

    const { id } = await operations.restoreDeleted(
      ada,
      { bucket, prefixes: ['many/', 'few/'], deletedSince: job.about?.deletedSince ?? '' },
      ORIGIN,
    )
    assert.equal((await objects.ended(id, ada)).state, 'done')
    assert.equal((await keys('many/')).length, 1000)
    assert.deepEqual(await keys('few/'), [], 'deleted before')
    assert.equal((await keys('many/gone')).length, 0)
    const back = await objects.store.listVersions(bucket, 'many/7', undefined, 10)
    assert(back.ok)
    assert.deepEqual(
      back.value.versions.map(({ isDeleteMarker }) => isDeleteMarker),
      [false],
      'as if it had never been deleted',
    )
    await assert.rejects(operations.delete(ada, { bucket, prefixes: [''] }, ORIGIN), isCode('invalid-request'))
    const bob: Person = { userId: await addUser(database), groups: [] }
    await allow(database, bob, bucket, 'few/', ['delete'])
    await assert.rejects(operations.delete(bob, { bucket, prefixes: ['few/'] }, ORIGIN), isCode('forbidden'))
    await assert.rejects(operations.restoreDeleted(bob, { bucket, prefixes: ['few/'] }, ORIGIN), isCode('forbidden'))
  })

  test('a folder is created once, and never where there is one', async () => {
    const create = (key: string) => objects.operations.createFolder(ada, { bucket, key }, ORIGIN)
    assert.deepEqual(await create('new/'), { bucket, key: 'new/' })
    await put('there/a.txt')
    for (const key of ['new/', 'there/']) await assert.rejects(create(key), isCode('conflict'))
    for (const key of ['', 'no-slash', '../', 'a\\/']) await assert.rejects(create(key), isCode('invalid-key'))
    assert.deepEqual(await keys(), ['new/', 'there/a.txt'])
    const bob: Person = { userId: await addUser(database), groups: [] }
    await assert.rejects(objects.operations.createFolder(bob, { bucket, key: 'x/' }, ORIGIN), isCode('forbidden'))
  })
})
