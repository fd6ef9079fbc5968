import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { UserId } from '@skycrate/core/naming/id'
import { testDatabase, type TestDatabase } from '../../src/db/test-database.ts'
import type { ChildTask } from './homes-child.ts'
import { type S3Fixture, startS3Fixture } from './s3-fixture.ts'
import { startS3Proxy } from './s3-proxy.ts'
import { type HomesChild, spawnHomesChild } from './spawn-homes-child.ts'
import { addUser, ORIGIN, testHomes } from './test-homes.ts'

/** Processes that are killed at once: each costs a start of Node. */
const AT_ONCE = 3

suite('homes when the process is killed', () => {
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

  /** Runs a first request in a process that dies at the given moment; resolves with what it had asked of the store. */
  async function die(
    userId: UserId,
    at: { request: number; when: 'before' | 'after' } | 'audit-before' | 'audit-after',
  ) {
    const running: { child?: HomesChild } = {}
    const killAt = (when: 'before' | 'after', number: number) => {
      if (typeof at === 'string' || at.when !== when || at.request !== number) return 'forward'
      running.child?.kill()
      return 'break'
    }
    await using proxy = await startS3Proxy(s3.url, {
      before: ({ number }) => killAt('before', number),
      answered: ({ number }) => killAt('after', number),
    })
    const task: ChildTask = {
      connection: database.connection,
      endpoint: proxy.url,
      userId,
      config: {},
      requests: 1,
      dieAtAudit: typeof at === 'string' ? (at.slice('audit-'.length) as 'before' | 'after') : undefined,
    }
    running.child = spawnHomesChild(task)
    return { buckets: await running.child.buckets, seen: [...proxy.seen] }
  }

  /** What must hold once a new process has finished what the killed one began. */
  async function assertOneHome(userId: UserId, moment: string): Promise<void> {
    const homes = testHomes({ database, endpoint: s3.url })
    await homes.resumeUnfinished()
    const home = await homes.home({ userId, personal: true }, ORIGIN)
    const atS3 = (await s3.buckets()).filter((bucket) => bucket.includes(userId.slice(4)))
    assert.deepEqual(atS3, [home.bucket], `buckets at S3 after ${moment}`)
    const records = await database.query(`select name as bucket, state from buckets where user_id = $1`, [userId])
    assert.deepEqual(records, [{ bucket: home.bucket, state: 'ready' }], `records after ${moment}`)
    const permissions = await database.query(`select bucket, prefix from permissions where principal = $1`, [userId])
    assert.deepEqual(permissions, [{ bucket: home.bucket, prefix: '' }], `permissions after ${moment}`)
    const events = await database.query<{ outcome: string; bucket: string }>(
      `select outcome, bucket from audit_events where user_id = $1`,
      [userId],
    )
    assert(events.length >= 1, `no audit event after ${moment}`)
    for (const event of events) assert.deepEqual(event, { outcome: 'allow', bucket: home.bucket }, moment)
    assert(
      home.steps.every((step) => step.outcome === 'applied'),
      `steps after ${moment}: ${JSON.stringify(home.steps)}`,
    )
  }

  test(
    'kill -9 at every request to the store, then a restart: one home, one bucket',
    { timeout: 180_000 },
    async () => {
      const whole = await die(await addUser(database), { request: 0, when: 'before' })
      assert.equal(whole.buckets?.length, 1)
      const moments = whole.seen.flatMap((request, i) =>
        (['before', 'after'] as const).map((when) => ({
          request: i + 1,
          when,
          what: request.replace(/skycrate-\w+-\d+/, '…'),
        })),
      )
      assert(moments.length > 20, `only ${moments.length} moments: ${whole.seen.join(', ')}`)
      const next = moments.values()
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (const moment of next) {
            const userId = await addUser(database)
            const { buckets } = await die(userId, moment)
            assert.equal(buckets, undefined, `it survived ${moment.when} ${moment.what}`)
            await assertOneHome(userId, `kill ${moment.when} ${moment.what}`)
          }
        }),
      )
    },
  )

  for (const at of ['audit-before', 'audit-after'] as const) {
    test(`kill -9 ${at.slice('audit-'.length)} the audit event: the home is finished, its event there`, async () => {
      const userId = await addUser(database)
      assert.equal((await die(userId, at)).buckets, undefined)
      assert.deepEqual(await database.query(`select id from permissions where principal = $1`, [userId]), [])
      await assertOneHome(userId, at)
    })
  }
})
