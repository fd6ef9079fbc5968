import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { UserId } from '@skycrate/core/naming/id'
import { testDatabase, type TestDatabase } from '../../src/db/test-database.ts'
import { AppError } from '../../src/errors/app-error.ts'
import { testBuckets, type TestBuckets } from '../buckets/test-buckets.ts'
import { type S3Fixture, startS3Fixture } from './s3-fixture.ts'
import { s3Error, startS3Proxy } from './s3-proxy.ts'
import { addUser, ORIGIN } from './test-homes.ts'

const coded = (code: string) => (error: unknown) => error instanceof AppError && error.code === code

suite('homes of administrators', () => {
  let s3: S3Fixture
  let database: TestDatabase
  let admin: UserId

  before(async () => {
    s3 = await startS3Fixture()
    database = await testDatabase()
    admin = await addUser(database)
  })
  after(async () => {
    await database[Symbol.asyncDispose]()
    await s3[Symbol.asyncDispose]()
  })

  const reader = () => ({ userId: admin, isAdmin: true })
  const start = (endpoint = s3.url): Promise<TestBuckets> => testBuckets({ database, endpoint })
  const homeOf = async (system: TestBuckets, userId: UserId) =>
    (await system.homesAdmin.list({ limit: 10, search: userId })).homes[0]

  test('homes are listed with whose they are, where, and how far they are; by pages and by what is known of them', async () => {
    await using system = await start()
    const users: UserId[] = []
    for (const name of ['Ada', 'Grace', 'Edsger']) {
      const userId = await addUser(database)
      await database.query(`update users set name = $2, email = $3 where id = $1`, [
        userId,
        name,
        `${name.toLowerCase()}@example.com`,
      ])
      await database.query(
        `insert into identities (issuer, subject, user_id) values ('https://issuer.test/', $1, $2)`,
        [`sub|${name}`, userId],
      )
      await system.homes.home({ userId, personal: true }, ORIGIN)
      users.push(userId)
    }
    const [ada] = (await system.homesAdmin.list({ limit: 10, search: 'ADA@' })).homes
    assert.deepEqual(
      [ada?.userId, ada?.name, ada?.state, ada?.identities],
      [users[0], 'Ada', 'ready', [{ issuer: 'https://issuer.test/', subject: 'sub|Ada' }]],
    )
    assert.equal(ada?.steps[0]?.step, 'create')
    assert.equal((await system.homesAdmin.list({ limit: 10, search: ada!.bucket })).homes.length, 1)
    const seen: string[] = []
    for (let cursor: string | undefined; ;) {
      const page = await system.homesAdmin.list({ limit: 1, search: '@example.com', ...(cursor && { cursor }) })
      seen.push(...page.homes.map(({ userId }) => userId))
      if (page.nextCursor === null) break
      cursor = page.nextCursor
    }
    assert.deepEqual(seen, users.toSorted())
    assert.deepEqual((await system.homesAdmin.list({ limit: 10, state: 'failed' })).homes, [])
    await assert.rejects(system.homesAdmin.list({ limit: 1, cursor: 'x' }), coded('invalid-cursor'))
  })

  test('a home that failed is seen with its reason, and a retry finishes it', async () => {
    let refuses = true
    await using proxy = await startS3Proxy(s3.url, {
      before: ({ method, path }) =>
        refuses && method === 'PUT' && path.includes('encryption') ? s3Error(501, 'NotImplemented') : 'forward',
    })
    await using system = await start(proxy.url)
    const userId = await addUser(database)
    await assert.rejects(system.homes.home({ userId, personal: true }, ORIGIN), coded('provisioning-failed'))
    const failed = await homeOf(system, userId)
    assert.equal(failed?.state, 'failed')
    assert.match(failed?.steps.find(({ step }) => step === 'encryption')?.reason ?? '', /NotImplemented/)
    await assert.rejects(system.homesAdmin.retry(userId, admin, ORIGIN), coded('provisioning-failed'))
    refuses = false
    assert.equal((await system.homesAdmin.retry(userId, admin, ORIGIN)).state, 'ready')
    await assert.rejects(system.homesAdmin.retry(await addUser(database), admin, ORIGIN), coded('not-found'))
    const events = await database.query(`select outcome from audit_events where action = 'home.retry'`)
    assert.equal(events.length, 2)
  })

  test('a choice that makes no sense is refused before anything happens', async () => {
    await using system = await start()
    const userId = await addUser(database)
    await system.homes.home({ userId, personal: true }, ORIGIN)
    const remove = (query: Parameters<TestBuckets['homesAdmin']['remove']>[1]) =>
      system.homesAdmin.remove(userId, query, reader(), ORIGIN)
    for (const query of [
      { contents: 'hand-over' },
      { contents: 'hand-over', to: userId },
      { contents: 'hand-over', to: 'usr_nobody' },
      { contents: 'keep', to: admin },
    ] as const) {
      await assert.rejects(remove(query), coded('invalid-request'), JSON.stringify(query))
    }
    await assert.rejects(
      system.homesAdmin.remove(await addUser(database), { contents: 'keep' }, reader(), ORIGIN),
      coded('not-found'),
    )
    assert.equal((await homeOf(system, userId))?.state, 'ready')
    const job = await remove({ contents: 'keep' })
    assert.equal((await system.ended(job.id, admin)).state, 'done')
    assert.equal(await homeOf(system, userId), undefined)
  })

  test("the end of a home is heard everywhere after the owner's access has ended and before anything is deleted", async () => {
    for (const contents of ['delete', 'keep'] as const) {
      const userId = await addUser(database)
      let Bucket = ''
      const heard: unknown[] = []
      const settled = async (): Promise<void> => {
        if (Bucket === '') return
        const permissions = await database.query(`select 1 from permissions where bucket = $1`, [Bucket])
        const { $metadata } = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))
        heard.push([permissions.length, $metadata.httpStatusCode])
      }
      await using system = await testBuckets({ database, endpoint: s3.url, settled })
      const { bucket } = await system.homes.home({ userId, personal: true }, ORIGIN)
      await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: 'k' }))
      Bucket = bucket
      const job = await system.homesAdmin.remove(userId, { contents }, reader(), ORIGIN)
      assert.equal((await system.ended(job.id, admin)).state, 'done')
      assert.deepEqual(heard, [[0, 200]], contents)
    }
  })

  test('kill -9 in the middle of deleting a home: another process goes on, and nothing is left', async () => {
    const userId = await addUser(database)
    let Bucket: string
    let jobId: string
    {
      await using system = await start()
      Bucket = (await system.homes.home({ userId, personal: true }, ORIGIN)).bucket
    }
    for (let i = 0; i < 1500; i += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, j) => s3.client.send(new PutObjectCommand({ Bucket, Key: `k${i + j}` }))),
      )
    }
    const { promise: firstBatch, resolve } = Promise.withResolvers<void>()
    await using proxy = await startS3Proxy(s3.url, {
      // The first batch is deleted, its answer and everything after it never come.
      answered: ({ method, path }) => {
        if (!(method === 'POST' && path.includes('delete'))) return 'forward'
        resolve()
        return new Promise<never>(() => {})
      },
    })
    const script = fileURLToPath(new URL('../buckets/jobs-child.ts', import.meta.url))
    const task = JSON.stringify({ connection: database.connection, endpoint: proxy.url })
    const child = spawn(process.execPath, [script, task], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    {
      await using system = await testBuckets({ database, endpoint: s3.url, works: false })
      jobId = (await system.homesAdmin.remove(userId, { contents: 'delete' }, reader(), ORIGIN)).id
    }
    await firstBatch
    child.kill('SIGKILL')
    await once(child, 'close')
    const [left] = await database.query<{ state: string }>(`select state from homes where user_id = $1`, [userId])
    assert.equal(left?.state, 'deleting')
    await assert.rejects(s3.client.send(new HeadObjectCommand({ Bucket, Key: 'k0' })))

    await using system = await start()
    const job = await system.ended(jobId, admin)
    assert.equal(job.state, 'done')
    assert.ok(!(await s3.buckets()).includes(Bucket))
    assert.deepEqual(await database.query(`select 1 from homes where user_id = $1`, [userId]), [])
    assert.deepEqual(await database.query(`select 1 from permissions where bucket = $1`, [Bucket]), [])
    assert.deepEqual(await database.query(`select state from buckets where name = $1`, [Bucket]), [
      { state: 'deleted' },
    ])
  })
})
