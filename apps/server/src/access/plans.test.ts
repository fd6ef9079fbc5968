import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { NewPermission } from '@skycrate/contract/permissions/schemas'
import { recordPlans } from '../db/record-plans.ts'
import { type TestDatabase, testDatabase } from '../db/test-database.ts'
import { readPermissionPage } from './permission-list.ts'
import { fromPermissionBody } from './permission-rows.ts'
import { previewOf } from './preview.ts'
import { whoCan } from './who-can.ts'

// What PostgreSQL reads for an answer, with so many rows that it would take a sequential scan for the shorter way.

const USERS = 20_000
/** Of the group, and permissions of the second store. */
const FEW = 300

let database: TestDatabase
before(async () => {
  database = await testDatabase()
  await database.query(
    `insert into users (id, email, name, state)
     select 'usr_' || lpad(n::text, 26, '0'), 'person-' || n || '@example.com', 'Person ' || n,
       case when n % 100 = 0 then 'suspended' else 'active' end
     from generate_series(1, ${USERS}) n`,
  )
  await database.query(
    `insert into groups (id, name) select 'grp_' || n, 'group-' || n from generate_series(1, ${USERS / FEW}) n`,
  )
  await database.query(
    `insert into group_members (group_id, user_id, from_claims)
     select 'grp_' || n / ${FEW} + 1, 'usr_' || lpad((n + 1)::text, 26, '0'), true
     from generate_series(0, ${USERS - FEW - 1}) n where n / ${FEW} < ${Math.floor(USERS / FEW)}`,
  )
  await database.query(`insert into stores (id, kind) values ('other', 's3')`)
  await database.query(
    `insert into permissions (id, principal_kind, principal, store, bucket, prefix, can_read, can_write, can_delete, can_list)
     select 'prm_' || lpad(n::text, 26, '0'), 'user', 'usr_' || lpad(n::text, 26, '0'),
       case when n > ${USERS - FEW} then 'other' else 'default' end, 'bucket-' || n % 50, 'folder/', true, true, false, true
     from generate_series(1, ${USERS}) n
     union all select 'prm_a', 'group', 'group-1', 'default', 'reports', 'team/', true, false, false, true
     union all select 'prm_b', 'everyone', '', 'default', 'reports', 'public/', true, false, false, true`,
  )
  await database.query('vacuum analyze users, groups, group_members, permissions')
})
after(() => database[Symbol.asyncDispose]())

const reports = (key: string) => ({ bucket: 'reports', key, action: 'read' as const })
const active = (count: number): number => count - count / 100

test('who can: the members of a group are looked up, and other users are not read', async () => {
  const plans = recordPlans(database)
  const { users } = await whoCan(plans.database, reports('team/a'), Date.now())
  assert.equal(users, active(FEW))
  const { rows, faults } = plans.summary()
  assert.deepEqual(faults, [])
  assert.ok(rows < FEW * 10, `${rows} rows`)
})

test('who can: everyone is counted in an index of active users', async () => {
  const plans = recordPlans(database)
  const { users } = await whoCan(plans.database, reports('public/a'), Date.now())
  assert.equal(users, active(USERS))
  assert.deepEqual(plans.summary().faults, [])
  assert.ok(plans.summary().indexes.includes('users_active'))
})

test('preview: no more users are read than are compared, and everyone is counted in an index', async () => {
  const plans = recordPlans(database)
  const wish: NewPermission = { principal: { kind: 'everyone' }, bucket: 'reports', prefix: '', actions: ['read'] }
  const [change] = await previewOf(plans.database, { before: undefined, after: fromPermissionBody(wish) }, Date.now())
  assert.equal(change?.people, active(USERS))
  assert.deepEqual(plans.summary().faults, [])
  assert.ok(plans.summary().indexes.includes('users_active'))
})

test('the permissions of a store that was added late are not behind all others', async () => {
  const plans = recordPlans(database)
  const page = await readPermissionPage(plans.database, { store: 'other' }, 100, undefined)
  assert.equal(page.rows.length, 100)
  const { rows, indexes } = plans.summary()
  assert.ok(indexes.includes('permissions_store'))
  assert.ok(rows < FEW * 10, `${rows} rows`)
})
