import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionSet } from '@skycrate/core/access/operation'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { pino } from 'pino'
import { createGate } from '../access/create-gate.ts'
import { openPermissionCache } from '../access/permission-cache.ts'
import { deletePermissionRow, insertPermission } from '../access/permission-rows.ts'
import { isProblem, origin } from '../access/test-permissions.ts'
import type { AuditAction } from '@skycrate/contract/audit-actions'
import { createAuditLog } from '../audit/audit-writer.ts'
import { recordPlans } from '../db/record-plans.ts'
import { testDatabase } from '../db/test-database.ts'
import { recentOf } from './recent-rows.ts'
import { createStarPlaces } from './star-places.ts'
import { createStarred } from './starred.ts'

const ada = { userId: 'usr_01hf7yat000000000000000001', groups: [] } as const
const bob = { userId: 'usr_01hf7yat000000000000000002', groups: [] } as const
/** Nothing held is believed, so that a permission that is taken is gone at once. */
const never = { isFresh: () => false, settled: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() }

async function open() {
  const stack = new AsyncDisposableStack()
  const database = stack.use(await testDatabase())
  const permissions = stack.use(await openPermissionCache(database, never))
  const audit = createAuditLog({ sql: database.hot, logger: pino({ level: 'silent' }), now: Date.now })
  const presences = { isKnown: () => true, isMissing: () => Promise.resolve(false) }
  const gate = createGate({ permissions, audit, presences, now: Date.now })
  await database.query('insert into users (id) select unnest($1::text[])', [[ada.userId, bob.userId]])
  const allow = (id: `prm_${string}`, prefix: string, actions: Parameters<typeof actionSet>[0]) =>
    insertPermission(database, id, {
      principal: { kind: 'user', userId: ada.userId },
      store: DEFAULT_STORE,
      bucket: 'b',
      prefix,
      actions: actionSet(actions),
      expiresAt: undefined,
      description: '',
    })
  return {
    database,
    starred: createStarred({ gate, permissions, database, now: Date.now }),
    allow,
    take: (id: `prm_${string}`) => deletePermissionRow(database, id),
    note: (action: AuditAction, key: string, outcome: 'allow' | 'deny' = 'allow') =>
      audit.record({ action, outcome, userId: ada.userId, bucket: 'b', key, reason: null, origin } as never),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

test('a star is set and taken away once, and is nobody else’s', async () => {
  await using use = await open()
  const { starred } = use
  await use.allow('prm_1', '', ['list', 'read'])
  await starred.star(ada, { bucket: 'b', key: 'x/a.txt' }, origin)
  await starred.star(ada, { bucket: 'b', key: 'x/a.txt' }, origin)
  await starred.star(ada, { bucket: 'b', prefix: 'x/' }, origin)
  await starred.star(ada, { bucket: 'b', prefix: '' }, origin)
  assert.deepEqual(
    (await starred.list(ada)).starred.map(({ key, kind, name }) => ({ key, kind, name })),
    [
      { key: '', kind: 'folder', name: 'b' },
      { key: 'x/', kind: 'folder', name: 'x' },
      { key: 'x/a.txt', kind: 'file', name: 'a.txt' },
    ],
  )
  assert.deepEqual((await starred.list(bob)).starred, [])
  await starred.unstar(bob, { bucket: 'b', prefix: 'x/' })
  await starred.unstar(ada, { bucket: 'b', key: 'x/a.txt' })
  await starred.unstar(ada, { bucket: 'b', key: 'x/a.txt' })
  assert.equal((await starred.list(ada)).starred.length, 2)
})

test('a star on what is withdrawn shows nothing, and comes back with the permission', async () => {
  await using use = await open()
  const { starred } = use
  await use.allow('prm_1', 'x/', ['list', 'read'])
  await use.allow('prm_2', 'y/', ['read'])
  await starred.star(ada, { bucket: 'b', prefix: 'x/' }, origin)
  await starred.star(ada, { bucket: 'b', key: 'y/b.txt' }, origin)
  await use.take('prm_1')
  assert.deepEqual(
    (await starred.list(ada)).starred.map(({ key }) => key),
    ['y/b.txt'],
  )
  await use.allow('prm_3', 'x/', ['list'])
  assert.equal((await starred.list(ada)).starred.length, 2)
})

test('nothing is starred where nothing is allowed, and the refusal is recorded', async () => {
  await using use = await open()
  const { starred, database } = use
  await use.allow('prm_1', 'x/', ['read'])
  for (const place of [{ key: 'elsewhere/a.txt' }, { prefix: 'x/' }, { prefix: '' }]) {
    await assert.rejects(starred.star(ada, { bucket: 'b', ...place }, origin), isProblem('forbidden'))
  }
  for (const place of [{}, { key: 'a', prefix: 'b/' }, { prefix: 'x' }, { key: 'x/' }]) {
    await assert.rejects(starred.star(ada, { bucket: 'b', ...place }, origin), isProblem('invalid-request'))
  }
  await assert.rejects(starred.star(ada, { bucket: 'b', key: 'x/../y' }, origin), isProblem('invalid-key'))
  assert.deepEqual(await database.query('select key from starred'), [])
  assert.deepEqual(
    await database.query(`select outcome, key from audit_events where action = 'object.star' order by id`),
    [
      { outcome: 'deny', key: 'elsewhere/a.txt' },
      { outcome: 'deny', key: 'x/' },
      { outcome: 'deny', key: '' },
    ],
  )
})

test('stars are limited, also where many come at once', async () => {
  await using use = await open()
  const { starred, database } = use
  await use.allow('prm_1', '', ['list'])
  await database.query(
    `insert into starred (user_id, store, bucket, key) select $1, 'default', 'b', 'k' || n from generate_series(1, 495) n`,
    [ada.userId],
  )
  const results = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) => starred.star(ada, { bucket: 'b', key: `new-${i}` }, origin)),
  )
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 5)
  for (const result of results) {
    if (result.status === 'rejected') assert.ok(isProblem('conflict')(result.reason))
  }
  // What is starred already is no new star.
  await starred.star(ada, { bucket: 'b', key: 'k1' }, origin)
})

test('a star that waits for its file to be restored counts for no limit, and is one of so many', async () => {
  await using use = await open()
  const { starred, database } = use
  await use.allow('prm_1', '', ['list'])
  await database.query(
    `insert into starred (user_id, store, bucket, key, deleted_at)
     select $1, 'default', 'b', 'k' || n, now() - n * interval '1 minute' from generate_series(1, 500) n`,
    [ada.userId],
  )
  assert.deepEqual((await starred.list(ada)).starred, [])
  const places = createStarPlaces({ database, logger: pino({ level: 'silent' }) })
  await starred.star(ada, { bucket: 'b', key: 'new' }, origin)
  await places.deleted({ store: DEFAULT_STORE, bucket: 'b' }, ['new'])
  await starred.star(ada, { bucket: 'b', key: 'k7' }, origin)
  await starred.star(ada, { bucket: 'b', key: 'newer' }, origin)
  assert.deepEqual(
    (await starred.list(ada)).starred.map(({ key }) => key),
    ['newer', 'k7'],
  )
  const [row] = await database.query<{ waiting: number; first: boolean }>(
    `select count(*)::integer as waiting, bool_or(key = 'new') as first from starred where deleted_at is not null`,
  )
  assert.deepEqual(row, { waiting: 500, first: true })
  await places.restored({ store: DEFAULT_STORE, bucket: 'b' }, ['new'])
  assert.equal((await starred.list(ada)).starred.length, 3)
})

test('where stars cannot follow, what is done to files goes on', async () => {
  const database = { query: () => Promise.reject(new Error('no connection')) }
  const places = createStarPlaces({ database: database as never, logger: pino({ level: 'silent' }) })
  const place = { store: DEFAULT_STORE, bucket: 'b' }
  await places.moved(place, place, [{ from: 'a', to: 'b' }])
  await places.folderMoved({ ...place, prefix: 'a/' }, { ...place, prefix: 'b/' })
  await places.deleted(place, ['a'])
})

test('recent is what one did last with files that one may still see, without what one deleted', async () => {
  await using use = await open()
  const { starred } = use
  await use.allow('prm_1', 'x/', ['read'])
  await use.allow('prm_2', 'y/', ['list'])
  await use.note('object.put', 'x/a.txt')
  await use.note('object.get', 'y/b.txt')
  await use.note('object.get', 'z/not mine.txt')
  await use.note('object.get', 'x/refused.txt', 'deny')
  await use.note('upload.complete', 'x/deleted.txt')
  await use.note('object.delete', 'x/deleted.txt')
  await use.note('object.list', 'x/')
  await use.note('object.get', 'x/a.txt')
  assert.deepEqual(
    (await starred.recent(ada)).recent.map(({ key, name, action }) => ({ key, name, action })),
    [
      { key: 'x/a.txt', name: 'a.txt', action: 'object.get' },
      { key: 'y/b.txt', name: 'b.txt', action: 'object.get' },
    ],
  )
  assert.deepEqual((await starred.recent(bob)).recent, [])
  await use.take('prm_1')
  assert.equal((await starred.recent(ada)).recent.length, 1)
})

test('recent looks at no more than the last events of its caller, in an index', async () => {
  await using use = await open()
  const { database } = use
  await database.query(
    `insert into audit_events (id, at, action, outcome, user_id, store, bucket, key, door, request_id)
     select 'evt_' || lpad(n::text, 26, '0'), now(), 'object.get', 'allow', $1, 'default', 'b', 'k' || n % 700, 'rest', 'req'
     from generate_series(1, 20000) n`,
    [ada.userId],
  )
  await database.query('vacuum analyze audit_events')
  const plans = recordPlans(database)
  assert.equal((await recentOf(plans.database, ada.userId)).length, 300)
  const { rows, faults } = plans.summary()
  assert.deepEqual(faults, [])
  assert.ok(rows <= 5_000, `${rows} rows`)
})
